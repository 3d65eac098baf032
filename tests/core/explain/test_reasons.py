"""Why the next poll is due when it is."""

from dataclasses import replace
from typing import Any

import pytest

from syncd.core.explain.diagnosis import Rule
from syncd.core.transcript import Stage
from tests.core.explain.diagnoses import ENTRY, FORECAST, at, explained


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"last_error": "Recall does not know it (404).", "last_error_at": at(-2), "not_found_count": 2},
            [
                "The last try failed 2025-06-10 19:59:58 UTC (2 s ago): Recall does not know it (404).",
                "A 404 is unconfirmed until it has come 3 times, 15 s and 45 s apart; so far it has come 2 times.",
            ],
            id="404",
        ),
        pytest.param(
            {"last_error": "Refused (403).", "forbidden_count": 2},
            ["403s in a row: 2; it waits longer after each: 1 min, 10 min, 1 h."],
            id="403",
        ),
        pytest.param(
            {"last_error": "Busy.", "attempts": 4},
            ["Failures in a row: 4.", "it waits 1 s, and twice as long after each further one, up to 10 min."],
            id="5xx",
        ),
        pytest.param(
            {"last_error": "Cut short.", "attempts": 4, "stage": Stage.DOWNLOAD}, ["up to 1 h."], id="download"
        ),
        pytest.param(
            {"last_error": "5 leases in a row expired.", "expired_lease_count": 5},
            ["Its leases expired again and again, so it waits longer each time, up to 1 h."],
            id="expired leases",
        ),
        pytest.param(
            {"last_error": "Recall throttled the call (429)."},
            ["It waits because of that error, which costs it no attempt."],
            id="429",
        ),
        pytest.param(
            {"last_seen_at": None, "threshold_s": None},
            ["It has not been polled since it was tracked, so it is due at once"],
            id="never polled",
        ),
    ],
)
def test_why_it_waits_without_a_survival_curve(changes: dict[str, Any], words: list[str]) -> None:
    text = explained(entry=replace(ENTRY, **changes))
    for each in words:
        assert each in text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            Rule.THRESHOLD,
            "By its survival curve its poll index reaches the threshold of 0.5 s after 30 s; "
            "gaps are spread by 10% to either side.",
        ),
        (
            Rule.SHORTEST_GAP,
            "Its poll index reaches the threshold of 0.5 s almost at once, so the shortest gap decided: 0.5 s.",
        ),
        (Rule.LONGEST_GAP, "Within the longest gap, 1 h, its poll index does not reach the threshold of 0.5 s;"),
        (
            Rule.DELETION,
            "No gap is longer than 10% of the 2 h until Recall deletes it, and within that its poll index",
        ),
        (Rule.UNKNOWN_STATUS, "syncd does not know the status processing, so the gap is 1 min at least."),
    ],
)
def test_the_rule_that_decided_is_named(rule: Rule, words: str) -> None:
    text = explained(forecast=replace(FORECAST, rule=rule))
    assert words in text
    assert "at an age of 5 min 40 s. The next poll was planned 32 s after that." in text


@pytest.mark.parametrize(
    ("entry", "forecast", "words"),
    [
        (
            {},
            {},
            "It counts as deepgram_async, with a long recording (30 min or more); its survival curve rests on"
            " 41.5 finished ones",
        ),
        ({"recording_length": "short"}, {}, "with a short recording (less than 30 min)"),
        ({"recording_length": None}, {}, "deepgram_async, with a recording of unknown length"),
        ({"provider": None}, {}, "a transcript of an unknown provider"),
        ({}, {"finished_count": 0.0}, "a first guess: none of its kind has been seen to finish lately."),
        (
            {},
            {},
            "It is 6 min old. It has finished since with a probability of 12.5%; the expected lag so far is 1.5 s.",
        ),
        ({}, {}, "half have finished by 6 min 40 s, nine in ten never, as far as is known."),
        ({}, {}, "The threshold of the poll index is 0.25 s now; it was 0.5 s when the poll was planned."),
        ({"threshold_s": None}, {"rule": None}, "The threshold of the poll index is 0.25 s now."),
        (
            {"absent_from_done_at": at(-3)},
            {"unfinished_age_s": 357.0},
            "It was missing from a page of finished transcripts 2025-06-10 19:59:57 UTC",
        ),
    ],
)
def test_what_the_survival_curve_says(entry: dict[str, Any], forecast: dict[str, Any], words: str) -> None:
    assert words in explained(entry=replace(ENTRY, **entry), forecast=replace(FORECAST, **forecast))
