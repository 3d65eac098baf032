"""The upsert: newest observation wins, repetitions write nothing, history holds changes only."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.reading.artifact import Artifact
from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import Payload
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import files, transcripts
from syncd.db.engine import Connection
from syncd.errors import Unstorable

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
Tracked = Callable[..., list[UUID]]


def artifact(transcript_id: UUID, status: str = "processing", **changes: object) -> Artifact:
    body = {"id": str(transcript_id), "status": {"code": status}, "extra": repr(sorted(changes))}
    base = Artifact(transcript_id, status, status_updated_at=T0, provider="rev_async", provider_config={}, body=body)
    return replace(base, **changes)  # type: ignore[arg-type]  # the changes are the artifact's own fields


def history(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("select status from recall.status_history order by observed_at")
    return [status for (status,) in rows]


def test_a_tracked_transcript_is_visible_before_recall_has_shown_it(connection: Connection, tracked: Tracked) -> None:
    tracked()
    row = connection.exec_driver_sql("select status, payload_state, observed_at from recall.transcripts").one()
    assert tuple(row) == (None, "pending", None)


def test_an_observation_fills_the_row_and_begins_its_history(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    seen = artifact(id_, metadata={"a": "b"}, recording_id=uuid4(), has_separate_streams=True, sub_code="why")
    assert transcripts.observe(connection, "default", seen, T0)
    row = connection.exec_driver_sql(
        "select status, sub_code, metadata, recording_id, has_separate_streams, provider, provider_config,"
        " artifact, observed_at from recall.transcripts"
    ).one()
    assert tuple(row) == (
        "processing", "why", {"a": "b"}, seen.recording_id, True, "rev_async", {}, seen.body, T0,
    )  # fmt: skip
    assert history(connection) == ["processing"]


def test_a_repetition_writes_nothing(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe(connection, "default", artifact(id_), T0)
    before = connection.exec_driver_sql("select xmin, ctid from recall.transcripts").one()
    assert not transcripts.observe(connection, "default", artifact(id_), T0 + timedelta(seconds=9))
    assert connection.exec_driver_sql("select xmin, ctid from recall.transcripts").one() == before
    assert history(connection) == ["processing"]


def test_an_older_observation_never_overwrites_a_newer_one(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe(connection, "default", artifact(id_, "done"), T0)
    assert not transcripts.observe(connection, "default", artifact(id_), T0 - timedelta(seconds=1))
    assert connection.exec_driver_sql("select status from recall.transcripts").scalar_one() == "done"


def test_a_change_of_metadata_alone_is_written_without_history(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe(connection, "default", artifact(id_), T0)
    assert transcripts.observe(connection, "default", artifact(id_, metadata={"x": "y"}), T0 + timedelta(seconds=1))
    assert connection.exec_driver_sql("select metadata from recall.transcripts").scalar_one() == {"x": "y"}
    assert history(connection) == ["processing"]


def test_a_status_that_goes_backwards_is_kept_as_it_was_observed(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    for second, status in enumerate(("processing", "done", "processing", "quarantined")):
        transcripts.observe(connection, "default", artifact(id_, status), T0 + timedelta(seconds=second))
    assert history(connection) == ["processing", "done", "processing", "quarantined"]


def test_a_first_seen_time_and_a_workspace_stay(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked(workspace="acme")
    first = connection.exec_driver_sql("select workspace, first_seen_at from recall.transcripts").one()
    transcripts.observe(connection, "other", artifact(id_, "done"), T0)
    assert connection.exec_driver_sql("select workspace, first_seen_at from recall.transcripts").one() == first


def test_what_postgres_cannot_hold_is_an_error_of_ours(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    with pytest.raises(Unstorable):
        transcripts.observe(connection, "default", artifact(id_, sub_code="a\0b"), T0)


def test_an_end_does_not_take_back_what_was_loaded(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.loaded(connection, id_, Payload(), reckon(Payload()), fingerprint(Payload()))
    transcripts.end(connection, id_, ContentState.DELETED, "gone")
    assert transcripts.states(connection, id_) == {
        FileKind.TRANSCRIPT: ContentState.EMPTY,
        FileKind.PROVIDER_DATA: ContentState.DELETED,
    }


def test_an_end_names_both_files_that_were_not_decided(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.end(connection, id_, ContentState.FAILED, "no captions")
    row = connection.exec_driver_sql(
        "select payload_state, payload_reason, provider_data_state, provider_data_reason from recall.transcripts"
    ).one()
    assert tuple(row) == ("failed", "no captions", "failed", "no captions")


def test_shelved_bytes_come_back_exactly(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    content = b'[{"text": "\\u0000 \xff not even UTF-8'
    files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(content))
    files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(content * 2))
    assert files.content(connection, id_, FileKind.TRANSCRIPT) == content * 2
    row = connection.exec_driver_sql("select sha256, byte_count, parser_version from recall.payloads").one()
    assert tuple(row) == (hashlib.sha256(content * 2).hexdigest(), len(content) * 2, None)
