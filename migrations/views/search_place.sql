-- When a passage says what was asked for, and a snippet of it with the words in asterisks. Its words are looked up with the
-- rights of whoever calls.
create or replace function recall.search_place(
    transcript_id uuid,
    "position" integer,
    config regconfig,
    query tsquery,
    first_word integer,
    last_word integer,
    first_character integer,
    character_count integer,
    out start_s double precision,
    out snippet text
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    said record;
    match record;
    place integer;
    content text;
begin
    select
        utterance.text, coalesce(utterance.words, string_to_array(utterance.text, ' ')) as words, utterance.word_count,
        utterance.word_times, utterance.word_starts_s, utterance.word_ends_s, utterance.start_s
    into said
    from recall.utterance_data as utterance
    where utterance.transcript_id = search_place.transcript_id and utterance."position" = search_place."position";
    match := recall.search_match(config, query, said.words[first_word + 1:last_word + 1]);
    place := first_word + coalesce(match.first_word, 1);
    start_s := case
        when said.word_times is null
            then coalesce(said.word_starts_s[place], said.word_ends_s[place], said.start_s)
        else recall.word_time(said.start_s, said.word_times, said.word_count, place)
    end;
    content := case when match.first_word is null
        then substr(said.text, first_character + 1, character_count)
        else array_to_string(
            said.words[first_word + match.first_word - 10:first_word + match.last_word + 20], ' '
        )
    end;
    snippet := recall.search_marks(
        config,
        content,
        -- without what must not occur, where anything else is asked for
        coalesce(nullif(querytree(query), 'T')::tsquery, query)
    );
    -- marked by signs that nobody says, for asterisks in the text are no marks; neighbours share one
    snippet := replace(replace(translate(snippet, E'\x1f', ''), E'\x03\x02', ''), E'\x02', '**');
    snippet := replace(snippet, E'\x03', '**');
end
$$;
