"""The path of one transcript, for every kind of transcript there is."""

import gzip
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import PROVIDER_KEYS, Faults, Scenario
from syncd.core.transcript import FileKind
from syncd.pipeline import load
from tests.pipeline.harness import Bench

MOST_TURNS = 2000
"""More than a transcript takes that is asked for without a pause until it is finished, seconds later."""


def assert_exact(bench: Bench, transcript_id: UUID) -> None:
    """The shelf holds the very bytes, and the words are the file's words."""
    truth = bench.emulator.expected(transcript_id)
    for kind, content in (("transcript", truth.transcript), ("provider_data", truth.provider_data)):
        stored_file = bench.rows(
            "select * from recall.payloads where transcript_id = %s and kind = %s", transcript_id, kind
        )
        if content is None:
            assert stored_file == []
            continue
        assert gzip.decompress(stored_file[0]["content"]) == content
        assert stored_file[0]["sha256"] == hashlib.sha256(content).hexdigest()
        assert stored_file[0]["byte_count"] == len(content)
    words = bench.rows(
        "select text from recall.words where transcript_id = %s order by position, word_position", transcript_id
    )
    elements = json.loads(truth.transcript or b"[]")
    assert [word["text"] for word in words] == [word["text"] for e in elements for word in e.get("words") or []]


def test_a_finished_transcript_costs_one_retrieve_and_is_there_whole(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(metadata={"team": "sales"}, recording_metadata={"room": "4"}))
    assert bench.turns() == 1
    row = bench.transcript(id_)
    assert (row["status"], row["payload_state"], row["provider_data_state"]) == ("done", "loaded", "loaded")
    assert (row["metadata"], row["recording_metadata"]) == ({"team": "sales"}, {"room": "4"})
    assert row["word_count"] == 200
    assert row["loaded_at"] >= row["observed_at"] >= row["first_seen_at"]
    assert bench.retrieves(id_) == 1
    assert_exact(bench, id_)
    assert bench.rows("select * from syncd.queue") == []


@pytest.mark.parametrize("flavour", ["seed", "pass_through"])
def test_every_provider_is_upserted_and_its_file_is_there_part_by_part(bench: Bench, flavour: Any) -> None:
    providers = [*PROVIDER_KEYS, "vendor_of_tomorrow_async"]
    ids = bench.track(*[Scenario(provider=provider, flavour=flavour) for provider in providers])
    bench.turns()
    for id_, provider in zip(ids, providers, strict=True):
        truth, row = bench.emulator.expected(id_), bench.transcript(id_)
        assert (row["provider"], row["payload_state"]) == (provider, "loaded")
        config = truth.artifact["provider"][provider]
        assert {k: v for k, v in row["provider_config"].items() if v is not None} == {
            k: v for k, v in config.items() if v is not None and not k.endswith("auth_header_value")
        }
        assert_exact(bench, id_)
        assert_parts(bench, id_, truth.provider_data)


def assert_parts(bench: Bench, transcript_id: UUID, provider_data: bytes | None) -> None:
    """One row for each part of the provider's file, as it stands there."""
    parts = json.loads(provider_data)["parts"] if provider_data else []
    query = "select * from recall.provider_parts where transcript_id = %s order by position"
    rows = bench.rows(query, transcript_id)
    assert [(r["part_id"], r["type"], r["source_audio"]) for r in rows] == [
        (part["id"], part["type"], part["source_audio"]) for part in parts
    ]


@pytest.mark.parametrize("variant", ["L", "1", "2", "3", "mixed"])
def test_every_variant_of_the_payload_is_read(bench: Bench, variant: Any) -> None:
    (id_,) = bench.track(Scenario(variant=variant))
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"
    assert_exact(bench, id_)
    speakers = bench.rows("select distinct speaker from recall.utterances where transcript_id = %s", id_)
    assert len(speakers) == 3


@pytest.mark.parametrize(
    ("script", "state", "reason"),
    [
        (Scenario(end="failed", sub_code="zoom_captions_failure"), "failed", "zoom_captions_failure"),
        (Scenario(end="deleted"), "deleted", None),
        (Scenario(is_empty=True), "empty", None),
        (Scenario(hostile="not_json"), "unreadable", "not JSON"),
        (Scenario(payload=b'{"not": "an array"}'), "unreadable", "not a JSON array"),
        (Scenario(payload=b'["not an object"]'), "unreadable", "element 0"),
        (Scenario(hostile="deep"), "unreadable", "nested"),
    ],
    ids=["failed", "deleted", "empty", "not json", "not an array", "not an object", "deep"],
)
def test_every_end_has_its_name_and_its_reason(
    bench: Bench, script: Scenario, state: str, reason: str | None
) -> None:
    (id_,) = bench.track(script)
    assert bench.turns() <= 3
    row = bench.transcript(id_)
    assert row["payload_state"] == state
    assert (reason or "") in (row["payload_reason"] or "")
    assert bench.rows("select * from syncd.queue") == []


def test_what_cannot_be_read_keeps_its_exact_bytes(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(hostile="not_json"))
    bench.turns()
    kept = bench.row("select content from recall.payloads where transcript_id = %s and kind = 'transcript'", id_)
    assert gzip.decompress(kept["content"]) == bench.emulator.expected(id_).transcript
    assert bench.transcript(id_)["provider_data_state"] == "loaded"


@pytest.mark.parametrize(
    "kind", ["nul", "lone_surrogate", "nan", "bom", "null_participant", "empty_words", "cjk_rtl_emoji", "string_ids"]
)
def test_hostile_files_load_and_say_what_was_replaced(bench: Bench, kind: str) -> None:
    (id_,) = bench.track(Scenario(hostile=kind))
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"
    stored_file = bench.row("select * from recall.payloads where transcript_id = %s and kind = 'transcript'", id_)
    assert gzip.decompress(stored_file["content"]) == bench.emulator.expected(id_).transcript
    assert stored_file["has_replaced_characters"] is (kind in ("nul", "lone_surrogate", "nan"))
    if kind == "nul":
        text = bench.row("select text from recall.words where transcript_id = %s limit 1", id_)["text"]
        assert text == "nul\N{REPLACEMENT CHARACTER}here"


def test_an_unknown_id_is_asked_for_three_times_before_it_is_called_missing(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(end="not_found"))
    assert bench.turns() == 3
    assert bench.transcript(id_)["payload_state"] == "missing"
    assert bench.retrieves(id_) == 3


def test_an_unfinished_transcript_waits_and_an_unknown_status_is_kept(bench: Bench) -> None:
    waiting, strange = bench.track(Scenario(finishes_after=None), Scenario(end="quarantined"))
    bench.turn()
    assert bench.transcript(waiting)["status"] == "processing"
    assert bench.transcript(strange)["status"] == "quarantined"
    rows = [bench.waiting(id_) for id_ in (waiting, strange)]
    assert [row["stage"] for row in rows] == ["poll", "poll"]
    soon, late = [(row["due_at"] - row["last_seen_at"]).total_seconds() for row in rows]
    assert 0 < soon < late
    assert late > 50


def test_history_holds_one_row_for_each_change(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(finishes_after=4.0))
    for _ in range(3):
        bench.turn()
    bench.turns(MOST_TURNS)
    history = bench.rows(
        "select status from recall.status_history where transcript_id = %s order by observed_at", id_
    )
    assert [row["status"] for row in history] == ["processing", "done"]


def test_a_link_that_is_still_missing_is_waited_for(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(download_link_delay=4.0))
    bench.turn()
    row = bench.row("select stage, last_error from syncd.queue")
    assert (row["stage"], "no link" in row["last_error"]) == ("download", True)
    bench.turns(MOST_TURNS)
    assert_exact(bench, id_)


def test_a_transcript_without_a_provider_file_is_complete(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(has_provider_data=False))
    assert bench.turns() == 1
    row = bench.transcript(id_)
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
def test_passing_faults_cost_turns_and_never_the_transcript(bench: Bench, faults: Faults) -> None:
    (id_,) = bench.track(Scenario(faults=faults))
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"
    assert bench.transcript(id_)["provider_data_state"] == "loaded"
    assert_exact(bench, id_)


def test_a_dead_link_is_asked_for_again_at_once(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(faults=Faults(link_expired_first=1), has_provider_data=False))
    bench.turn()
    wait = bench.row("select due_at - last_error_at as wait, last_error from syncd.queue")
    assert wait["wait"].total_seconds() < 1
    assert "expired" in wait["last_error"]
    bench.turns()
    assert bench.retrieves(id_) == 2


@pytest.mark.parametrize("kind", FileKind)
def test_a_fault_of_ours_in_reading_ends_the_file_with_a_reason_and_keeps_its_bytes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: FileKind
) -> None:
    def fail(*_: object) -> load.ReadFile:
        raise RecursionError("too deep")

    (id_,) = bench.track(Scenario())
    monkeypatch.setattr(load, "_READERS", {**load._READERS, kind: fail})
    bench.turns()
    row = bench.transcript(id_)
    state = {FileKind.TRANSCRIPT: "payload", FileKind.PROVIDER_DATA: "provider_data"}[kind]
    assert row[f"{state}_state"] == "unreadable"
    assert "RecursionError" in row[f"{state}_reason"]
    assert len(bench.rows("select from recall.payloads where transcript_id = %s", id_)) == 2
