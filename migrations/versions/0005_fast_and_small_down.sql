-- Growth.
drop view if exists recall.sync_freshness;
drop function if exists recall.chunks(integer, uuid, text), recall.chunks_of(uuid, integer), recall.may_hold(integer),
    recall.freshness_of(text);
drop index recall.transcripts_metadata, recall.transcripts_no_content_status, recall.transcripts_no_content_observed,
    recall.events_occurred_at;
alter table syncd.budgets drop column due_from;
-- Back to utterances with an array of times for each, and passages for every one of them.
create table recall.utterances_before (
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
    parser_version integer
);
insert into recall.utterances_before (
    transcript_id, position, participant_position, participant_id, speaker, start_s, end_s, started_at, ended_at,
    text, language_code, word_count, words, word_starts_s, word_ends_s, parser_version
)
select
    transcript_id, position, participant_position, participant_id, speaker, start_s, end_s, started_at, ended_at,
    text, language_code, word_count, words, word_starts_s, word_ends_s, parser_version
from recall.utterances;
insert into recall.passages (
    transcript_id, position, passage, first_word, last_word, first_character, character_count,
    search_config, search_vector, parser_version
)
select
    transcript_id, position, 0, 0, word_count - 1, 0, length(text), search_config, search_vector, parser_version
from recall.utterance_data
where search_vector is not null;
create index passages_config on recall.passages (search_config);

drop view recall.words, recall.transcript_texts, recall.utterances;
drop function if exists
    recall.search(text, text, text, text, timestamptz, timestamptz, integer),
    recall.search_place(uuid, integer, regconfig, tsquery, integer, integer, integer, integer);
drop table recall.utterance_data, recall.search_configs;
drop function recall.search_vector(text, text);
drop function if exists  -- of later versions; the generated column that is gone now called the first two
    recall.search_lower(text), recall.search_signs(text), recall.search_marks(regconfig, text, tsquery);
alter table recall.utterances_before rename to utterances;
alter table recall.utterances add primary key (transcript_id, position);
alter table recall.utterances
    add foreign key (transcript_id) references recall.transcripts (transcript_id) on delete cascade;
