"""How things stand, for `syncd status` and for whoever asks why a run is not done.

What it costs depends on the queue and on the last day, not on how many transcripts have come to their end.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, func, select, text

from syncd.core.transcript import Stage
from syncd.db.engine import database_now
from syncd.db.rate_limit.workspaces import Server
from syncd.db.reports.daemons import Daemon, Served, daemons, served
from syncd.db.tables import recall
from syncd.db.tables.control import Queue, Workspaces
from syncd.db.tables.recall import Events, Transcripts

MOST_COUNTED = 100_000
"""Above so many transcripts, estimates have to do. A judgement: to count them takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A transcript that has not reached its end."""

    transcript_id: UUID
    workspace: str
    stage: Stage
    tracked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A row of recall.sync_budget, whose columns are described in docs/tables.md."""

    workspace: str
    route: str
    limit_per_minute: int
    assumed_limit: int
    available: int
    paused_until: datetime | None
    pause_reason: str | None
    calls_last_minute: int
    calls_last_hour: int
    throttled_last_minute: int
    throttled_last_hour: int


@dataclass(frozen=True, slots=True)
class Paused:
    """A workspace one of whose circuit breakers is open."""

    workspace: str
    paused_until: datetime | None
    pause_reason: str | None


@dataclass(frozen=True, slots=True)
class Unserved:
    """A workspace that no daemon has ever served, and how many transcripts were tracked for it."""

    workspace: str
    count: int


@dataclass(frozen=True, slots=True)
class CutShort:
    """A workspace whose last pass of discovery ended before its end."""

    workspace: str
    cut_short_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LastError:
    """What went wrong last with a transcript, and when."""

    transcript_id: UUID
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and extremes; times are aware, None where there is nothing to tell."""

    asked_at: datetime
    workspaces: list[Served]
    """All that were ever served."""
    daemons: list[Daemon]
    """Every process that has not ended cleanly, dead ones for a day."""
    stages: dict[str, int]
    """Of the unfinished ones."""
    events_last_day: dict[str, int]
    """Events of the last 24 hours, by kind."""
    statuses: dict[str, int]
    """By Recall's status code; `(not seen yet)` for those that Recall has not shown."""
    payload_states: dict[str, int]
    are_estimates: bool
    """Whether statuses and payload_states are what Postgres estimated at its last ANALYZE: there are more than
    MOST_COUNTED transcripts. Rare values may be missing then."""
    leased_count: int
    oldest_pending: Pending | None
    budgets: list[BudgetState]
    paused_workspaces: list[Paused]
    paused_stores: list[Paused]
    """Whose files are not downloaded just now."""
    unserved_workspaces: list[Unserved]
    cut_short_discoveries: list[CutShort]
    """Where the last pass of discovery was not whole."""
    last_error: LastError | None

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def overview(connection: Connection) -> Overview:
    """Everything `syncd status` shows, over all workspaces."""
    estimates = _estimates(connection)
    known = Transcripts
    return Overview(
        asked_at=database_now(connection),
        workspaces=served(connection),
        daemons=daemons(connection),
        stages=_counts(connection, Queue.stage),
        events_last_day=_counts(connection, Events.kind, Events.occurred_at > func.now() - timedelta(days=1)),
        statuses=estimates.get("status") or _counts(connection, func.coalesce(known.status, _NOT_SEEN)),
        payload_states=estimates.get("payload_state") or _counts(connection, known.payload_state),
        are_estimates=bool(estimates),
        leased_count=connection.execute(select(func.count(Queue.lease_token))).scalar_one(),
        oldest_pending=_oldest_pending(connection),
        budgets=[BudgetState(**row._mapping) for row in connection.execute(_BUDGETS)],
        paused_workspaces=_paused(connection, Server.RECALL),
        paused_stores=_paused(connection, Server.STORE),
        unserved_workspaces=_unserved(connection),
        cut_short_discoveries=_cut_short(connection),
        last_error=_last_error(connection),
    )


def why_waiting(connection: Connection, workspace: str) -> str:
    """One sentence: how many transcripts of a workspace still wait, and for what."""
    groups = (Queue.stage, Queue.last_error)
    waiting = select(*groups, func.count()).where(Queue.workspace == workspace).group_by(*groups)
    rows = connection.execute(waiting.order_by(func.count().desc(), Queue.stage)).all()
    pause = connection.execute(
        select(Workspaces.pause_reason).where(Workspaces.workspace == workspace)
    ).scalar_one_or_none()
    reasons = [f"{count} to {stage} ({error or _PLAIN[stage]})" for stage, error, count in rows[:5]]
    total = sum(count for _, _, count in rows)
    paused = f" The workspace is paused: {pause}" if pause else ""
    return f"{total} transcripts still wait: {'; '.join(reasons)}.{paused}"


_PLAIN = {
    Stage.POLL: "not finished by Recall",
    Stage.DOWNLOAD: "files to fetch",
    Stage.LOAD: "files to read",
}
_BUDGETS = text("select * from recall.sync_budget order by workspace, route")


_NOT_SEEN = "(not seen yet)"
_ESTIMATES = text("""
    select
        stats.attname, known.reltuples, stats.null_frac,
        cast(cast(stats.most_common_vals as text) as text[]) as most_common_vals, stats.most_common_freqs
    from pg_catalog.pg_class as known
    join pg_catalog.pg_stats as stats on stats.schemaname = 'recall' and stats.tablename = 'transcripts'
    where known.oid = cast('recall.transcripts' as regclass) and known.reltuples > :most
      and stats.attname in ('status', 'payload_state') and stats.most_common_vals is not null
""")


def _estimates(connection: Connection) -> dict[str, dict[str, int]]:
    """How many transcripts have each value of both columns, as Postgres estimates; empty where they are few, or where
    it has not looked at both yet."""
    found = {}
    for row in connection.execute(_ESTIMATES, {"most": MOST_COUNTED}):
        shares = dict(zip(row.most_common_vals, row.most_common_freqs, strict=True))
        if row.null_frac:
            shares[_NOT_SEEN] = row.null_frac
        found[row.attname] = {value: round(row.reltuples * share) for value, share in sorted(shares.items())}
    return found if len(found) == 2 else {}


def _counts(
    connection: Connection, value: SQLColumnExpression[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    rows = connection.execute(select(value, func.count()).where(*conditions).group_by(value).order_by(value))
    return {str(found): count for found, count in rows}


def _oldest_pending(connection: Connection) -> Pending | None:
    columns = (Queue.transcript_id, Queue.workspace, Queue.stage, Queue.tracked_at, Queue.due_at)
    row = connection.execute(select(*columns).order_by(Queue.tracked_at).limit(1)).one_or_none()
    return None if row is None else Pending(*row)


def _paused(connection: Connection, server: Server) -> list[Paused]:
    until, reason, _ = server.columns
    rows = connection.execute(select(Workspaces.workspace, until, reason).where(reason.is_not(None)))
    return [Paused(*row) for row in rows]


def _unserved(connection: Connection) -> list[Unserved]:
    counted = select(Queue.workspace, func.count()).where(Queue.workspace.not_in(select(Workspaces.workspace)))
    rows = connection.execute(counted.group_by(Queue.workspace).order_by(Queue.workspace))
    return [Unserved(*row) for row in rows]


def _cut_short(connection: Connection) -> list[CutShort]:
    at, reason = recall.Workspaces.discovery_cut_short_at, recall.Workspaces.discovery_cut_short_reason
    rows = connection.execute(select(recall.Workspaces.workspace, at, reason).where(at.is_not(None)))
    return [CutShort(*row) for row in rows]


def _last_error(connection: Connection) -> LastError | None:
    failed = select(Queue.transcript_id, Queue.last_error, Queue.last_error_at).where(Queue.last_error.is_not(None))
    row = connection.execute(failed.order_by(Queue.last_error_at.desc()).limit(1)).one_or_none()
    return None if row is None else LastError(*row)
