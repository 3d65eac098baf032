-- Utterances in less space: times as whole microseconds, words as places in the text, and the search vector beside them.
-- recall.utterances becomes a view of the same shape.
create table recall.utterance_data (
    transcript_id uuid not null,
    started_at timestamptz,
    ended_at timestamptz,
    start_s double precision,
    end_s double precision,
    position integer not null,
    participant_position integer not null,
    word_count integer not null,
    parser_version integer,
    language_code text,
    search_config text,
    text text not null,
    words text[],
    word_times integer[],
    word_starts_s double precision[],
    word_ends_s double precision[],
    search_vector tsvector generated always as (
        case when length(text) between 1 and 6000 then recall.search_vector(search_config, text) end
    ) stored
);

insert into recall.utterance_data (
    transcript_id, started_at, ended_at, start_s, end_s, position, participant_position, word_count, parser_version,
    language_code, search_config, text, words, word_times, word_starts_s, word_ends_s
)
select
    said.transcript_id, said.started_at, said.ended_at, said.start_s, said.end_s, said.position,
    said.participant_position, said.word_count, said.parser_version, said.language_code,
    indexed.search_config, said.text,
    case when said.words is distinct from string_to_array(said.text, ' ') then said.words end,
    case when exact.is_exact then exact.word_times end,
    case when not exact.is_exact and said.start_s is not null then said.word_starts_s end,
    case when not exact.is_exact and said.start_s is not null then said.word_ends_s end
from recall.utterances as said
left join recall.passages as indexed
    on indexed.transcript_id = said.transcript_id and indexed.position = said.position and indexed.passage = 0
cross join lateral (
    -- what is longer, or not one time for each word, stays as it is
    select coalesce(
        said.start_s between -1e9 and 1e9 and said.end_s < said.start_s + 2147
            and cardinality(said.word_starts_s) = said.word_count and cardinality(said.word_ends_s) = said.word_count,
        false
    ) as is_near
    offset 0  -- reckoned once for each row, here and below
) as bound
cross join lateral (
    select case when bound.is_near then array(
        select (round(word.time_s * 1e6::double precision) - round(said.start_s * 1e6::double precision))::integer
        from unnest(said.word_starts_s || said.word_ends_s) with ordinality as word (time_s, number)
        order by word.number
    ) end as word_times
    offset 0
) as rounded
cross join lateral (
    -- times finer than a microsecond stay as they are
    select rounded.word_times, bound.is_near and array(
        select (round(said.start_s * 1e6::double precision)::bigint + word.microsecond) / 1e6::double precision
        from unnest(rounded.word_times) with ordinality as word (microsecond, number)
        order by word.number
    ) = said.word_starts_s || said.word_ends_s as is_exact
    offset 0
) as exact;

alter table recall.utterance_data add primary key (transcript_id, position);
alter table recall.utterance_data
    add foreign key (transcript_id) references recall.transcripts (transcript_id) on delete cascade;
create index utterance_data_search on recall.utterance_data using gin (search_vector) with (gin_pending_list_limit = 256);

-- only what is too long for one search vector keeps rows of its own; a truncated table gives its space back at once
create table recall.passages_kept as
select indexed.*
from recall.passages as indexed
join recall.utterances as said
    on said.transcript_id = indexed.transcript_id and said.position = indexed.position and length(said.text) > 6000;
truncate recall.passages;
insert into recall.passages (
    transcript_id, position, passage, first_word, last_word, first_character, character_count,
    search_config, search_vector, parser_version
)
select
    transcript_id, position, passage, first_word, last_word, first_character, character_count,
    search_config, search_vector, parser_version
from recall.passages_kept;
drop table recall.passages_kept;
drop index recall.passages_config;

create table recall.search_configs (
    search_config text not null,
    primary key (search_config)
);
insert into recall.search_configs (search_config)
select search_config from recall.utterance_data where search_config is not null
union
select search_config from recall.passages;

drop view if exists recall.words, recall.transcript_texts;
drop table recall.utterances;
-- Growth: what is asked often costs the same, however many transcripts have come to their end.
-- `metadata @> '{...}'`, of the transcript or of the recording. Without fastupdate: a list of new entries that each
-- question reads to its end would make questions slower than the entries make writing.
create index transcripts_metadata on recall.transcripts
    using gin (metadata jsonb_path_ops, recording_metadata jsonb_path_ops) with (fastupdate = off)
    where metadata is not null or recording_metadata is not null;
-- The few that ended without content, newest first: by Recall's time, and by ours.
create index transcripts_no_content_status on recall.transcripts (status_updated_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
create index transcripts_no_content_observed on recall.transcripts (observed_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
create index events_occurred_at on recall.events (occurred_at);
-- Where claims begin to look, so that they do not pass the dead rows of all polls since somebody's old snapshot.
alter table syncd.budgets add column due_from timestamptz;
