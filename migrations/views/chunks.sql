-- The chunks of one transcript, in order. Part of recall.chunks.
create or replace function recall.chunks_of(transcript_id uuid, max_words integer) returns table (
    chunk integer,
    first_position integer,
    last_position integer,
    start_s double precision,
    end_s double precision,
    speakers text[],
    word_count integer,
    text text
)
language plpgsql
stable
parallel safe
cost 1000
rows 20
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    turn record;
    piece record;
    lines text[];
begin
    chunk := 0;
    word_count := 0;
    for turn in
        select
            said.position, said.speaker, said.start_s, said.end_s, said.text,
            regexp_count(said.text, E'\\S+') as word_count
        from recall.utterances as said
        where said.transcript_id = chunks_of.transcript_id
        order by said.position
    loop
        continue when turn.word_count = 0;
        if word_count > 0 and word_count + turn.word_count > max_words then
            text := array_to_string(lines, E'\n');
            return next;
            chunk := chunk + 1;
            word_count := 0;
        end if;
        if word_count = 0 then
            first_position := turn.position;
            start_s := null;
            end_s := null;
            speakers := '{}';
            lines := '{}';
        end if;
        last_position := turn.position;
        if turn.speaker is not null and turn.speaker <> all(speakers) then
            speakers := array_append(speakers, turn.speaker);
        end if;
        if turn.word_count <= max_words then
            start_s := least(start_s, turn.start_s);
            end_s := greatest(end_s, turn.end_s);
            word_count := word_count + turn.word_count;
            lines := array_append(lines, concat(turn.speaker || ': ', turn.text));
            continue;
        end if;
        for piece in
            select
                min(coalesce(word.start_s, word.end_s)) as start_s,
                max(coalesce(word.end_s, word.start_s)) as end_s,
                count(*) as word_count,
                string_agg(word.content, ' ' order by word.number) as content
            from (
                select
                    spoken.content,
                    timed.start_s,
                    timed.end_s,
                    row_number() over (order by timed.number, spoken.number) as number
                from recall.utterances as said
                cross join unnest(said.words, said.word_starts_s, said.word_ends_s)
                    with ordinality as timed (content, start_s, end_s, number)
                cross join regexp_split_to_table(timed.content, E'\\s+')
                    with ordinality as spoken (content, number)
                where said.transcript_id = chunks_of.transcript_id and said.position = turn.position
                  and spoken.content <> ''
            ) as word
            group by (word.number - 1) / max_words
            order by (word.number - 1) / max_words
        loop
            start_s := piece.start_s;
            end_s := piece.end_s;
            word_count := piece.word_count;
            text := concat(turn.speaker || ': ', piece.content);
            return next;
            chunk := chunk + 1;
        end loop;
        word_count := 0;
    end loop;
    if word_count > 0 then
        text := array_to_string(lines, E'\n');
        return next;
    end if;
end
$$;

-- True, or an error: of no words there are no chunks. Part of recall.chunks. Immutable, so that it is asked once and
-- before any transcript is read.
create or replace function recall.may_hold(max_words integer) returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if max_words is null or max_words < 1 then
        raise exception 'max_words must be 1 or more' using
            errcode = 'invalid_parameter_value',
            hint = 'It is the number of words that a chunk may hold, for example recall.chunks(300).';
    end if;
    return true;
end
$$;

-- Transcripts in pieces of at most so many words, for embedding: whole turns, cut only where one alone is too long.
-- Postgres puts this body into the query that asks for it, so a limit, a filter or a join reads only what it needs.
-- That takes a single SELECT without SET and without ORDER BY; its names are resolved here, not by the caller's path.
create or replace function recall.chunks(
    max_words integer default 300, transcript uuid default null, workspace text default null
) returns table (
    transcript_id uuid,
    chunk integer,
    first_position integer,
    last_position integer,
    start_s double precision,
    end_s double precision,
    speakers text[],
    word_count integer,
    text text
)
language sql
stable
parallel safe
begin atomic
    select
        known.transcript_id, made.chunk, made.first_position, made.last_position, made.start_s, made.end_s,
        made.speakers, made.word_count, made.text
    from recall.transcripts as known
    cross join lateral recall.chunks_of(known.transcript_id, chunks.max_words) as made
    where recall.may_hold(chunks.max_words)
      -- as a range, so that the primary key leads whether or not one transcript is asked for
      and known.transcript_id between
            coalesce(chunks.transcript, '00000000-0000-0000-0000-000000000000')
            and coalesce(chunks.transcript, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (chunks.workspace is null or known.workspace = chunks.workspace)
      and (known.deleted_at is null or recall.asks_for_deleted());
end;
