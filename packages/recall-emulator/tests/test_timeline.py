import math

import pytest

from recall_emulator.scenario import Scenario
from recall_emulator.timeline import transcript_state_at

CREATED_AT = 1000.0


def codes(scenario: Scenario, *moments: float) -> list[str]:
    return [transcript_state_at(scenario, CREATED_AT, CREATED_AT + moment).code for moment in moments]


def test_a_transcript_is_unknown_then_processing_then_done() -> None:
    assert codes(Scenario(finishes_after=10), -1, 0, 9.9, 10, 1e9) == [
        "not_found",
        "processing",
        "processing",
        "done",
        "done",
    ]


def test_without_an_end_it_stays_in_processing() -> None:
    assert codes(Scenario(finishes_after=None), 0, math.inf) == ["processing", "processing"]


@pytest.mark.parametrize("end", ["failed", "deleted", "not_found", "a_word_of_tomorrow"])
def test_it_ends_as_the_scenario_says(end: str) -> None:
    state = transcript_state_at(Scenario(finishes_after=5, end=end, sub_code="why"), CREATED_AT, CREATED_AT + 5)
    assert (state.code, state.sub_code, state.updated_at) == (end, "why", CREATED_AT + 5)
    assert not state.has_transcript_link


def test_done_becomes_deleted() -> None:
    assert codes(Scenario(finishes_after=5, deleted_after=3), 5, 7.9, 8) == ["done", "done", "deleted"]


def test_done_may_relapse_to_processing_and_recover() -> None:
    scenario = Scenario(finishes_after=5, relapses_after=2, relapse_seconds=4, deleted_after=1)
    assert codes(scenario, 6, 7, 10.9, 11, 12) == ["done", "processing", "processing", "done", "deleted"]


def test_the_download_link_comes_late_where_the_scenario_says_so() -> None:
    scenario = Scenario(finishes_after=5, download_link_delay=2)
    early, late = (
        transcript_state_at(scenario, CREATED_AT, CREATED_AT + 6.9),
        transcript_state_at(scenario, CREATED_AT, CREATED_AT + 7),
    )
    assert (early.code, early.has_transcript_link, early.has_provider_link) == ("done", False, True)
    assert (late.has_transcript_link, late.has_provider_link) == (True, True)


def test_without_provider_data_there_is_no_second_link() -> None:
    state = transcript_state_at(Scenario(has_provider_data=False), CREATED_AT, CREATED_AT)
    assert (state.has_transcript_link, state.has_provider_link) == (True, False)
