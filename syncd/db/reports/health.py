"""How workspaces stand, for `syncd status --check`."""

from typing import Any

from sqlalchemy import Connection, text

from syncd.core.explain.daemon import DaemonState
from syncd.core.explain.health import Health
from syncd.db.reports.daemons import Daemon, connected, daemons
from syncd.db.reports.pauses import pauses

_HEALTH = text("""
    select
        fresh.workspace, fresh.live_daemon_count as live_count, fresh.daemon_seen_at as seen_at, fresh.pending_count,
        coalesce(late.overdue_count, 0) as overdue_count, late.overdue_since,
        fresh.about_to_be_lost_count, fresh.next_loss_at
    from recall.sync_freshness as fresh
    left join (
        select workspace, count(*) as overdue_count, min(due_at) as overdue_since
        from syncd.queue
        where due_at < clock_timestamp() - :overdue_s * interval '1 second'
          and (lease_until is null or lease_until < clock_timestamp())
        group by workspace
    ) as late using (workspace)
    where fresh.workspace = :own or fresh.pending_count > 0
    order by fresh.workspace
""")


def health(connection: Connection, own: str, overdue_s: float) -> list[Health]:
    """The own workspace, and every other in which something is pending; no row: `own` was never served."""
    rows = [dict(row) for row in connection.execute(_HEALTH, {"own": own, "overdue_s": overdue_s}).mappings()]
    late = connected(connection)
    rows = [row | {"is_connected": row["workspace"] in late} for row in rows]
    told = [each for each in daemons(connection) if each.is_live and each.reason is not None]
    return [_health(connection, row, [each for each in told if each.workspace == row["workspace"]]) for row in rows]


def _health(connection: Connection, row: dict[str, Any], told: list[Daemon]) -> Health:
    """A row with what live daemons tell: why they are paused, or of what they warn."""
    paused, warned = set[str](), set[str]()
    for daemon in told:
        (paused if daemon.state == DaemonState.PAUSED else warned).add(str(daemon.reason))
    reasons = _reasons(pauses(connection, row["workspace"]), sorted(paused))
    return Health(pause_reason=" ".join(reasons) or None, warning=" ".join(sorted(warned)) or None, **row)


def _reasons(paused: list[str], told: list[str]) -> list[str]:
    """Each once: why nothing is called, and what live daemons tell, such as that the database is full."""
    return [*told, *(reason for reason in paused if not any(reason in each for each in told))]
