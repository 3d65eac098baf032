-- For analysts: the provider's own words, harmonised options, talk times, full-text search, and an outbox of events.
alter table recall.transcripts
    add column options jsonb,
    add column expires_at timestamptz,
    add column content_sha256 text,
    add column span_s double precision,
    add column speech_s double precision,
    add column overlap_s double precision;
drop index recall.transcripts_recording_id;
create index transcripts_latest on recall.transcripts (recording_id, created_at desc nulls last, transcript_id desc);
create index transcripts_undecided on recall.transcripts (workspace, first_seen_at)
    where payload_state in ('pending', 'shelved');
create index transcripts_loaded_at on recall.transcripts (workspace, loaded_at);
create index transcripts_observed_at on recall.transcripts (workspace, observed_at);

alter table recall.participants
    add column turn_count integer,
    add column word_count integer,
    add column talk_s double precision,
    add column overlap_s double precision,
    add column parser_version integer;

alter table recall.utterances add column parser_version integer;

alter table recall.provider_parts
    add column words text[],
    add column word_starts_s double precision[],
    add column word_ends_s double precision[],
    add column word_confidences double precision[],
    add column word_speakers text[],
    add column word_finals boolean[],
    add column note text,
    add column parser_version integer;

create table recall.passages (
    transcript_id uuid not null,
    position integer not null,
    passage integer not null,
    first_word integer not null,
    last_word integer not null,
    first_character integer not null,
    character_count integer not null,
    search_config text not null,
    search_vector tsvector not null,
    parser_version integer,
    primary key (transcript_id, position, passage),
    foreign key(transcript_id) references recall.transcripts (transcript_id) on delete cascade
);
create index passages_search on recall.passages using gin (search_vector);
create index passages_config on recall.passages (search_config);

create table recall.events (
    event_id bigint generated always as identity not null,
    transcript_id uuid not null,
    workspace text not null,
    kind text not null,
    occurred_at timestamptz not null,
    primary key (event_id),
    constraint events_kind check (kind in ('ready', 'failed', 'deleted', 'changed', 'erased'))
);
create index events_transcript on recall.events (transcript_id, event_id);

-- a constraint trigger cannot be replaced, so it is made here; what it does comes with the views, by replacement
create function recall.write_events() returns trigger language plpgsql as 'begin return null; end';
create constraint trigger transcripts_inserted after insert on recall.transcripts
    deferrable initially deferred for each row
    when (new.payload_state not in ('pending', 'shelved'))
    execute function recall.write_events();
create constraint trigger transcripts_updated after update on recall.transcripts
    deferrable initially deferred for each row
    when (
        -- every column that recall.write_events() compares, or it would not see the row as it was
        (old.payload_state <> new.payload_state
            and not (old.payload_state in ('pending', 'shelved') and new.payload_state in ('pending', 'shelved')))
        or (new.payload_state in ('loaded', 'empty')
            and (old.status, old.metadata, old.recording_metadata, old.content_sha256, old.utterance_count,
                    old.word_count)
                is distinct from (new.status, new.metadata, new.recording_metadata, new.content_sha256,
                    new.utterance_count, new.word_count))
    )
    execute function recall.write_events();
create constraint trigger transcripts_deleted after delete on recall.transcripts
    deferrable initially deferred for each row
    execute function recall.write_events();

create table syncd.event_order (
    is_empty boolean not null,
    primary key (is_empty)
);

create table recall.workspaces (
    workspace text not null,
    registered_at timestamptz not null,
    primary key (workspace)
);
insert into recall.workspaces (workspace, registered_at) select workspace, registered_at from syncd.workspaces;

create table syncd.reparses (
    selection text not null,
    parser_version integer not null,
    last_transcript_id uuid,
    done_count integer default 0 not null,
    started_at timestamptz not null,
    primary key (selection)
);
