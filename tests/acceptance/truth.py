"""Compares what is in the tables with what the emulated Recall knows to be true, byte for byte and word for word."""

import hashlib
import json
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from recall_emulator import Emulator, Scenario
from syncd.db.content.files import unpack

READABLE = {None, "nul", "cjk_rtl_emoji", "null_participant", "machine_speakers", "lone_surrogate", "missing_times"}


def expected_state(scenario: Scenario) -> str:
    """How the payload of a scenario must end, once the daemon is idle."""
    if scenario.end in ("failed", "deleted"):
        return scenario.end
    if scenario.end == "not_found":
        return "missing"
    if scenario.is_empty:
        return "empty"
    return "loaded" if scenario.hostile in READABLE else "unreadable"


def assert_everything_is_true(database_url: str, emulator: Emulator, scenarios: list[Scenario]) -> None:
    """Every row of every table, against every scenario."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        assert connection.execute("select * from syncd.queue").fetchall() == []
        rows = {row["transcript_id"]: row for row in connection.execute("select * from recall.transcripts")}
        assert set(rows) == {scenario.transcript_id for scenario in scenarios}
        for scenario in scenarios:
            row = rows[scenario.transcript_id]
            assert row["payload_state"] == expected_state(scenario), (scenario, row)
            truth = emulator.expected(scenario.transcript_id)
            if scenario.end != "not_found":
                _assert_artifact(row, truth.artifact)
            if row["payload_state"] in ("loaded", "empty", "unreadable"):
                files = {"transcript": truth.transcript, "provider_data": truth.provider_data}
                _assert_files(connection, scenario.transcript_id, files)
            if row["provider_data_state"] in ("loaded", "empty", "none"):
                _assert_parts(connection, scenario.transcript_id, truth.provider_data)
            if row["payload_state"] == "loaded":
                _assert_words(connection, scenario.transcript_id, truth.transcript or b"")


def _assert_artifact(row: dict[str, Any], artifact: dict[str, Any]) -> None:
    assert row["artifact"]["id"] == artifact["id"]
    assert row["recording_id"] == UUID(artifact["recording"]["id"])
    assert row["recording_metadata"] == artifact["recording"]["metadata"]
    assert row["metadata"] == artifact["metadata"]
    assert row["provider"] in artifact["provider"]
    assert row["has_separate_streams"] is (artifact["diarization"] or {}).get("use_separate_streams_when_available")
    assert set(row["artifact"]) == set(artifact)
    assert row["artifact"]["provider"].keys() == artifact["provider"].keys()


def _assert_files(
    connection: psycopg.Connection[dict[str, Any]], transcript_id: UUID, files: dict[str, bytes | None]
) -> None:
    payloads = connection.execute("select * from recall.payloads where transcript_id = %s", (transcript_id,))
    stored_file = {row["kind"]: row for row in payloads}
    assert set(stored_file) == {kind for kind, content in files.items() if content is not None}
    for kind, content in files.items():
        if content is not None:
            assert unpack(stored_file[kind]["content"]) == content
            assert stored_file[kind]["sha256"] == hashlib.sha256(content).hexdigest()


def _assert_words(connection: psycopg.Connection[dict[str, Any]], transcript_id: UUID, content: bytes) -> None:
    query = (
        "select position, participant_id, speaker, text, start_s, end_s from recall.words"
        " where transcript_id = %s order by position, word_position"
    )
    words = [tuple(row.values()) for row in connection.execute(query, (transcript_id,))]
    elements = json.loads(content.decode("utf-8-sig"))
    assert words == [
        (position, *_speaker(element), _storable(word["text"]), _seconds(word, "start"), _seconds(word, "end"))
        for position, element in enumerate(elements)
        for word in element.get("words") or []
    ]
    row = connection.execute("select * from recall.transcripts where transcript_id = %s", (transcript_id,)).fetchone()
    assert row is not None
    assert (row["utterance_count"], row["word_count"]) == (len(elements), len(words))


def _speaker(element: dict[str, Any]) -> tuple[str | None, str | None]:
    """Id and name, in whichever form the element has them."""
    newer = element.get("participant") or {}
    id_, name = newer.get("id"), newer.get("name")
    id_, name = element.get("speaker_id") if id_ is None else id_, element.get("speaker") if name is None else name
    return None if id_ is None else _storable(str(id_)), None if name is None else _storable(str(name))


def _seconds(word: dict[str, Any], side: str) -> float | None:
    time = word.get(f"{side}_timestamp")
    return time.get("relative") if isinstance(time, dict) else time


def _assert_parts(connection: psycopg.Connection[dict[str, Any]], transcript_id: UUID, content: bytes | None) -> None:
    query = "select * from recall.provider_parts where transcript_id = %s order by position"
    rows = connection.execute(query, (transcript_id,)).fetchall()
    parts = json.loads(content)["parts"] if content else []
    assert [(r["part_id"], r["type"], r["source_audio"]) for r in rows] == [
        (part["id"], part["type"], part["source_audio"]) for part in parts
    ]


def _storable(text: str) -> str:
    return "".join("\N{REPLACEMENT CHARACTER}" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)
