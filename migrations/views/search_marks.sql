-- A text with U+0002 before and U+0003 behind each word that was asked for. They are found in what recall.search() reads,
-- and shown in what was said, sign by sign where both have as many. Of a long text only the pieces around them are shown.
create or replace function recall.search_marks(config regconfig, content text, query tsquery) returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    shown text := content;
    found text;
    pieces text[];
    marked text := '';
    place integer := 1;
begin
    if octet_length(content) <> length(content) then
        shown := recall.search_signs(normalize(content, nfc));
    end if;
    if length(content) > 500 then
        return ts_headline(config, shown, query, E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MinWords=10, MaxWords=30');
    end if;
    found := ts_headline(config, recall.search_text(content), query, E'StartSel=\x02, StopSel=\x03, HighlightAll=true');
    pieces := string_to_array(translate(found, E'\x03', E'\x02'), E'\x02');
    if length(found) - (cardinality(pieces) - 1) = length(shown) then
        for number in 1..cardinality(pieces) loop  -- one in two is marked
            marked := marked || case when number = 1 then '' when number % 2 = 0 then E'\x02' else E'\x03' end
                || substr(shown, place, length(pieces[number]));
            place := place + length(pieces[number]);
        end loop;
        return marked;
    elsif content ~ '\S\s+\S' then
        return (
            select string_agg(recall.search_marks(config, piece.said[1], query), '' order by piece.number)
            from regexp_matches(content, '\s*\S+\s*', 'g') with ordinality as piece (said, number)
        );
    end if;
    -- a word that is read with more or fewer signs than it has, such as a soft hyphen, is marked as a whole
    return case when found like E'%\x02%'
        then regexp_replace(content, '^([\s[:punct:]]*)(.*?)([\s[:punct:]]*)$', E'\\1\x02\\2\x03\\3')
        else content
    end;
end
$$;
