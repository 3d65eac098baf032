-- A text in which signs of scripts without spaces between words stand alone, so that they are words. U+001F separates them:
-- it parts words like a space, and cannot be mistaken for one that was there.
create or replace function recall.search_signs(content text) returns text
language sql
immutable
parallel safe
as $$
select case when octet_length(search_signs.content) = length(search_signs.content) then search_signs.content
    else regexp_replace(
        search_signs.content,
        -- kana, Han, their marks, old and half-width forms; then Thai, Lao, Burmese, Khmer, each with the marks upon it
        E'[\\u3005-\\u3007\\u3040-\\u309a\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff'
        '\\uf900-\\ufaff\\uff66-\\uff9f\\U00020000-\\U0003ffff][\\u3099\\u309a]*'
        '|[\\u0e01-\\u0e30\\u0e32\\u0e33\\u0e40-\\u0e46][\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e]*'
        '|[\\u0e81-\\u0eb0\\u0eb2\\u0eb3\\u0ebd-\\u0ec6\\u0edc-\\u0edf][\\u0eb1\\u0eb4-\\u0ebc\\u0ec8-\\u0ece]*'
        '|[\\u1000-\\u102a\\u103f\\u1050-\\u1055][\\u102b-\\u103e\\u1056-\\u109d]*'
        '|[\\u1780-\\u17b3][\\u17b4-\\u17d3\\u17dd]*',
        E'\x1f\\&\x1f',
        'g'
    )
end
$$;
