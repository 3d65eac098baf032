-- The keys and checks of the tables of schema recall. Names are left out, and so are the not-null constraints that
-- newer servers list here: columns.sql knows them on every server.
select
    relation.relname::text as relation,
    case made.contype
        when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' else 'check'
    end as kind,
    array(
        select attribute.attname::text
        from unnest(made.conkey) with ordinality as part (attnum, place)
        join pg_attribute as attribute on attribute.attrelid = made.conrelid and attribute.attnum = part.attnum
        order by part.place
    ) as columns,
    target.relname::text as target,
    array(
        select attribute.attname::text
        from unnest(made.confkey) with ordinality as part (attnum, place)
        join pg_attribute as attribute on attribute.attrelid = made.confrelid and attribute.attnum = part.attnum
        order by part.place
    ) as target_columns,
    pg_get_constraintdef(made.oid) as definition
from pg_constraint as made
join pg_class as relation on relation.oid = made.conrelid
left join pg_class as target on target.oid = made.confrelid
where made.connamespace = 'recall'::regnamespace and made.contype in ('p', 'u', 'f', 'c')
order by relation.relname::text collate "C", position(made.contype::text in 'pufc'),
    pg_get_constraintdef(made.oid) collate "C";
