-- A text with U+0002 before and U+0003 behind each word that was asked for. They are found in what recall.search() reads,
-- and shown in what was said, which has as many signs. Of a long text only the pieces around them are shown.
create or replace function recall.search_marks(config regconfig, content text, query tsquery) returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    shown text := recall.search_signs(normalize(content, nfc));
    found text;
begin
    if length(content) > 500 then
        return ts_headline(config, shown, query, E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MinWords=10, MaxWords=30');
    end if;
    found := ts_headline(config, recall.search_text(content), query, E'StartSel=\x02, StopSel=\x03, HighlightAll=true');
    if length(translate(found, E'\x02\x03', '')) <> length(shown) then  -- it leaves out tags
        return ts_headline(config, shown, query, E'StartSel=\x02, StopSel=\x03, HighlightAll=true');
    end if;
    return (
        select string_agg(substr(shown, piece.starts_at::integer, length(piece.said)), piece.mark order by piece.number)
        from (
            select
                each.said,
                each.number,
                case when each.number % 2 = 0 then E'\x02' else E'\x03' end as mark,  -- before the piece
                1 + sum(length(each.said)) over (order by each.number) - length(each.said) as starts_at
            from regexp_split_to_table(found, E'[\x02\x03]') with ordinality as each (said, number)
        ) as piece
    );
end
$$;
