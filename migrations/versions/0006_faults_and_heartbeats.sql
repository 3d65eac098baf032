-- Heartbeats of processes.
create table syncd.processes (
    process text primary key,
    workspace text not null,
    host text not null,
    pid integer not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    live_until timestamptz not null,
    state text not null,
    reason text
) with (fillfactor = 50);  -- each heartbeat updates its row in place
alter table syncd.workspaces add column stopped_at timestamptz;
drop view if exists recall.sync_freshness;  -- it gets columns in between

-- When the scan of the list began.
alter table syncd.list_states add column scan_began_at timestamptz;
