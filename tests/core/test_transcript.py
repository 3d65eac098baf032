import pytest

from syncd.core.transcript import PAID_STAGES, RETRIABLE, PayloadState, Stage


@pytest.mark.parametrize("state", PayloadState)
def test_every_state_has_a_meaning_in_words(state: PayloadState) -> None:
    assert state.meaning
    assert not state.meaning.endswith(".")


def test_meanings_tell_the_states_apart() -> None:
    assert len({state.meaning for state in PayloadState}) == len(PayloadState)


def test_all_states_but_two_are_ends() -> None:
    assert {state for state in PayloadState if not state.is_end} == {PayloadState.PENDING, PayloadState.SHELVED}


@pytest.mark.parametrize("state", PayloadState)
def test_only_an_end_that_may_change_is_worth_another_try(state: PayloadState) -> None:
    assert state.is_worth_another_try == (state in RETRIABLE)
    assert state.is_end or not state.is_worth_another_try


def test_what_recall_said_for_good_is_not_asked_again() -> None:
    final = {PayloadState.FAILED, PayloadState.DELETED, PayloadState.LOADED, PayloadState.EMPTY, PayloadState.NONE}
    assert not final & set(RETRIABLE)


def test_only_loading_costs_no_call() -> None:
    assert set(Stage) - set(PAID_STAGES) == {Stage.LOAD}
