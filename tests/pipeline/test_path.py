"""The path of one transcript, for every kind of transcript there is."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import PROVIDER_KEYS, Faults, Scenario
from syncd.core.transcript import FileKind
from syncd.db.content.files import unpack
from syncd.pipeline import load
from tests.pipeline.harness import Harness

"""More than a transcript takes that is asked for without a pause until it is finished, seconds later."""


def assert_exact(harness: Harness, transcript_id: UUID) -> None:
    """The very bytes are stored, and the words are the file's words."""
    truth = harness.emulator.expected(transcript_id)
    for kind, content in (("transcript", truth.transcript), ("provider_data", truth.provider_data)):
        stored_file = harness.rows(
            "select * from recall.payloads where transcript_id = %s and kind = %s", transcript_id, kind
        )
        if content is None:
            assert stored_file == []
            continue
        assert unpack(stored_file[0]["content"]) == content
        assert stored_file[0]["sha256"] == hashlib.sha256(content).hexdigest()
        assert stored_file[0]["byte_count"] == len(content)
    words = harness.rows(
        "select text from recall.words where transcript_id = %s order by position, word_position", transcript_id
    )
    elements = json.loads(truth.transcript or b"[]")
    assert [word["text"] for word in words] == [word["text"] for e in elements for word in e.get("words") or []]


def test_a_finished_transcript_costs_one_retrieve_and_is_there_whole(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(metadata={"team": "sales"}, recording_metadata={"room": "4"}))
    assert harness.turns() == 1
    row = harness.transcript(id_)
    assert (row["status"], row["payload_state"], row["provider_data_state"]) == ("done", "loaded", "loaded")
    assert (row["metadata"], row["recording_metadata"]) == ({"team": "sales"}, {"room": "4"})
    assert row["word_count"] == 200
    assert row["loaded_at"] >= row["observed_at"] >= row["first_seen_at"]
    assert harness.retrieves(id_) == 1
    assert_exact(harness, id_)
    assert harness.rows("select * from syncd.queue") == []


@pytest.mark.parametrize("flavour", ["seed", "pass_through"])
def test_every_provider_is_upserted_and_its_file_is_there_part_by_part(harness: Harness, flavour: Any) -> None:
    providers = [*PROVIDER_KEYS, "vendor_of_tomorrow_async"]
    ids = harness.track(*[Scenario(provider=provider, flavour=flavour) for provider in providers])
    harness.turns()
    for id_, provider in zip(ids, providers, strict=True):
        truth, row = harness.emulator.expected(id_), harness.transcript(id_)
        assert (row["provider"], row["payload_state"]) == (provider, "loaded")
        config = truth.artifact["provider"][provider]
        assert {k: v for k, v in row["provider_config"].items() if v is not None} == {
            k: v for k, v in config.items() if v is not None and not k.endswith("auth_header_value")
        }
        assert_exact(harness, id_)
        assert_parts(harness, id_, truth.provider_data)


def assert_parts(harness: Harness, transcript_id: UUID, provider_data: bytes | None) -> None:
    """One row for each part of the provider's file, as it stands there."""
    parts = json.loads(provider_data)["parts"] if provider_data else []
    query = "select * from recall.provider_parts where transcript_id = %s order by position"
    rows = harness.rows(query, transcript_id)
    assert [(r["part_id"], r["type"], r["source_audio"]) for r in rows] == [
        (part["id"], part["type"], part["source_audio"]) for part in parts
    ]


@pytest.mark.parametrize("variant", ["L", "1", "2", "3", "mixed"])
def test_every_variant_of_the_payload_is_read(harness: Harness, variant: Any) -> None:
    (id_,) = harness.track(Scenario(variant=variant))
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"
    assert_exact(harness, id_)
    speakers = harness.rows("select distinct speaker from recall.utterances where transcript_id = %s", id_)
    assert len(speakers) == 3


@pytest.mark.parametrize(
    ("scenario", "state", "reason"),
    [
        (Scenario(end="failed", sub_code="zoom_captions_failure"), "failed", "zoom_captions_failure"),
        (Scenario(end="deleted"), "deleted", None),
        (Scenario(is_empty=True), "empty", None),
        (Scenario(hostile="not_json"), "unreadable", "not JSON"),
        (Scenario(payload=b'{"not": "an array"}'), "unreadable", "not a JSON array"),
        (Scenario(payload=b'["not an object"]'), "unreadable", "element 0"),
        (Scenario(payload=b'[{"words": [], "utterance": "lost"}]'), "unreadable", "a text under 'utterance'"),
        (
            Scenario(payload=b'[{"words": [{"text": "Hi."}, "lost"]}]'),
            "loaded",
            "some of its text may be missing: element 0 of the transcript file has a text under 'words'",
        ),
        (Scenario(hostile="deep"), "loaded", None),
    ],
    ids=["failed", "deleted", "empty", "not json", "not an array", "not an object", "no words", "a word", "deep"],
)
def test_every_end_has_its_name_and_its_reason(
    harness: Harness, scenario: Scenario, state: str, reason: str | None
) -> None:
    (id_,) = harness.track(scenario)
    harness.turns()
    row = harness.transcript(id_)
    assert row["payload_state"] == state
    assert (reason or "") in (row["payload_reason"] or "")
    assert harness.rows("select * from syncd.queue") == []


def test_what_cannot_be_read_keeps_its_exact_bytes(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(hostile="not_json"))
    harness.turns()
    kept = harness.row("select content from recall.payloads where transcript_id = %s and kind = 'transcript'", id_)
    assert unpack(kept["content"]) == harness.emulator.expected(id_).transcript
    assert harness.transcript(id_)["provider_data_state"] == "loaded"


@pytest.mark.parametrize(
    "kind", ["nul", "lone_surrogate", "nan", "bom", "null_participant", "empty_words", "cjk_rtl_emoji", "string_ids"]
)
def test_hostile_files_load_and_say_what_was_replaced(harness: Harness, kind: str) -> None:
    (id_,) = harness.track(Scenario(hostile=kind))
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"
    stored_file = harness.row("select * from recall.payloads where transcript_id = %s and kind = 'transcript'", id_)
    assert unpack(stored_file["content"]) == harness.emulator.expected(id_).transcript
    assert stored_file["has_replaced_characters"] is (kind in ("nul", "lone_surrogate", "nan"))
    if kind == "nul":
        text = harness.row("select text from recall.words where transcript_id = %s limit 1", id_)["text"]
        assert text == "nul\N{REPLACEMENT CHARACTER}here"


def test_an_unknown_id_is_asked_for_three_times_before_it_is_called_missing(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(end="not_found"))
    assert harness.turns() == 3
    assert harness.transcript(id_)["payload_state"] == "missing"
    assert harness.retrieves(id_) == 3


def test_an_unfinished_transcript_waits_and_an_unknown_status_is_kept(harness: Harness) -> None:
    waiting, strange = harness.track(Scenario(finishes_after=None), Scenario(end="quarantined"))
    harness.turn()
    assert harness.transcript(waiting)["status"] == "processing"
    assert harness.transcript(strange)["status"] == "quarantined"
    rows = [harness.waiting(id_) for id_ in (waiting, strange)]
    assert [row["stage"] for row in rows] == ["poll", "poll"]
    soon, late = [(row["due_at"] - row["last_seen_at"]).total_seconds() for row in rows]
    assert 0 < soon < late
    assert late > 50


def test_history_holds_one_row_for_each_change(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(finishes_after=None))
    for _ in range(3):
        harness.turn()
    harness.emulator.change(id_, finishes_after=0.0)
    harness.turns()
    history = harness.rows(
        "select status from recall.status_history where transcript_id = %s order by observed_at", id_
    )
    assert [row["status"] for row in history] == ["processing", "done"]


def test_a_link_that_is_still_missing_is_waited_for(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(download_link_delay=3600.0))
    harness.turn()
    row = harness.row("select stage, last_error from syncd.queue")
    assert (row["stage"], "no link" in row["last_error"]) == ("download", True)
    harness.emulator.change(id_, download_link_delay=0.0)
    harness.turns()
    assert_exact(harness, id_)


def test_a_transcript_without_a_provider_file_is_complete(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(has_provider_data=False))
    assert harness.turns() == 1
    row = harness.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "none")


@pytest.mark.parametrize(
    "faults",
    [
        Faults(session_died_first=1),
        Faults(link_expired_first=1),
        Faults(slow_down_first=1, listener="files"),
        Faults(error_first=2, listener="both"),
        Faults(reset_first=1),
        Faults(html_first=1),
        Faults(empty_200_first=1),
        Faults(wrong_json_shape_first=1, listener="api"),
        Faults(truncate_first=1, truncate_how="length"),
        Faults(truncate_first=1, truncate_how="close"),
        Faults(truncate_first=1, truncate_how="gzip"),
        Faults(truncate_first=1, truncate_how="chunked"),
        Faults(double_gzip_first=1),
        Faults(gzip=True),
    ],
    ids=lambda faults: repr(faults).split("(")[1][:60] if not isinstance(faults, str) else faults,
)
def test_passing_faults_cost_turns_and_never_the_transcript(harness: Harness, faults: Faults) -> None:
    (id_,) = harness.track(Scenario(faults=faults))
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"
    assert harness.transcript(id_)["provider_data_state"] == "loaded"
    assert_exact(harness, id_)


def test_a_dead_link_is_asked_for_again_at_once(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(faults=Faults(link_expired_first=1), has_provider_data=False))
    harness.turn()
    wait = harness.row("select due_at - last_error_at as wait, last_error from syncd.queue")
    assert wait["wait"].total_seconds() < 1
    assert "expired" in wait["last_error"]
    harness.turns()
    assert harness.retrieves(id_) == 2


@pytest.mark.parametrize("kind", FileKind)
def test_a_fault_of_ours_in_reading_ends_the_file_with_a_reason_and_keeps_its_bytes(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, kind: FileKind
) -> None:
    def fail(*_: object) -> load.ReadFile:
        raise RecursionError("too deep")

    (id_,) = harness.track(Scenario())
    monkeypatch.setattr(load, "_READERS", {**load._READERS, kind: fail})
    harness.turns()
    row = harness.transcript(id_)
    state = {FileKind.TRANSCRIPT: "payload", FileKind.PROVIDER_DATA: "provider_data"}[kind]
    assert row[f"{state}_state"] == "unreadable"
    assert "RecursionError" in row[f"{state}_reason"]
    assert len(harness.rows("select from recall.payloads where transcript_id = %s", id_)) == 2
