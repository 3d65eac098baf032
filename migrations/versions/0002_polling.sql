-- Polling that learns: what a row needs to be planned with, the price of a look, durations and sweeps.
alter table syncd.queue
    add column created_at timestamptz,
    add column provider text,
    add column recording_length text,
    add column patience_s double precision,
    add column passed_at timestamptz,
    add column shown_at timestamptz,
    add column left_at timestamptz;

update syncd.queue as waiting
set created_at = known.created_at, provider = known.provider
from recall.transcripts as known
where known.transcript_id = waiting.transcript_id;

drop index syncd.queue_due;
create index queue_due on syncd.queue (workspace, is_observed, due_at);
create index queue_load on syncd.queue (workspace, due_at) where stage = 'load';
create index queue_left on syncd.queue (workspace, left_at) where left_at is not null;
create index queue_created on syncd.queue (workspace, created_at) where stage = 'poll';

alter table syncd.budgets
    add column patience_s double precision default 0.1 not null,
    add column trim double precision default 1 not null,
    add column steered_at timestamptz;

create table syncd.durations (
    workspace text not null,
    provider text not null,
    recording_length text not null,
    bin integer not null,
    begin_s double precision not null,
    finished double precision not null,
    exposure_s double precision not null,
    hazard double precision not null,
    aged_at timestamptz not null,
    primary key (workspace, provider, recording_length, bin)
);

create table syncd.sweeps (
    workspace text not null,
    page_size double precision not null,
    foreign_processing double precision not null,
    foreign_done double precision not null,
    turn bigint not null,
    walk_hits double precision not null,
    walk_rests_until timestamptz,
    walk_url text,
    discover_url text,
    discover_after timestamptz,
    discover_began_at timestamptz,
    discovered_at timestamptz,
    discover_rests_until timestamptz,
    is_discovery_flawed boolean default false not null,
    discover_floor timestamptz,
    failure_count integer not null,
    rests_until timestamptz,
    rest_reason text,
    holder text,
    held_until timestamptz,
    primary key (workspace)
);
