-- Whether a daemon is alive for each workspace, and since when none is, from the heartbeats of all processes.
-- Runs with its owner's rights, for whoever reads it has none on schema syncd; shows only what its reader may see.
create or replace view recall.sync_daemons with (security_barrier = true) as
select
    served.workspace,
    coalesce(beats.live_count, 0) as live_count,
    greatest(beats.seen_at, served.stopped_at) as seen_at
from syncd.workspaces as served
left join (
    select process.workspace, count(live.process) as live_count, max(process.seen_at) as seen_at
    from syncd.processes as process
    left join syncd.live_processes as live using (process)
    group by process.workspace
) as beats using (workspace)
where recall.sees_workspace(served.workspace);
