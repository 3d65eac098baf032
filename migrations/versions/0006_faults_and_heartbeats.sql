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

-- One reparse at a time: a row with a lease, for behind a pooler no session keeps a lock.
create table syncd.reparse_lease (
    id integer not null,
    token uuid not null,
    leased_until timestamptz not null,
    primary key (id)
);
