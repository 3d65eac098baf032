-- Search that depends on no locale: what it would find otherwise now is indexed anew. The functions are those of this
-- version by then. It comes first, for it may take minutes, and what follows locks tables that every claim reads.
update recall.utterance_data
set text = text
where length(text) between 1 and 6000 and search_vector is distinct from recall.search_vector(search_config, text);

update recall.passages as indexed
set search_vector = read.search_vector
from (
    select
        passage.transcript_id, passage."position", passage.passage,
        recall.search_vector(
            passage.search_config, substr(said.text, passage.first_character + 1, passage.character_count)
        ) as search_vector
    from recall.passages as passage
    join recall.utterance_data as said
        on said.transcript_id = passage.transcript_id and said."position" = passage."position"
) as read
where read.transcript_id = indexed.transcript_id and read."position" = indexed."position"
  and read.passage = indexed.passage and read.search_vector is distinct from indexed.search_vector;

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

-- When the scan of the list began.
alter table syncd.list_states add column scan_began_at timestamptz;
