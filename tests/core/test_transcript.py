from syncd.core.transcript import PAID_STAGES, ContentState, Stage


def test_all_states_but_two_are_ends() -> None:
    assert {state for state in ContentState if not state.is_end} == {ContentState.PENDING, ContentState.STORED}


def test_only_loading_costs_no_call() -> None:
    assert set(Stage) - set(PAID_STAGES) == {Stage.LOAD}
