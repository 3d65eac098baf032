"""Values in, sentences out."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd.core.explain.blocker import no_call
from syncd.core.explain.diagnosis import Ahead, BudgetView, Diagnosis, Forecast, QueueRow, Record, Rule
from syncd.core.explain.sentences import explain, in_a_line
from syncd.core.explain.wording import moment, span
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

ID = UUID(TRANSCRIPT_ID)
MEANS = BudgetView(limit=300, assumed_limit=300, available=10, reserve=3, rate=5.0, occupied=0)
RECORD = Record("default", NOW - timedelta(minutes=5), "pending", "not finished by Recall", False)
SEEN = replace(RECORD, status="processing", provider="deepgram_async", created_at=NOW - timedelta(minutes=6))
PLACE = QueueRow(
    stage=Stage.POLL,
    due_at=NOW + timedelta(seconds=12.34),
    tracked_at=NOW - timedelta(minutes=5),
    pending_until=NOW + timedelta(days=2),
)
SEEN_PLACE = replace(
    PLACE,
    is_observed=True,
    last_seen_at=NOW - timedelta(seconds=20),
    created_at=NOW - timedelta(minutes=6),
    provider="deepgram_async",
    recording_length="long",
    threshold_s=0.5,
)
FORECAST = Forecast(
    finished=41.5,
    age_s=360.0,
    looked_age_s=340.0,
    seen_age_s=340.0,
    chance=0.125,
    expected_lag_s=1.5,
    median_s=400.0,
    p90_s=None,
    price_s=0.25,
    wait_s=32.0,
    worth_s=30.0,
    left_s=7200.0,
    rule=Rule.PRICE,
)
FRONT = Ahead(is_served=True, repriced_at=NOW, breaker=CircuitBreaker(), retrieve=MEANS, list=None)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def said(
    record: Record = SEEN,
    queue_row: QueueRow | None = SEEN_PLACE,
    forecast: Forecast | None = None,
    ahead: Ahead | None = FRONT,
) -> str:
    return "\n".join(explain(Diagnosis(ID, NOW, record, queue_row, forecast, ahead)))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.002, "0.002 s"),
        (0.12345, "0.123 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (61.4, "1 min 1 s"),
        (120.0, "2 min"),
        (3600.0, "1 h"),
        (3599.7, "1 h"),
        (7384.0, "2 h 3 min"),
        (86400.0, "1 d"),
        (30 * 86400.0 - 1, "29 d 23 h"),
    ],
)
def test_a_length_of_time_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(75.0, "in 1 min 15 s"), (-3.0, "3 s ago"), (0.0, "in 0 s")])
def test_a_time_says_how_far_it_is(seconds: float, words: str) -> None:
    assert moment(at(seconds), NOW) == f"{at(seconds):%Y-%m-%d %H:%M:%S} UTC ({words})"


def test_of_an_unknown_id_it_says_how_to_track_it() -> None:
    assert explain(Diagnosis(ID, NOW)) == [f"{ID} is not tracked. To track it: syncd track {ID}"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "is tracked in the workspace default since 2025-06-10 19:55:00 UTC (5 min ago)."),
        ({}, "At Recall it is processing; created at 2025-06-10 19:54:00 UTC (6 min ago)."),
        (
            {"sub_code": "slow", "status_updated_at": at(-9)},
            "processing (slow) since 2025-06-10 19:59:51 UTC (9 s ago)",
        ),
        ({"status": None}, "Recall has never shown it."),
        ({}, "Its content is pending: not finished by Recall."),
        ({"payload_reason": "Odd."}, "not finished by Recall. Odd."),
        (
            {"provider_data_state": "too_large", "provider_data_reason": "Too large."},
            "The provider's file: too_large (Too large).",
        ),
    ],
)
def test_where_it_stands(changes: dict[str, Any], words: str) -> None:
    assert words in said(replace(SEEN, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Its next turn is due 2025-06-10 20:00:12 UTC (in 12.3 s)."),
        ({"due_at": at(-5)}, "It has been due since 2025-06-10 19:59:55 UTC (5 s ago)."),
        (
            {"absent_at": at(-1)},
            "no longer showed it 2025-06-10 19:59:59 UTC (1 s ago), so it is asked about first, due",
        ),
        (
            {"lease_holder": "host:1", "lease_until": at(30)},
            "host:1 is working on it, and keeps it until 2025-06-10 20:00:30 UTC (in 30 s) or longer.",
        ),
        (
            {"lease_holder": "host:1", "lease_until": at(-30)},
            "The lease of host:1 ran out 2025-06-10 19:59:30 UTC (30 s ago); any process may claim it.",
        ),
        ({"stage": Stage.DOWNLOAD}, "What is to be done next is download: ask Recall for fresh links"),
        ({"stage": Stage.LOAD}, "which costs no call."),
        ({}, "given up at the first answer after 2025-06-12 20:00:00 UTC (in 2 d)"),
    ],
)
def test_when_it_is_looked_at_next(changes: dict[str, Any], words: str) -> None:
    assert words in said(queue_row=replace(SEEN_PLACE, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"last_error": "Recall does not know it (404).", "last_error_at": at(-2), "not_found_count": 2},
            [
                "The last try failed 2025-06-10 19:59:58 UTC (2 s ago): Recall does not know it (404).",
                "A 404 is a suspicion until it has come 3 times, 15 s and 45 s apart; so far it has come 2 times.",
            ],
            id="404",
        ),
        pytest.param(
            {"last_error": "Refused (403).", "forbidden_count": 2},
            ["403s in a row: 2; after each it waits longer: 1 min, 10 min, 1 h."],
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
            {"last_error": "5 leases in a row ran out.", "expired_lease_count": 5},
            ["Whoever worked on it was lost, again and again, so it waits longer each time, up to 1 h."],
            id="rescued",
        ),
        pytest.param(
            {"last_error": "Recall throttled the call (429)."},
            ["It waits because of that error, which costs it no attempt."],
            id="429",
        ),
        pytest.param(
            {"last_seen_at": None, "threshold_s": None},
            ["Nobody has seen it since it was tracked, so it is due at once"],
            id="never seen",
        ),
    ],
)
def test_why_it_waits_where_no_price_decided(changes: dict[str, Any], words: list[str]) -> None:
    text = said(queue_row=replace(SEEN_PLACE, **changes))
    for each in words:
        assert each in text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            Rule.PRICE,
            "The price decided: a look had to be worth 0.5 s of lag then, and by its curve, as it is now, it",
        ),
        (Rule.PRICE, "it is after 30 s; gaps are spread by 10% to either side."),
        (Rule.SHORTEST, "It is expected at any moment, so the shortest gap decided: 0.5 s."),
        (Rule.LONGEST, "so the longest gap decided: 1 h."),
        (Rule.DEADLINE, "nobody waits longer than a share of 10% of the time until Recall deletes it: 2 h."),
        (Rule.UNKNOWN_STATUS, "Nobody knows the status processing, so it is looked at after 1 min at least."),
    ],
)
def test_why_then(rule: Rule, words: str) -> None:
    text = said(forecast=replace(FORECAST, rule=rule))
    assert words in text
    assert "at an age of 5 min 40 s. The next look was planned 32 s after that." in text


@pytest.mark.parametrize(
    ("queue_row", "forecast", "words"),
    [
        (
            {},
            {},
            "It counts as deepgram_async, with a long recording (30 min or more); its curve was learned from 41.5",
        ),
        ({"recording_length": "short"}, {}, "with a short recording (less than 30 min)"),
        ({"recording_length": None}, {}, "deepgram_async, its recording of unknown length"),
        ({"provider": None}, {}, "a transcript whose provider is not known"),
        ({}, {"finished": 0.0}, "a first guess: none of its kind was seen to finish lately."),
        (
            {},
            {},
            "It is 6 min old; the chance that it has finished since is 12.5%, and the lag to be expected so far is",
        ),
        ({}, {}, "half have finished by 6 min 40 s, nine in ten never, as far as is known."),
        ({}, {}, "The price of a look is 0.25 s of lag now; 0.5 s when its turn was planned."),
        ({"threshold_s": None}, {"rule": None}, "The price of a look is 0.25 s of lag now."),
        ({"absent_from_done_at": at(-3)}, {"seen_age_s": 357.0}, "A page of finished ones did not show it"),
    ],
)
def test_what_its_curve_says(queue_row: dict[str, Any], forecast: dict[str, Any], words: str) -> None:
    assert words in said(queue_row=replace(SEEN_PLACE, **queue_row), forecast=replace(FORECAST, **forecast))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_served": False}, "No daemon has ever served its workspace."),
        ({"repriced_at": None}, "No daemon seems to run: none has ever computed the price of a look."),
        ({"repriced_at": at(-300)}, "the last time was 2025-06-10 19:55:00 UTC (5 min ago)."),
        (
            {"breaker": CircuitBreaker(at(60), "Refused (401).")},
            "paused until 2025-06-10 20:01:00 UTC (in 1 min): Refused (401)",
        ),
        (
            {"breaker": CircuitBreaker(at(-1), "Refused (401).")},
            "one call may try whether it is accepted again: Refused (401).",
        ),
        ({"retrieve": None}, "No retrieve has been paid for yet."),
        ({}, "The retrieve budget has 10 calls free of 300 a minute; regular looks leave 3 of them over."),
        ({"retrieve": replace(MEANS, assumed_limit=90)}, "taken for 90 since Recall throttled calls"),
        (
            {"retrieve": replace(MEANS, paused_until=at(9))},
            "paused until 2025-06-10 20:00:09 UTC (in 9 s), after a 429.",
        ),
        ({}, "No other transcript comes before it."),
        (
            {"absent_count": 1, "ahead_count": 2, "other_count": 3},
            "1 that left a page, and 2 of its own line (shown by Recall before); the other line (never shown) takes",
        ),
        ({}, "The list has not been read yet."),
        (
            {"list_paused_until": at(60), "list_pause_reason": "Refused (403)."},
            "The list is not read until 2025-06-10 20:01",
        ),
        ({"list": replace(MEANS, paused_until=at(9))}, "The list is not read until 2025-06-10 20:00:09 UTC (in 9 s)"),
        ({"list": MEANS, "list_turns": 7}, "7 pages so far, 10 calls free of 300 a minute."),
        ({"list": MEANS, "list_held_until": at(5)}, "a minute; a page is being read."),
    ],
)
def test_what_stands_in_front_of_it(changes: dict[str, Any], words: str) -> None:
    assert words in said(ahead=replace(FRONT, **changes))


def test_a_daemon_that_runs_is_not_worth_a_word() -> None:
    assert "daemon" not in said(ahead=replace(FRONT, repriced_at=at(-5)))


def test_the_lines_are_named_from_its_own_side() -> None:
    ahead = replace(FRONT, ahead_count=4)
    assert "4 of its own line (never shown); the other line (shown by Recall before)" in said(
        RECORD, PLACE, None, ahead
    )
    to_load = replace(SEEN_PLACE, stage=Stage.LOAD)
    assert "Transcripts to be loaded before it: 4." in said(queue_row=to_load, ahead=ahead)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"payload_state": "loaded", "loaded_at": at(-60), "utterance_count": 12, "word_count": 3456},
            ["12 utterances, 3,456 words.", "It ended 2025-06-10 19:59:00 UTC (1 min ago). That is final"],
        ),
        ({"payload_state": "empty", "loaded_at": at(-60)}, ["It ended 2025-06-10 19:59:00 UTC"]),
        (
            {"payload_state": "failed", "status": "failed", "observed_at": at(-60)},
            ["At Recall it is failed", "It ended 2025-06-10 19:59:00 UTC", "That is final"],
        ),
        (
            {"payload_state": "deleted", "status": "processing", "observed_at": at(-60)},
            ["It has ended; when is not kept. That is final"],
        ),
        (
            {"payload_state": "unreadable", "downloaded_at": at(-60), "is_worth_another_try": True},
            ["It ended 2025-06-10 19:59:00 UTC (1 min ago). Tracking it again gives it another try."],
        ),
        (
            {"payload_state": "missing", "is_worth_another_try": True, "payload_reason": "Asked 3 times."},
            ["Asked 3 times.", "It has ended; when is not kept. Tracking it again gives it another try."],
        ),
        ({"payload_state": "pending"}, ["which should not happen"]),
    ],
)
def test_how_it_ended(changes: dict[str, Any], words: list[str]) -> None:
    text = said(replace(SEEN, **changes), None, None, None)
    for each in words:
        assert each in text


@pytest.mark.parametrize(
    ("record", "queue_row", "line"),
    [
        (SEEN, SEEN_PLACE, "Recall says processing. Its next turn is due 2025-06-10 20:00:12 UTC (in 12.3 s)."),
        (RECORD, replace(PLACE, last_error="Unknown (404)."), "Unknown (404). Its next turn is due"),
        (RECORD, PLACE, "Recall has not shown it. Its next turn is due"),
        (replace(SEEN, status="done", payload_state="loaded"), None, "Recall says done. Its content is loaded"),
        (replace(SEEN, payload_state="abandoned", is_worth_another_try=True), None, "gives it another try."),
    ],
)
def test_after_a_look_a_line_is_enough(record: Record, queue_row: QueueRow | None, line: str) -> None:
    told = in_a_line(Diagnosis(ID, NOW, record, queue_row))
    assert told.startswith(f"{ID}: ")
    assert line in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("budget", "breaker", "words"),
    [
        (MEANS, CircuitBreaker(), None),
        (replace(MEANS, available=1), CircuitBreaker(), None),
        (replace(MEANS, available=0, occupied=300), CircuitBreaker(), "300 of its 300 calls a minute are taken"),
        (
            replace(MEANS, available=0, paused_until=at(60)),
            CircuitBreaker(),
            "is paused until 2025-06-10 20:01:00 UTC (in 1 min)",
        ),
        (
            MEANS,
            CircuitBreaker(at(60), "Refused (401)."),
            "The workspace is paused until 2025-06-10 20:01:00 UTC (in 1 min): R",
        ),
        (MEANS, CircuitBreaker(at(-60), "Refused (401)."), None),
    ],
)
def test_why_no_call_can_be_paid_for(budget: BudgetView, breaker: CircuitBreaker, words: str | None) -> None:
    reason = no_call(budget, breaker, NOW)
    assert (reason is None) == (words is None)
    assert (words or "") in (reason or "")
