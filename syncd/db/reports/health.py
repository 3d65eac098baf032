"""How workspaces stand, for `syncd status --check`."""

from sqlalchemy import Connection, text

from syncd.core.explain.health import Health
from syncd.db.reports.pauses import pauses

_HEALTH = text("""
    select
        fresh.workspace, fresh.live_daemon_count as live_count, fresh.daemon_seen_at as seen_at, fresh.pending_count,
        coalesce(late.overdue_count, 0) as overdue_count, late.overdue_since,
        fresh.about_to_be_lost_count, fresh.next_loss_at, told.reasons
    from recall.sync_freshness as fresh
    left join (
        select workspace, count(*) as overdue_count, min(due_at) as overdue_since
        from syncd.queue
        where due_at < clock_timestamp() - :overdue_s * interval '1 second'
          and (lease_until is null or lease_until < clock_timestamp())
        group by workspace
    ) as late using (workspace)
    left join (
        select workspace, array_agg(distinct reason) as reasons
        from syncd.processes
        where state = 'paused' and live_until > clock_timestamp()
        group by workspace
    ) as told using (workspace)
    where fresh.workspace = :own or fresh.pending_count > 0
    order by fresh.workspace
""")


def health(connection: Connection, own: str, overdue_s: float) -> list[Health]:
    """The own workspace, and every other in which something is pending; no row: `own` was never served."""
    rows = [dict(row) for row in connection.execute(_HEALTH, {"own": own, "overdue_s": overdue_s}).mappings()]
    reasons = [_reasons(pauses(connection, row["workspace"]), row.pop("reasons") or []) for row in rows]
    return [Health(pause_reason=" ".join(each) or None, **row) for each, row in zip(reasons, rows, strict=True)]


def _reasons(paused: list[str], told: list[str]) -> list[str]:
    """Each once: why nothing is called, and what live daemons tell, such as that the database is full."""
    return [*told, *(reason for reason in paused if not any(reason in each for each in told))]
