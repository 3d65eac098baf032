import math

import pytest

from recall_emulator.scenario import Script
from recall_emulator.timeline import state_at

BORN = 1000.0


def codes(script: Script, *moments: float) -> list[str]:
    return [state_at(script, BORN, BORN + moment).code for moment in moments]


def test_a_transcript_is_unknown_then_processing_then_done() -> None:
    assert codes(Script(finishes_after=10), -1, 0, 9.9, 10, 1e9) == [
        "not_found",
        "processing",
        "processing",
        "done",
        "done",
    ]


def test_without_an_end_it_stays_in_processing() -> None:
    assert codes(Script(finishes_after=None), 0, math.inf) == ["processing", "processing"]


@pytest.mark.parametrize("end", ["failed", "deleted", "not_found", "a_word_of_tomorrow"])
def test_it_ends_as_the_script_says(end: str) -> None:
    state = state_at(Script(finishes_after=5, end=end, sub_code="why"), BORN, BORN + 5)
    assert (state.code, state.sub_code, state.updated_at) == (end, "why", BORN + 5)
    assert not state.has_transcript_link


def test_done_becomes_deleted() -> None:
    assert codes(Script(finishes_after=5, deleted_after=3), 5, 7.9, 8) == ["done", "done", "deleted"]


def test_done_may_relapse_to_processing_and_recover() -> None:
    script = Script(finishes_after=5, relapses_after=2, relapse_seconds=4, deleted_after=1)
    assert codes(script, 6, 7, 10.9, 11, 12) == ["done", "processing", "processing", "done", "deleted"]


def test_the_download_link_comes_late_where_the_script_says_so() -> None:
    script = Script(finishes_after=5, download_link_delay=2)
    early, late = state_at(script, BORN, BORN + 6.9), state_at(script, BORN, BORN + 7)
    assert (early.code, early.has_transcript_link, early.has_provider_link) == ("done", False, True)
    assert (late.has_transcript_link, late.has_provider_link) == (True, True)


def test_without_provider_data_there_is_no_second_link() -> None:
    state = state_at(Script(has_provider_data=False), BORN, BORN)
    assert (state.has_transcript_link, state.has_provider_link) == (True, False)
