-- Heartbeats of processes.
drop view if exists recall.sync_freshness, recall.sync_daemons;
drop table syncd.processes;
alter table syncd.workspaces drop column stopped_at;
-- Reparses: back to a lock of a session.
drop table syncd.reparse_lease;

-- One circuit breaker, without a count.
alter table syncd.workspaces
    drop column failure_count,
    drop column store_paused_until,
    drop column store_pause_reason,
    drop column store_failure_count;

-- A pass of discovery is whole or not.
alter table recall.workspaces drop column discovery_cut_short_at, drop column discovery_cut_short_reason;
alter table syncd.list_states
    drop column discovery_flaw,
    add column is_discovery_incomplete boolean not null default false;

-- When the scan of the list began.
alter table syncd.list_states drop column scan_began_at;
