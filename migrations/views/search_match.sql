-- Where in the words the earliest match of a query ends, and where the last match up to there begins; from 1.
-- A longer piece of the words matches if a shorter one does, so halving finds both. Most matches are a word or a few,
-- so the second one doubles the piece first.
create or replace function recall.search_match(
    config regconfig, query tsquery, words text[], out first_word integer, out last_word integer
)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    low integer := 1;
    high integer := cardinality(words) + 1;
    middle integer;
begin
    -- Words of megabytes have no better place than their beginning.
    if high is null or length(array_to_string(words, ' ')) > 20000 then
        return;
    end if;
    while low < high loop
        middle := (low + high) / 2;
        if to_tsvector(config, recall.search_text(array_to_string(words[:middle], ' '))) @@ query then
            high := middle;
        else
            low := middle + 1;
        end if;
    end loop;
    -- Neither has what only the whole utterance matches.
    if low > cardinality(words) then
        return;
    end if;
    last_word := low;
    low := last_word;
    while low > 1
        and not to_tsvector(config, recall.search_text(array_to_string(words[low:last_word], ' '))) @@ query
    loop
        high := low - 1;
        low := greatest(1, last_word + 1 - 2 * (last_word + 1 - low));
    end loop;
    high := case when low = last_word then low else high end;
    while low < high loop
        middle := (low + high + 1) / 2;
        if to_tsvector(config, recall.search_text(array_to_string(words[middle:last_word], ' '))) @@ query then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    first_word := low;
end
$$;
