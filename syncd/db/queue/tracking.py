"""Ids come in through recall.track, the same function that analysts call in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

_TRACK = text("select count(*) filter (where recall.track(id, :workspace)) from unnest(cast(:ids as uuid[])) as id")


def track(connection: Connection, ids: Sequence[UUID], workspace: str) -> int:
    """Begin to track ids; answers how many were new or got another try."""
    count: int = connection.execute(_TRACK, {"ids": list(ids), "workspace": workspace}).scalar_one()
    return count
