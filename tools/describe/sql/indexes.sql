-- The indexes of the tables of schema recall that no key has brought along.
select
    relation.relname::text as relation,
    named.relname::text as name,
    method.amname::text as method,
    made.indisunique as is_unique,
    array(
        select
            pg_get_indexdef(made.indexrelid, place, true)
            || case when (made.indoption[place - 1] & 1) = 1 then ' desc' else '' end
            || case made.indoption[place - 1] & 3 when 1 then ' nulls last' when 2 then ' nulls first' else '' end
        from generate_series(1, made.indnkeyatts) as place
        order by place
    ) as columns,
    array(
        select pg_get_indexdef(made.indexrelid, place, true)
        from generate_series(made.indnkeyatts + 1, made.indnatts) as place
        order by place
    ) as included,
    pg_get_expr(made.indpred, made.indrelid) as condition
from pg_index as made
join pg_class as named on named.oid = made.indexrelid
join pg_class as relation on relation.oid = made.indrelid
join pg_am as method on method.oid = named.relam
where relation.relnamespace = 'recall'::regnamespace
  and not exists (select from pg_constraint as owner where owner.conindid = made.indexrelid and owner.contype <> 'f')
order by relation.relname::text collate "C", named.relname::text collate "C";
