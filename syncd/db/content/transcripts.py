"""Rows of recall.transcripts: upserted from observations, so that an older one never overwrites a newer one."""

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    RowMapping,
    Update,
    bindparam,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from syncd.core.queue.lease import Content, Known
from syncd.core.queue.outcome import FileState
from syncd.core.reading.artifact import Artifact, read_expiry
from syncd.core.reading.options import read_options
from syncd.core.reading.payload import Payload
from syncd.core.reading.talk_time import Talk
from syncd.core.transcript import DELETED, FileKind
from syncd.db.engine import storing
from syncd.db.tables.recall import Transcripts

_OBSERVED = (
    "recording_id",
    "recording_metadata",
    "created_at",
    "status",
    "sub_code",
    "status_updated_at",
    "metadata",
    "provider",
    "provider_config",
    "has_separate_streams",
    "options",
    "expires_at",
    "artifact",
    "has_replaced_characters",
    "observed_at",
)
_VALUES = ("transcript_id", "workspace", "first_seen_at", *_OBSERVED)
"""The same with those that are only written once."""
_STATE: Mapping[FileKind, ColumnClause[Any]] = {  # may the state be null, or not
    FileKind.TRANSCRIPT: Transcripts.payload_state,
    FileKind.PROVIDER_DATA: Transcripts.provider_data_state,
}
_CONTENT = (
    Transcripts.content_sha256,
    Transcripts.utterance_count,
    Transcripts.word_count,
    Transcripts.metadata,
    Transcripts.recording_metadata,
)
"""The fields of Content, in order."""
_REMEMBER_STATUS = text((Path(__file__).parent / "sql" / "remember_status.sql").read_text(encoding="utf-8"))
_MARK_DELETED = text((Path(__file__).parent / "sql" / "mark_deleted.sql").read_text(encoding="utf-8"))
_REASON = {
    FileKind.TRANSCRIPT: Transcripts.payload_reason,
    FileKind.PROVIDER_DATA: Transcripts.provider_data_reason,
}


def lock(connection: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Hold these until the transaction ends, in the order of ids as everybody does; those that are not erased."""
    rows = select(Transcripts.transcript_id).where(Transcripts.transcript_id.in_(ids))
    return set(connection.execute(rows.order_by(Transcripts.transcript_id).with_for_update(key_share=True)).scalars())


def observe_artifact(connection: Connection, workspace: str, artifact: Artifact, observed_at: datetime) -> bool:
    """Upsert what was observed, and its history; whether anything was new. A repetition writes nothing.

    Raises Unstorable; the transaction can then only be rolled back.
    """
    with storing():
        changed = connection.execute(_upsert(), _values(workspace, artifact, observed_at)).first()
    if changed is not None:
        status = (artifact.status, artifact.sub_code, artifact.status_updated_at)
        _remember_status(connection, artifact.transcript_id, observed_at, status)
    return changed is not None


@functools.cache
def _upsert() -> ReturningInsert[UUID]:
    """Made once: it has more columns than it takes to write them."""
    upsert = insert(Transcripts).values({name: bindparam(name) for name in _VALUES})
    new, old = upsert.excluded, Transcripts
    # what is deleted does not come back by a list that lags
    is_newer = old.deleted_at.is_(None) & (old.observed_at.is_(None) | (old.observed_at <= new.observed_at))
    # a list may lag behind what a retrieve has shown already
    is_newer &= func.coalesce(old.status_updated_at <= new.status_updated_at, true())
    is_different = or_(old.artifact.is_distinct_from(new.artifact), old.status.is_distinct_from(new.status))
    return upsert.on_conflict_do_update(
        index_elements=[old.transcript_id],
        set_={name: new[name] for name in _OBSERVED},
        where=is_newer & is_different,
    ).returning(old.transcript_id)


def _values(workspace: str, artifact: Artifact, observed_at: datetime) -> dict[str, object]:
    return {
        "transcript_id": artifact.transcript_id,
        "workspace": workspace,
        "recording_id": artifact.recording_id,
        "recording_metadata": artifact.recording_metadata,
        "created_at": artifact.created_at,
        "status": artifact.status,
        "sub_code": artifact.sub_code,
        "status_updated_at": artifact.status_updated_at,
        "metadata": artifact.metadata,
        "provider": artifact.provider,
        "provider_config": artifact.provider_config,
        "has_separate_streams": artifact.has_separate_streams,
        "options": _options(artifact.provider, artifact.provider_config, artifact.has_separate_streams),
        "expires_at": artifact.expires_at,
        "artifact": artifact.body,
        "has_replaced_characters": artifact.is_altered,
        "first_seen_at": observed_at,
        "observed_at": observed_at,
    }


def _options(provider: str | None, config: object, has_separate_streams: bool | None) -> dict[str, object]:
    return read_options(provider, config, has_separate_streams).document()


def reread_options(connection: Connection, transcript_id: UUID) -> None:
    """Read the options and the expiry of an observed row anew. What is there already is not written again."""
    row_of = Transcripts
    this = row_of.transcript_id == transcript_id
    columns = (row_of.provider, row_of.provider_config, row_of.has_separate_streams, row_of.artifact)
    is_observed = row_of.observed_at.is_not(None)
    row = connection.execute(select(*columns).where(this, is_observed).with_for_update()).one_or_none()
    if row is None:
        return
    provider_key, config, has_separate_streams, artifact = row
    options = _options(provider_key, config, has_separate_streams)
    expires_at = read_expiry(artifact) if isinstance(artifact, dict) else None
    is_different = row_of.options.is_distinct_from(options) | row_of.expires_at.is_distinct_from(expires_at)
    connection.execute(update(row_of).where(this, is_different).values(options=options, expires_at=expires_at))


def mark_deleted(connection: Connection, transcript_id: UUID, deleted_at: datetime) -> None:
    """Note that Recall has deleted it, as a status of which it says no more."""
    changed = connection.execute(_MARK_DELETED, {"key": transcript_id, "at": deleted_at}).first()
    if changed is not None and changed.old_status != DELETED:
        _remember_status(connection, transcript_id, deleted_at, (DELETED, None, None))


def _remember_status(
    connection: Connection, transcript_id: UUID, observed_at: datetime, status: Sequence[object]
) -> None:
    """A row of history, unless the last one says the same. `status`: its code, sub code, and since when."""
    row = {"transcript_id": transcript_id, "observed_at": observed_at}
    names = ("status", "sub_code", "status_updated_at")
    connection.execute(_REMEMBER_STATUS, row | dict(zip(names, status, strict=True)))


def known(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Known]:
    """What is known of transcripts, as far as decisions need it; those that are not there are left out."""
    columns = (
        Transcripts.transcript_id,
        *_STATE.values(),
        Transcripts.status,
        Transcripts.provider,
        Transcripts.observed_at,
        Transcripts.status_updated_at,
        Transcripts.deleted_at,
        *_CONTENT,
    )
    if not ids:
        return {}
    rows = connection.execute(select(*columns).where(Transcripts.transcript_id.in_(ids))).mappings()
    return {row["transcript_id"]: _known(row) for row in rows}


def _known(row: RowMapping) -> Known:
    """By names, for there are more columns than SQLAlchemy types in a row."""
    return Known(
        files={kind: row[column.name] for kind, column in _STATE.items()},
        status=row["status"],
        provider=row["provider"],
        observed_at=row["observed_at"],
        status_updated_at=row["status_updated_at"],
        content=Content(*(row[column.name] for column in _CONTENT)),
        is_deleted=row["deleted_at"] is not None,
    )


def set_files(connection: Connection, transcript_id: UUID, files: Mapping[FileKind, FileState]) -> None:
    """Say how far files of the transcript have come, and why."""
    if files:
        values: dict[str, object] = {_STATE[kind].name: str(file.state) for kind, file in files.items()}
        values |= {_REASON[kind].name: file.reason for kind, file in files.items()}
        connection.execute(_update(tuple(values)), values | {"key": transcript_id})


@functools.cache
def _update(names: tuple[str, ...]) -> Update:
    """Made once for each set of columns."""
    values: dict[str, ColumnElement[Any]] = {name: bindparam(name) for name in names}  # each column's own type
    if "loaded_at" in values:  # one that was read before keeps the time of its first load
        return _update_of(values | {"loaded_at": func.coalesce(Transcripts.loaded_at, values["loaded_at"])})
    return _update_of(values)


def _update_of(values: Mapping[str, object]) -> Update:
    return update(Transcripts).where(Transcripts.transcript_id == bindparam("key")).values(values)


def loaded(
    connection: Connection, transcript_id: UUID, payload: Payload, talk: Talk, content_sha256: str, now: datetime
) -> None:
    """Note what the rows that were just written say.

    A transcript that was read before keeps the time of its first load. `now` is handed in: a distributed table takes
    no volatile function.
    """
    values: dict[str, object] = {
        "utterance_count": len(payload.utterances),
        "word_count": payload.word_count,
        "content_sha256": content_sha256,
        "span_s": talk.span_s,
        "speech_s": talk.speech_s,
        "overlap_s": talk.overlap_s,
        "loaded_at": now,
    }
    connection.execute(_update(tuple(values)), values | {"key": transcript_id})
