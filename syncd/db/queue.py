"""The queue: rows are taken by lease, and settled only by whoever still holds it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, literal, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from syncd.core.lease import Lease
from syncd.core.transcript import Stage
from syncd.core.verdict import Verdict
from syncd.db.control_tables import queue
from syncd.errors import LeaseLost

_TAKE = text((Path(__file__).parent / "sql" / "take.sql").read_text(encoding="utf-8")).bindparams(
    bindparam("stages", type_=ARRAY(Text))
)
_NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_holder": None, "lease_until": None}


def has_due(connection: Connection, workspace: str) -> bool:
    """Whether there is anything to take; spares the budget's lock where there is not."""
    due = (
        select(literal(1))
        .where(queue.c.workspace == workspace, queue.c.due_at <= func.clock_timestamp())
        .where(queue.c.lease_until.is_(None) | (queue.c.lease_until <= func.clock_timestamp()))
        .limit(1)
    )
    return connection.execute(due).first() is not None


def take(
    connection: Connection,
    workspace: str,
    stages: Collection[Stage],
    count: int,
    holder: str,
    lease_s: float,
    now: datetime,
) -> list[Lease]:
    """Lease up to `count` due rows in the given stages, those due the longest first."""
    rows = connection.execute(
        _TAKE,
        {
            "workspace": workspace,
            "stages": [str(stage) for stage in stages],
            "count": count,
            "holder": holder,
            "now": now,
            "lease_until": now + timedelta(seconds=lease_s),
        },
    )
    return [
        Lease(
            transcript_id=row.transcript_id,
            workspace=row.workspace,
            token=row.lease_token,
            stage=Stage(row.stage),
            taken_at=now,
            tracked_at=row.tracked_at,
            pending_until=row.pending_until,
            attempts=row.attempts,
            not_found_count=row.not_found_count,
            forbidden_count=row.forbidden_count,
            is_observed=row.is_observed,
            suspects=tuple(row.suspects),
            rescued_count=row.rescued_count if row.is_rescued else 0,
        )
        for row in rows
    ]


def settle(connection: Connection, lease: Lease, verdict: Verdict) -> None:
    """End a lease with a verdict: the row leaves the queue, or waits for its next turn. Raises LeaseLost."""
    if verdict.stage is None:
        _fenced(connection, lease, queue.delete())
    else:
        settled = _after(verdict, verdict.stage) | _NO_LEASE | {"rescued_count": verdict.rescued_count}
        _fenced(connection, lease, queue.update().values(settled))


def advance(connection: Connection, lease: Lease, verdict: Verdict) -> Lease:
    """Move a held row one stage further and keep the lease. Raises LeaseLost."""
    stage = verdict.stage or lease.stage
    _fenced(connection, lease, queue.update().values(_after(verdict, stage)))
    return lease.at(stage, verdict.pending_until)


def hold(connection: Connection, lease: Lease) -> None:
    """Make sure that the lease is still ours, until the transaction ends. Raises LeaseLost."""
    ours = select(queue.c.transcript_id).where(_is_ours(lease)).with_for_update()
    if connection.execute(ours).first() is None:
        raise LeaseLost


def current(connection: Connection, lease: Lease) -> Lease:
    """The lease as the row stands now, which may be further on. Raises LeaseLost."""
    columns = (queue.c.stage, queue.c.pending_until, queue.c.attempts, queue.c.not_found_count)
    row = connection.execute(select(*columns).where(_is_ours(lease))).one_or_none()
    if row is None:
        raise LeaseLost
    return replace(
        lease,
        stage=Stage(row.stage),
        pending_until=row.pending_until,
        attempts=row.attempts,
        not_found_count=row.not_found_count,
    )


def saw(connection: Connection, transcript_id: UUID) -> None:
    """Note that Recall has just answered about the transcript."""
    statement = queue.update().where(queue.c.transcript_id == transcript_id)
    connection.execute(statement.values(looked_at=func.clock_timestamp(), is_observed=True))


def renew(connection: Connection, tokens: Collection[int], lease_s: float) -> None:
    """Keep the leases that this process is still working on."""
    until = func.clock_timestamp() + timedelta(seconds=lease_s)
    connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(lease_until=until))


def give_back(connection: Connection, tokens: Collection[int]) -> int:
    """Give leases back unsettled; the rows are due at once. Answers how many there were."""
    return connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(**_NO_LEASE)).rowcount


def unfinished(connection: Connection, workspace: str) -> int:
    """How many transcripts of the workspace have not reached their end."""
    count: int = connection.execute(
        select(func.count()).select_from(queue).where(queue.c.workspace == workspace)
    ).scalar_one()
    return count


def _after(verdict: Verdict, stage: Stage) -> dict[str, Any]:
    values: dict[str, Any] = {
        "stage": str(stage),
        "due_at": func.clock_timestamp() + timedelta(seconds=verdict.wait_s),
        "attempts": verdict.attempts,
        "not_found_count": verdict.not_found_count,
        "forbidden_count": verdict.forbidden_count,
        "suspects": list(verdict.suspects),
        "last_error": verdict.reason,
        "last_error_at": func.clock_timestamp() if verdict.reason else null(),
    }
    if verdict.pending_until is not None:
        values["pending_until"] = verdict.pending_until
    return values


def _is_ours(lease: Lease) -> Any:
    return (queue.c.transcript_id == lease.transcript_id) & (queue.c.lease_token == lease.token)


def _fenced(connection: Connection, lease: Lease, statement: Any) -> None:
    if connection.execute(statement.where(_is_ours(lease))).rowcount != 1:
        raise LeaseLost
