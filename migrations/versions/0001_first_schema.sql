-- The first tables: the control plane (syncd) and the data plane (recall), whose schemas are there by then.
create sequence syncd.lease_token;

create table recall.transcripts (
    transcript_id uuid not null,
    workspace text not null,
    recording_id uuid,
    recording_metadata jsonb,
    created_at timestamptz,
    status text,
    sub_code text,
    status_updated_at timestamptz,
    metadata jsonb,
    provider text,
    provider_config jsonb,
    has_separate_streams boolean,
    artifact jsonb,
    payload_state text default 'pending' not null,
    payload_reason text,
    provider_data_state text,
    provider_data_reason text,
    utterance_count integer,
    word_count integer,
    has_replaced_characters boolean default false not null,
    first_seen_at timestamptz not null,
    observed_at timestamptz,
    loaded_at timestamptz,
    primary key (transcript_id)
);
create index transcripts_created_at on recall.transcripts (created_at);
create index transcripts_recording_id on recall.transcripts (recording_id);

create table syncd.budgets (
    workspace text not null,
    route text not null,
    limit_per_minute integer not null,
    tokens double precision not null,
    refreshed_at timestamptz not null,
    paused_until timestamptz,
    throttled_at timestamptz,
    throttled_count integer default 0 not null,
    reduced_limit double precision,
    call_count bigint default 0 not null,
    primary key (workspace, route)
);

create table syncd.calls (
    call_id bigint not null,
    workspace text not null,
    route text not null,
    paid_at timestamptz not null,
    over_at timestamptz not null,
    is_throttled boolean default false not null,
    primary key (call_id)
)
with (autovacuum_vacuum_scale_factor = 0.05);
create index calls_over on syncd.calls (workspace, route, over_at);

create table syncd.queue (
    transcript_id uuid not null,
    workspace text not null,
    stage text not null,
    due_at timestamptz not null,
    tracked_at timestamptz not null,
    pending_until timestamptz not null,
    is_observed boolean default false not null,
    looked_at timestamptz,
    lease_token bigint,
    lease_holder text,
    lease_until timestamptz,
    rescued_count integer default 0 not null,
    attempts integer default 0 not null,
    not_found_count integer default 0 not null,
    forbidden_count integer default 0 not null,
    suspects text[] default '{}' not null,
    last_error text,
    last_error_at timestamptz,
    primary key (transcript_id)
)
 with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
create index queue_due on syncd.queue (workspace, due_at);

create table syncd.workspaces (
    workspace text not null,
    registered_at timestamptz not null,
    paused_until timestamptz,
    pause_reason text,
    primary key (workspace)
);

create table recall.participants (
    transcript_id uuid not null,
    position integer not null,
    participant_id text,
    name text,
    is_host boolean,
    platform text,
    email text,
    extra_data jsonb,
    primary key (transcript_id, position),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);

create table recall.payloads (
    transcript_id uuid not null,
    kind text not null,
    sha256 text not null,
    byte_count bigint not null,
    content bytea not null,
    downloaded_at timestamptz not null,
    parser_version integer,
    has_replaced_characters boolean default false not null,
    primary key (transcript_id, kind),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);

create table recall.provider_parts (
    transcript_id uuid not null,
    position integer not null,
    part_id text,
    created_at timestamptz,
    type text,
    source_audio jsonb,
    data jsonb,
    primary key (transcript_id, position),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);

create table recall.status_history (
    transcript_id uuid not null,
    observed_at timestamptz not null,
    status text not null,
    sub_code text,
    status_updated_at timestamptz,
    primary key (transcript_id, observed_at),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);

create table recall.utterances (
    transcript_id uuid not null,
    position integer not null,
    participant_position integer not null,
    participant_id text,
    speaker text,
    start_s double precision,
    end_s double precision,
    started_at timestamptz,
    ended_at timestamptz,
    text text not null,
    language_code text,
    word_count integer not null,
    words text[] not null,
    word_starts_s double precision[] not null,
    word_ends_s double precision[] not null,
    primary key (transcript_id, position),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);

-- The bytes are compressed already; Postgres need not try again.
alter table recall.payloads alter column content set storage external;
