"""The upsert: newest observation wins, repetitions write nothing, history holds changes only."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.core.queue.lease import Content, Known, is_news
from syncd.core.queue.outcome import FileState
from syncd.core.reading.artifact import Artifact
from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.payload import Payload
from syncd.core.reading.talk_time import reckon
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import files, transcripts
from syncd.db.engine import Connection
from syncd.errors import Unstorable

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TIMES = st.integers(0, 3).map(lambda seconds: T0 + timedelta(seconds=seconds))
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
    assert transcripts.observe_artifact(connection, "default", seen, T0)
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
    transcripts.observe_artifact(connection, "default", artifact(id_), T0)
    before = connection.exec_driver_sql("select xmin, ctid from recall.transcripts").one()
    assert not transcripts.observe_artifact(connection, "default", artifact(id_), T0 + timedelta(seconds=9))
    assert connection.exec_driver_sql("select xmin, ctid from recall.transcripts").one() == before
    assert history(connection) == ["processing"]


def test_an_older_observation_never_overwrites_a_newer_one(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe_artifact(connection, "default", artifact(id_, "done"), T0)
    assert not transcripts.observe_artifact(connection, "default", artifact(id_), T0 - timedelta(seconds=1))
    assert connection.exec_driver_sql("select status from recall.transcripts").scalar_one() == "done"


def test_a_change_of_metadata_alone_is_written_without_history(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe_artifact(connection, "default", artifact(id_), T0)
    assert transcripts.observe_artifact(
        connection, "default", artifact(id_, metadata={"x": "y"}), T0 + timedelta(seconds=1)
    )
    assert connection.exec_driver_sql("select metadata from recall.transcripts").scalar_one() == {"x": "y"}
    assert history(connection) == ["processing"]


def test_a_status_that_goes_backwards_is_kept_as_it_was_observed(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    for second, status in enumerate(("processing", "done", "processing", "quarantined")):
        transcripts.observe_artifact(connection, "default", artifact(id_, status), T0 + timedelta(seconds=second))
    assert history(connection) == ["processing", "done", "processing", "quarantined"]


def test_a_first_seen_time_and_a_workspace_stay(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked(workspace="acme")
    first = connection.exec_driver_sql("select workspace, first_seen_at from recall.transcripts").one()
    transcripts.observe_artifact(connection, "other", artifact(id_, "done"), T0)
    assert connection.exec_driver_sql("select workspace, first_seen_at from recall.transcripts").one() == first


def test_what_postgres_cannot_hold_is_an_error_of_ours(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    with pytest.raises(Unstorable):
        transcripts.observe_artifact(connection, "default", artifact(id_, sub_code="a\0b"), T0)


def test_the_states_of_files_and_what_is_known_of_them(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    assert transcripts.known(connection, [id_, uuid4()]) == {id_: Known()}
    seen = artifact(id_, "done", metadata={"a": 1})
    transcripts.observe_artifact(connection, "default", seen, T0)
    transcripts.loaded(connection, id_, Payload(), reckon(Payload()), fingerprint(Payload()), T0)
    files_ = {
        FileKind.TRANSCRIPT: FileState(ContentState.EMPTY),
        FileKind.PROVIDER_DATA: FileState(ContentState.TOO_LARGE, "too large"),
    }
    transcripts.set_files(connection, id_, files_)
    states = {kind: file.state for kind, file in files_.items()}
    content = Content(fingerprint(Payload()), 0, 0, {"a": 1}, None)
    assert transcripts.known(connection, [id_])[id_] == Known(states, "done", "rev_async", T0, T0, content)
    row = connection.exec_driver_sql(
        "select payload_state, payload_reason, provider_data_state, provider_data_reason from recall.transcripts"
    ).one()
    assert tuple(row) == ("empty", None, "too_large", "too large")


def test_reading_again_keeps_the_time_of_the_first_load(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    for hour in range(2):
        now = T0 + timedelta(hours=hour)
        transcripts.loaded(connection, id_, Payload(), reckon(Payload()), fingerprint(Payload()), now)
        transcripts.set_files(connection, id_, {FileKind.TRANSCRIPT: FileState(ContentState.EMPTY)})
    assert connection.exec_driver_sql("select loaded_at from recall.transcripts").scalar_one() == T0


@given(
    known=st.builds(Known, observed_at=st.none() | TIMES, status_updated_at=st.none() | TIMES),
    observed_at=TIMES,
    said=st.none() | TIMES,
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_upsert_and_the_decision_agree_about_what_is_news(
    connection: Connection, known: Known, observed_at: datetime, said: datetime | None
) -> None:
    id_ = uuid4()
    connection.exec_driver_sql(
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at, status, observed_at,"
        " status_updated_at) values (%s, 'default', %s, 'processing', %s, %s)",
        (id_, T0, known.observed_at, known.status_updated_at),
    )
    seen = artifact(id_, "done", status_updated_at=said)
    assert transcripts.observe_artifact(connection, "default", seen, observed_at) == is_news(seen, observed_at, known)


def test_stored_bytes_come_back_exactly(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    content = b'[{"text": "\\u0000 \xff not even UTF-8'
    files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(content), T0)
    files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(content * 2), T0)
    assert files.content(connection, id_, FileKind.TRANSCRIPT) == content * 2
    row = connection.exec_driver_sql("select sha256, byte_count, parser_version from recall.payloads").one()
    assert tuple(row) == (hashlib.sha256(content * 2).hexdigest(), len(content) * 2, None)
