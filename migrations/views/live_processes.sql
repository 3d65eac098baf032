-- Processes that are alive, by their heartbeats. A heartbeat counts while it is not too old and the connection that its
-- process listens on, if it has one, is still there: the server ends that at once when the process is killed. It cannot be
-- looked for on a standby, nor after a restart of the server.
create or replace view syncd.live_processes as
select process.process, process.workspace
from syncd.processes as process
where process.live_until > clock_timestamp() and (
    process.listener_pid is null or pg_is_in_recovery() or process.seen_at < pg_postmaster_start_time()
    or exists (select from pg_stat_activity as session where session.pid = process.listener_pid)
);
