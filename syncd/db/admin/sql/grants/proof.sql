
-- 7. The proof. Roles inherit from others, and somebody may have granted more to everybody: if the analyst can do what
--    it should not, by whatever way, all of this is undone.
do $$
declare
    analyst constant name := current_setting('syncd.analyst');
    too_much text;
begin
    select string_agg(can, '; ') into too_much from (
        select 'it is a superuser, or passes by row level security' from pg_roles
        where rolname = analyst and (rolsuper or rolbypassrls)
        union all
        select format('it has rights on schema %I', nspname) from pg_namespace
        where nspname = 'syncd' and has_schema_privilege(analyst, oid, 'usage, create')
           or nspname = 'recall' and has_schema_privilege(analyst, oid, 'create')
        union all
        select format('it can write to %s', oid::regclass) from pg_class
        where relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace) and relkind in ('r', 'v')
          and (
              has_table_privilege(analyst, oid, 'insert, update, delete, truncate, references, trigger')
              or has_any_column_privilege(analyst, oid, 'insert, update')
          )
        union all
        select 'it can read recall.payloads.content'
        where has_column_privilege(analyst, 'recall.payloads', 'content', 'select')
        union all
        select format('it can execute %s', oid::regprocedure) from pg_proc
        where pronamespace in ('recall'::regnamespace, 'syncd'::regnamespace)
          and prosecdef and has_function_privilege(analyst, oid, 'execute')
        {also}
    ) as excess (can);
    if too_much is not null then
        raise exception 'the role % is more than an analyst: %', analyst, too_much;
    end if;
end $$;
commit;
