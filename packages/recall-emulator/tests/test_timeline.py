import math

import pytest

from recall_emulator.scenario import Scenario
from recall_emulator.timeline import Timeline

CREATED_AT = 1000.0


def codes(scenario: Scenario, *moments: float) -> list[str]:
    return [Timeline(scenario, CREATED_AT).at(CREATED_AT + moment).code for moment in moments]


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
    state = Timeline(Scenario(finishes_after=5, end=end, sub_code="why"), CREATED_AT).at(CREATED_AT + 5)
    assert (state.code, state.sub_code, state.updated_at) == (end, "why", CREATED_AT + 5)
    assert not state.has_transcript_link


def test_done_becomes_deleted() -> None:
    assert codes(Scenario(finishes_after=5, deleted_after=3), 5, 7.9, 8) == ["done", "done", "deleted"]


def test_done_may_relapse_to_processing_and_recover() -> None:
    scenario = Scenario(finishes_after=5, relapses_after=2, relapse_seconds=4, deleted_after=1)
    assert codes(scenario, 6, 7, 10.9, 11, 12) == ["done", "processing", "processing", "done", "deleted"]


def test_the_download_link_comes_late_where_the_scenario_says_so() -> None:
    timeline = Timeline(Scenario(finishes_after=5, download_link_delay=2), CREATED_AT)
    early, late = timeline.at(CREATED_AT + 6.9), timeline.at(CREATED_AT + 7)
    assert (early.code, early.has_transcript_link, early.has_provider_link) == ("done", False, True)
    assert (late.has_transcript_link, late.has_provider_link) == (True, True)


def test_without_provider_data_there_is_no_second_link() -> None:
    state = Timeline(Scenario(has_provider_data=False), CREATED_AT).at(CREATED_AT)
    assert (state.has_transcript_link, state.has_provider_link) == (True, False)


def test_the_provider_link_and_the_emails_may_come_later() -> None:
    timeline = Timeline(Scenario(finishes_after=5, provider_link_delay=2, email_delay=3), CREATED_AT)
    states = [timeline.at(CREATED_AT + moment) for moment in (5, 6.9, 7, 7.9, 8)]
    assert [state.has_provider_link for state in states] == [False, False, True, True, True]
    assert [state.has_emails for state in states] == [False, False, False, False, True]
    assert all(state.has_transcript_link for state in states)


@pytest.mark.parametrize(
    ("scenario", "gone_after", "expected"),
    [
        (Scenario(finishes_after=5), 8, ["processing", "done", "deleted"]),
        (Scenario(finishes_after=5), 5, ["processing", "deleted", "deleted"]),
        (Scenario(finishes_after=5), 2, ["deleted", "deleted", "deleted"]),
        (Scenario(finishes_after=5), -9, ["deleted", "deleted", "deleted"]),
        (Scenario(finishes_after=5, deleted_after=2), 8, ["processing", "done", "deleted"]),
        (Scenario(finishes_after=5, end="failed"), 8, ["processing", "failed", "deleted"]),
        (Scenario(finishes_after=5, end="not_found"), 8, ["processing", "not_found", "not_found"]),
        (Scenario(finishes_after=None), 8, ["processing", "processing", "deleted"]),
    ],
)
def test_it_is_deleted_when_it_goes_whatever_it_was(
    scenario: Scenario, gone_after: float, expected: list[str]
) -> None:
    timeline = Timeline(scenario, CREATED_AT, CREATED_AT + gone_after)
    assert [timeline.at(CREATED_AT + moment).code for moment in (4, 6, 8)] == expected
    assert timeline.at(CREATED_AT - 0.1).is_missing


def test_what_could_be_downloaded_last_is_known() -> None:
    def last(scenario: Scenario, gone_after: float = math.inf) -> tuple[bool, bool, bool] | None:
        state = Timeline(scenario, CREATED_AT, CREATED_AT + gone_after).last_done()
        return (state.has_transcript_link, state.has_provider_link, state.has_emails) if state else None

    late = Scenario(finishes_after=5, provider_link_delay=2, email_delay=3)
    assert last(late) == (True, True, True)
    assert last(late, 8) == (True, True, False)
    assert last(late, 6) == (True, False, False)
    assert last(late, 5) is None
    assert last(Scenario(is_stored=False)) == (False, False, True)
    assert last(Scenario(end="failed")) is None
    assert last(Scenario(finishes_after=5, relapses_after=2, relapse_seconds=4, email_delay=1), 7.5) == (
        True,
        True,
        True,
    )
