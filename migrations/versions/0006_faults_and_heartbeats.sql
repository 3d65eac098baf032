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
-- Circuit breakers count failures, and the file store has one of its own.
alter table syncd.workspaces
    add column failure_count integer not null default 0,
    add column store_paused_until timestamptz,
    add column store_pause_reason text,
    add column store_failure_count integer not null default 0;

-- Why a pass of discovery was cut short.
alter table syncd.list_states drop column is_discovery_incomplete, add column discovery_flaw text;
alter table recall.workspaces
    add column discovery_cut_short_at timestamptz,
    add column discovery_cut_short_reason text;
