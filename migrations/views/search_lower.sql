-- The small letters of a text, the same in every database: not by the rules of its own locale, but by the first of these
-- collations that the server has. Which one that is may differ between servers, so it is looked up as this is made.
do $do$
declare
    chosen text := (
        select format('pg_catalog.%I', found.collname)
        from pg_catalog.pg_collation as found
        where found.collnamespace = 'pg_catalog'::regnamespace and found.collencoding in (-1, 6)  -- any, UTF8
          and found.collname = any('{pg_c_utf8, C.utf8, C.UTF-8, und-x-icu, unicode, default}')
        order by array_position('{pg_c_utf8, C.utf8, C.UTF-8, und-x-icu, unicode, default}'::name[], found.collname)
        limit 1
    );
begin
    execute format(
        'create or replace function recall.search_lower(content text) returns text'
        ' language sql immutable parallel safe as %L',
        format('select lower(search_lower.content collate %s)', chosen)
    );
end
$do$;
