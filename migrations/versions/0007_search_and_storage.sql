-- Search that finds a word in whichever of its forms it was written: what would be found otherwise now is indexed anew.
-- In a text of plain ASCII nothing is. The functions are those of this version by then. It comes first, for it may take
-- minutes, and what follows may lock tables that every claim reads.
update recall.utterance_data
set text = text
where octet_length(text) <> length(text)
  and length(text) between 1 and 6000 and search_vector is distinct from recall.search_vector(search_config, text);

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

-- Times of words as bytes: a third of the space, and no array header. Where a word has only one time, seconds are kept.
drop view if exists recall.words, recall.transcript_texts, recall.utterances;  -- they come again with the other views
update recall.utterance_data as said
set word_starts_s = before.times[:said.word_count], word_ends_s = before.times[said.word_count + 1:], word_times = null
from (
    select transcript_id, "position", array(
        select (round(start_s * 1e6::double precision)::bigint + word.microsecond) / 1e6::double precision
        from unnest(word_times) with ordinality as word (microsecond, number)
        order by word.number
    ) as times
    from recall.utterance_data
    where array_position(word_times, null) is not null
) as before
where before.transcript_id = said.transcript_id and before."position" = said."position";
create function syncd.packed(times integer[]) returns bytea language sql immutable
return (
    -- big-endian, three bytes each where all fit into those
    select string_agg(
        case when far.is_far then int4send(word.microsecond) else substr(int4send(word.microsecond), 2) end,
        '' order by word.number
    )
    from unnest(times) with ordinality as word (microsecond, number)
    cross join (select max(each) >= 16777216 as is_far from unnest(times) as each) as far
);
alter table recall.utterance_data alter column word_times type bytea using syncd.packed(word_times);
drop function syncd.packed(integer[]);

-- One word for one thing: a file whose bytes are stored is `stored`. Before the indexes, so that they need no second look
-- at what this writes. Only undecided rows hold the old word; the table is read four times, without its long values.
update recall.transcripts
set payload_state = case payload_state when 'shelved' then 'stored' else payload_state end,
    provider_data_state = case provider_data_state when 'shelved' then 'stored' else provider_data_state end
where payload_state = 'shelved' or provider_data_state = 'shelved';
drop index recall.transcripts_undecided, recall.transcripts_no_content_status, recall.transcripts_no_content_observed;
create index transcripts_undecided on recall.transcripts (workspace, first_seen_at)
    where payload_state in ('pending', 'stored');
create index transcripts_no_content_status on recall.transcripts (status_updated_at)
    where status = 'failed' or payload_state not in ('pending', 'stored', 'loaded', 'empty');
create index transcripts_no_content_observed on recall.transcripts (observed_at)
    where status = 'failed' or payload_state not in ('pending', 'stored', 'loaded', 'empty');

-- Heartbeats: the connection that a process listens on, which ends with it.
alter table syncd.processes add column listener_pid integer;
