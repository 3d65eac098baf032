"""Where a transcript stands, what comes next, and how it ended."""

from dataclasses import replace
from typing import Any

import pytest

from syncd.core.explain.diagnosis import Diagnosis, QueueEntry, Record
from syncd.core.explain.sentences import explain, in_a_line
from syncd.core.transcript import Stage
from tests.core.explain.diagnoses import ENTRY, ID, NEW_ENTRY, NEW_RECORD, RECORD, at, explained
from tests.core.samples import NOW


def test_for_an_unknown_id_it_says_how_to_track_it() -> None:
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
def test_status_and_content(changes: dict[str, Any], words: str) -> None:
    assert words in explained(replace(RECORD, **changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "It is due next at 2025-06-10 20:00:12 UTC (in 12.3 s)."),
        ({"due_at": at(-5)}, "It has been due since 2025-06-10 19:59:55 UTC (5 s ago)."),
        (
            {"absent_at": at(-1)},
            "since 2025-06-10 19:59:59 UTC (1 s ago), so it is polled before all others, due or not.",
        ),
        (
            {"lease_holder": "host:1", "lease_until": at(30)},
            "host:1 has claimed it; the lease runs until 2025-06-10 20:00:30 UTC (in 30 s), and may be extended.",
        ),
        (
            {"lease_holder": "host:1", "lease_until": at(-30)},
            "The lease of host:1 expired 2025-06-10 19:59:30 UTC (30 s ago); any process may claim it.",
        ),
        ({"stage": Stage.DOWNLOAD}, "The next step is download: ask Recall for fresh links"),
        ({"stage": Stage.LOAD}, "which costs no call."),
        ({}, "abandoned at the first answer after 2025-06-12 20:00:00 UTC (in 2 d)"),
    ],
)
def test_the_next_step_and_its_time(changes: dict[str, Any], words: str) -> None:
    assert words in explained(entry=replace(ENTRY, **changes))


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
            ["It has ended; the time is not kept. That is final"],
        ),
        (
            {"payload_state": "unreadable", "downloaded_at": at(-60), "is_worth_another_try": True},
            ["It ended 2025-06-10 19:59:00 UTC (1 min ago). Tracking it again gives it another try."],
        ),
        (
            {"payload_state": "missing", "is_worth_another_try": True, "payload_reason": "Asked 3 times."},
            ["Asked 3 times.", "It has ended; the time is not kept. Tracking it again gives it another try."],
        ),
        ({"payload_state": "pending"}, ["which should not happen"]),
    ],
)
def test_how_it_ended(changes: dict[str, Any], words: list[str]) -> None:
    text = explained(replace(RECORD, **changes), None, None, None)
    for each in words:
        assert each in text


@pytest.mark.parametrize(
    ("record", "entry", "line"),
    [
        (RECORD, ENTRY, "Its status at Recall is processing. It is due next at 2025-06-10 20:00:12 UTC (in 12.3 s)."),
        (NEW_RECORD, replace(NEW_ENTRY, last_error="Unknown (404)."), "Unknown (404). It is due next at"),
        (NEW_RECORD, NEW_ENTRY, "Recall has never shown it. It is due next at"),
        (
            replace(RECORD, status="done", payload_state="loaded"),
            None,
            "Its status at Recall is done. Its content is loaded",
        ),
        (replace(RECORD, payload_state="abandoned", is_worth_another_try=True), None, "gives it another try."),
    ],
)
def test_the_result_of_a_poll_is_one_line(record: Record, entry: QueueEntry | None, line: str) -> None:
    text = in_a_line(Diagnosis(ID, NOW, record, entry))
    assert text.startswith(f"{ID}: ")
    assert line in text
    assert "\n" not in text


def test_the_result_for_an_unknown_id_is_one_line() -> None:
    assert in_a_line(Diagnosis(ID, NOW)) == f"{ID} is not tracked."


def test_an_erased_one_is_not_to_be_tracked() -> None:
    (told,) = explain(Diagnosis(ID, NOW, erased_at=NOW))
    assert "was erased at" in told
    assert told == in_a_line(Diagnosis(ID, NOW, erased_at=NOW))


def test_without_what_is_ahead_nothing_is_said_of_daemons() -> None:
    assert explain(Diagnosis(ID, NOW, RECORD, ENTRY))[0].startswith(f"{ID} is tracked")
