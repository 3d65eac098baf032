-- Heartbeats of processes.
drop view if exists recall.sync_freshness, recall.sync_daemons;
drop table syncd.processes;
alter table syncd.workspaces drop column stopped_at;
