-- Where in the words the earliest match of a query ends, and where the last match up to there begins; from 1.
-- Both are words that were asked for. A longer piece of the words matches if a shorter one does, so halving finds both
-- among those. Most matches are a word or a few, so the second one doubles the piece first.
create or replace function recall.search_match(
    config regconfig, query tsquery, words text[], out first_word integer, out last_word integer
)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    pieces text[];
    asked integer[];
    low integer := 1;
    high integer;
    middle integer;
begin
    -- Words of megabytes have no better place than their beginning.
    if words is null or length(array_to_string(words, ' ')) > 20000 then
        return;
    end if;
    if querytree(query) <> 'T' then
        pieces := string_to_array(
            ts_headline(
                config,
                recall.search_text(array_to_string(words, E' \x1e', '')),
                querytree(query)::tsquery,
                E'StartSel=\x02, StopSel=\x03, HighlightAll=true'
            ),
            E'\x1e'
        );
        asked := array(
            select piece.word::integer from unnest(pieces) with ordinality as piece (said, word)
            where strpos(piece.said, E'\x02') > 0 order by piece.word
        );
    end if;
    -- what may match without a word that was asked for, or is not in words
    if coalesce(cardinality(asked), 0) = 0 or cardinality(pieces) <> cardinality(words) then
        asked := array(select generate_series(1, cardinality(words)));
    end if;
    high := cardinality(asked) + 1;
    while low < high loop
        middle := (low + high) / 2;
        if to_tsvector(config, recall.search_text(array_to_string(words[:asked[middle]], ' '))) @@ query then
            high := middle;
        else
            low := middle + 1;
        end if;
    end loop;
    -- Neither has what only the whole utterance matches.
    if low > cardinality(asked) then
        return;
    end if;
    last_word := asked[low];
    high := low;
    middle := 1;  -- how many more words are taken into the piece
    while low > 1
        and not to_tsvector(config, recall.search_text(array_to_string(words[asked[low]:last_word], ' '))) @@ query
    loop
        high := low - 1;
        low := greatest(1, low - middle);
        middle := middle * 2;
    end loop;
    while low < high loop
        middle := (low + high + 1) / 2;
        if to_tsvector(config, recall.search_text(array_to_string(words[asked[middle]:last_word], ' '))) @@ query then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    first_word := asked[low];
end
$$;
