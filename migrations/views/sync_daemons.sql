-- Whether a daemon is alive for each workspace, and since when none is, from the heartbeats of all processes. A heartbeat
-- counts while it is not too old and the connection that its process listens on, if it has one, is still there: the server
-- ends that at once when the process is killed. It cannot be looked for on a standby, nor after a restart of the server.
-- The same condition is in syncd/db/queue/processes.py.
-- Runs with its owner's rights, for whoever reads it has none on schema syncd; shows only what its reader may see.
create or replace view recall.sync_daemons with (security_barrier = true) as
select
    served.workspace,
    coalesce(beats.live_count, 0) as live_count,
    greatest(beats.seen_at, served.stopped_at) as seen_at
from syncd.workspaces as served
left join (
    select
        process.workspace,
        count(*) filter (where process.live_until > clock_timestamp() and (
            process.listener_pid is null or pg_is_in_recovery() or process.seen_at < pg_postmaster_start_time()
            or session.pid is not null
        )) as live_count,
        max(process.seen_at) as seen_at
    from syncd.processes as process
    left join pg_stat_activity as session on session.pid = process.listener_pid
    group by process.workspace
) as beats using (workspace)
where recall.sees_workspace(served.workspace);
