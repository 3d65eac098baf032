-- Heartbeats of processes.
drop view if exists recall.sync_freshness, recall.sync_daemons;
drop table syncd.processes;
alter table syncd.workspaces drop column stopped_at;
-- Reparses: back to a lock of a session.
drop table syncd.reparse_lease;
