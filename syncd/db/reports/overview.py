"""How things stand, for `syncd status` and for whoever asks why a run is not done."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text

from syncd.db.tables.control import queue, workspaces
from syncd.db.tables.recall import transcripts

_OVERVIEW = text((Path(__file__).parent / "sql" / "overview.sql").read_text(encoding="utf-8"))
_BUDGETS = text("select * from recall.sync_budget order by workspace, route")


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and extremes; times are aware, None where there is nothing to tell."""

    stages: dict[str, int]
    statuses: dict[str, int]
    """By Recall's status code; `(not seen yet)` for those that Recall has not shown."""
    payload_states: dict[str, int]
    leased_count: int
    oldest_pending: dict[str, Any] | None
    budgets: list[dict[str, Any]]
    paused_workspaces: list[dict[str, Any]]
    unserved_workspaces: list[dict[str, Any]]
    """Those that transcripts were tracked for, but that no daemon has ever served."""
    last_error: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def overview(connection: Connection) -> Overview:
    """Everything `syncd status` shows, over all workspaces."""
    return Overview(
        stages=_counts(connection, queue.c.stage),
        statuses=_counts(connection, func.coalesce(transcripts.c.status, "(not seen yet)")),
        payload_states=_counts(connection, transcripts.c.payload_state),
        leased_count=connection.execute(select(func.count(queue.c.lease_token))).scalar_one(),
        oldest_pending=_row(connection, select(*_PENDING).order_by(queue.c.tracked_at).limit(1)),
        budgets=_rows(connection, _BUDGETS),
        paused_workspaces=_paused(connection),
        unserved_workspaces=_unserved(connection),
        last_error=_row(
            connection,
            select(queue.c.transcript_id, queue.c.last_error, queue.c.last_error_at)
            .where(queue.c.last_error.is_not(None))
            .order_by(queue.c.last_error_at.desc())
            .limit(1),
        ),
    )


def why_waiting(connection: Connection, workspace: str) -> str:
    """One sentence: how many transcripts of a workspace still wait, and for what."""
    rows = [row for row in connection.execute(_OVERVIEW) if row.workspace == workspace]
    pause = connection.execute(
        select(workspaces.c.pause_reason).where(workspaces.c.workspace == workspace)
    ).scalar_one_or_none()
    reasons = [f"{row.waiting_count} to {row.stage} ({row.last_error or _PLAIN[row.stage]})" for row in rows[:5]]
    total = sum(row.waiting_count for row in rows)
    paused = f" The workspace is paused: {pause}" if pause else ""
    return f"{total} transcripts still wait: {'; '.join(reasons)}.{paused}"


_PENDING = (queue.c.transcript_id, queue.c.workspace, queue.c.stage, queue.c.tracked_at, queue.c.due_at)
_PLAIN = {"poll": "not finished by Recall", "download": "files to fetch", "load": "files to read"}


def _counts(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(value): count for value, count in rows}


def _row(connection: Connection, statement: Any) -> dict[str, Any] | None:
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def _rows(connection: Connection, statement: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _unserved(connection: Connection) -> list[dict[str, Any]]:
    served = select(workspaces.c.workspace)
    return _rows(
        connection,
        select(queue.c.workspace, func.count().label("count"))
        .where(queue.c.workspace.not_in(served))
        .group_by(queue.c.workspace)
        .order_by(queue.c.workspace),
    )


def _paused(connection: Connection) -> list[dict[str, Any]]:
    columns = (workspaces.c.workspace, workspaces.c.paused_until, workspaces.c.pause_reason)
    return _rows(connection, select(*columns).where(workspaces.c.pause_reason.is_not(None)))
