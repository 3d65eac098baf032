-- Full-text search over everything that was said: each utterance in its own language, the best first.
-- No search_path is set, and it is a single query, so that the planner sees through it: what is not asked for, such as
-- the snippets where hits are only counted, is not made. Every name of ours is in full.
-- A speaker is asked for as spoken_by, for no argument may have the name of a column that comes back.
create or replace function recall.search(
    query text,
    workspace text default null,
    spoken_by text default null,
    provider text default null,
    since timestamptz default null,
    until timestamptz default null,
    max_results integer default 50
) returns table (
    rank real,
    transcript_id uuid,
    recording_id uuid,
    created_at timestamptz,
    "position" integer,
    speaker text,
    start_s double precision,
    snippet text
)
language sql
stable
parallel safe
rows 50
as $$
with asked as materialized (
    -- as an array, of which the planner expects ten: for so few it does not think of reading everything
    select
        each.search_config,
        pg_catalog.websearch_to_tsquery(each.search_config::regconfig, recall.search_text(search.query)) as query
    from pg_catalog.unnest(array(select used.search_config from recall.search_configs as used)) as each (search_config)
),
found as (
    select
        pg_catalog.ts_rank(said.search_vector, asked.query) as rank,
        said.transcript_id,
        said."position",
        said.participant_position,
        0 as first_word,
        said.word_count - 1 as last_word,
        0 as first_character,
        pg_catalog.length(said.text) as character_count,
        asked.search_config,
        asked.query
    from asked
    cross join lateral (
        select * from recall.utterance_data as indexed
        where indexed.search_config = asked.search_config and indexed.search_vector @@ asked.query
        offset 0  -- found in the index of words, once for each language
    ) as said
    union all
    -- of the passages of one long utterance, the one that matches best
    select best.rank, best.transcript_id, best."position", said.participant_position, best.first_word, best.last_word,
        best.first_character, best.character_count, best.search_config, best.query
    from (
        select distinct on (passage.transcript_id, passage."position")
            pg_catalog.ts_rank(passage.search_vector, asked.query) as rank, passage.transcript_id, passage."position",
            passage.first_word, passage.last_word, passage.first_character, passage.character_count,
            asked.search_config, asked.query
        from asked
        cross join lateral (
            select * from recall.passages as indexed
            where indexed.search_config = asked.search_config and indexed.search_vector @@ asked.query
            offset 0
        ) as passage
        order by passage.transcript_id, passage."position", rank desc, passage.passage
    ) as best
    join recall.utterance_data as said
        on said.transcript_id = best.transcript_id and said."position" = best."position"
),
best as (
    select found.*, transcript.recording_id, transcript.created_at
    from found
    join recall.transcripts as transcript on transcript.transcript_id = found.transcript_id
    where (transcript.deleted_at is null or recall.asks_for_deleted())
      and (search.workspace is null or transcript.workspace = search.workspace)
      and (search.provider is null or transcript.provider = search.provider)
      and (search.since is null or transcript.created_at >= search.since)
      and (search.until is null or transcript.created_at < search.until)
      and (search.spoken_by is null or exists (
          select from recall.participants as participant
          where participant.transcript_id = found.transcript_id
            and participant."position" = found.participant_position
            and recall.search_text(participant.name) = recall.search_text(search.spoken_by)
      ))
    order by found.rank desc, transcript.created_at desc nulls last, found.transcript_id, found."position"
    limit case when search.max_results < 0 then 0 else search.max_results end  -- null: all
),
shown as (
    select
        best.*,
        recall.search_place(
            best.transcript_id, best."position", best.search_config::regconfig, best.query,
            best.first_word, best.last_word, best.first_character, best.character_count
        ) as place
    from best
    offset 0  -- made once for each hit, and only where it is asked for
)
select
    shown.rank,
    shown.transcript_id,
    shown.recording_id,
    shown.created_at,
    shown."position",
    (
        select participant.name from recall.participants as participant
        where participant.transcript_id = shown.transcript_id and participant."position" = shown.participant_position
    ) as speaker,
    (shown.place).start_s,
    (shown.place).snippet
from shown
order by shown.rank desc, shown.created_at desc nulls last, shown.transcript_id, shown."position"
$$;
