select 1;

-- Heartbeats: the connection that a process listens on, which ends with it.
alter table syncd.processes add column listener_pid integer;
