"""Ids come in through recall.track, the same function that analysts call in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select, text

from syncd.core.admin.retry import Retriable
from syncd.db.tables.recall import Erasures

_UNTRACK = text("select count(*) filter (where recall.untrack(id)) from unnest(cast(:ids as uuid[])) as id")
_RETRY = text("select recall.retry(cast(:ids as uuid[]), :state, :reason, cast(:since as timestamptz), :is_dry_run)")
_TRACK = text("select count(*) filter (where recall.track(id, :workspace)) from unnest(cast(:ids as uuid[])) as id")


def track(connection: Connection, ids: Sequence[UUID], workspace: str) -> int:
    """Begin to track ids; answers how many were new or got another try."""
    count: int = connection.execute(_TRACK, {"ids": list(ids), "workspace": workspace}).scalar_one()
    return count


def erased(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of them that were erased here, and are not tracked again."""
    return list(connection.execute(select(Erasures.transcript_id).where(Erasures.transcript_id.in_(ids))).scalars())


def untrack(connection: Connection, ids: Sequence[UUID]) -> int:
    """End the watch over ids, in the order they are handed in; answers how many were waiting."""
    count: int = connection.execute(_UNTRACK, {"ids": list(ids)}).scalar_one()
    return count


def retry(connection: Connection, chosen: Retriable, *, is_dry_run: bool) -> list[UUID]:
    """Give those that are chosen another try; answers which ones do, or would, get it."""
    values = {
        "ids": None if chosen.ids is None else list(chosen.ids),
        "state": chosen.state,
        "reason": chosen.reason,
        "since": chosen.since,
        "is_dry_run": is_dry_run,
    }
    return list(connection.execute(_RETRY, values).scalars())
