-- The tables and views of schema recall, and what each is for.
select
    relation.relname::text as name,
    case when relation.relkind in ('v', 'm') then 'view' else 'table' end as kind,
    relation.relrowsecurity as has_row_security,
    coalesce(obj_description(relation.oid, 'pg_class'), '') as purpose
from pg_class as relation
where relation.relnamespace = 'recall'::regnamespace and relation.relkind in ('r', 'p', 'v', 'm')
order by relation.relname::text collate "C";
