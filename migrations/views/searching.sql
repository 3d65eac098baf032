-- Full-text search over everything that was said: each passage in its own language, the best first.
-- No search_path is set, and it is a single query, so that the planner sees through it; every name of ours is in full.
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
with recursive used (search_config) as (
    -- the few configurations in use, each found by one step in the index passages_config
    select (select min(passage.search_config) from recall.passages as passage)
    union all
    select (
        select min(passage.search_config) from recall.passages as passage
        where passage.search_config > used.search_config
    )
    from used
    where used.search_config is not null
),
asked as materialized (
    -- as an array, of which the planner expects ten: for so few it does not think of reading everything
    select
        each.search_config,
        websearch_to_tsquery(each.search_config::regconfig, recall.search_text(search.query)) as query
    from unnest(array(select used.search_config from used where used.search_config is not null))
        as each (search_config)
),
found as (
    -- of the passages of one long utterance, the one that matches best
    select distinct on (passage.transcript_id, passage."position")
        ts_rank(passage.search_vector, asked.query) as rank,
        transcript.transcript_id,
        transcript.recording_id,
        transcript.created_at,
        passage."position",
        passage.first_word,
        passage.last_word,
        passage.first_character,
        passage.character_count,
        asked.search_config,
        asked.query
    from asked
    cross join lateral (
        select * from recall.passages as indexed
        where indexed.search_config = asked.search_config and indexed.search_vector @@ asked.query
        offset 0  -- found in the index of words, once for each language
    ) as passage
    join recall.transcripts as transcript on transcript.transcript_id = passage.transcript_id
    where (search.workspace is null or transcript.workspace = search.workspace)
      and (search.provider is null or transcript.provider = search.provider)
      and (search.since is null or transcript.created_at >= search.since)
      and (search.until is null or transcript.created_at < search.until)
      and (search.spoken_by is null or exists (
          select from recall.utterances as said
          where said.transcript_id = passage.transcript_id
            and said."position" = passage."position"
            and lower(said.speaker) = lower(search.spoken_by)
      ))
    order by passage.transcript_id, passage."position", rank desc, passage.passage
),
best as (
    select * from found
    order by found.rank desc, found.created_at desc nulls last, found.transcript_id, found."position"
    limit case when search.max_results < 0 then 0 else search.max_results end  -- null: all
)
select
    best.rank,
    best.transcript_id,
    best.recording_id,
    best.created_at,
    best."position",
    utterance.speaker,
    coalesce(utterance.word_starts_s[place.word], utterance.word_ends_s[place.word], utterance.start_s) as start_s,
    -- marked by signs that nobody says, for asterisks in the text are no marks; neighbours share one
    regexp_replace(
        replace(
            translate(
                ts_headline(
                    best.search_config::regconfig,
                    recall.search_text(place.content),
                    -- without what must not occur, where anything else is asked for
                    coalesce(nullif(querytree(best.query), 'T')::tsquery, best.query),
                    case when length(place.content) <= 500
                        then E'StartSel=\x02, StopSel=\x03, HighlightAll=true'
                        else E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MinWords=10, MaxWords=30'
                    end
                ),
                E'\x1f',
                ''
            ),
            E'\x03\x02',
            ''
        ),
        E'[\x02\x03]',
        '**',
        'g'
    ) as snippet
from best
join recall.utterances as utterance
    on utterance.transcript_id = best.transcript_id and utterance."position" = best."position"
cross join lateral recall.search_match(
    best.search_config::regconfig, best.query, utterance.words[best.first_word + 1:best.last_word + 1]
) as match
cross join lateral (
    select
        best.first_word + coalesce(match.first_word, 1) as word,
        case when match.first_word is null
            then substr(utterance.text, best.first_character + 1, best.character_count)
            else array_to_string(
                utterance.words[best.first_word + match.first_word - 10:best.first_word + match.last_word + 20], ' '
            )
        end as content
) as place
order by best.rank desc, best.created_at desc nulls last, best.transcript_id, best."position"
$$;
