-- Heartbeats of processes.
drop view if exists recall.sync_freshness, recall.sync_daemons;
drop table syncd.processes;
alter table syncd.workspaces drop column stopped_at;

-- When the scan of the list began.
alter table syncd.list_states drop column scan_began_at;
