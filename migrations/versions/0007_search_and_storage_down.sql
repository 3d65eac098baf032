select 1;

-- Heartbeats without the connection of the process.
drop view if exists recall.sync_freshness, recall.sync_daemons;
alter table syncd.processes drop column listener_pid;
