
-- 2. The owner has both schemas and all that is in them, and runs `syncd migrate`. What it has already is left alone;
--    every transfer is told as a notice.
do $$
declare
    owner constant name := current_setting('syncd.owner');
    thing text;
begin
    -- only a member of a role may give things to it; superusers count as members
    if not pg_has_role(owner, 'usage') then
        execute format('grant %I to current_user', owner);
        raise notice '% is a member of % now', current_user, owner;
    end if;
    -- `syncd migrate` creates schemas
    execute format('grant create on database %I to %I', current_database(), owner);
    for thing in
        select format('schema %I', nspname) from pg_namespace
        where nspname in ('recall', 'syncd') and pg_get_userbyid(nspowner) <> owner
        union all
        select format(
            '%s %s', case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, pg_class.oid::regclass
        )
        from pg_class
        where relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace) and relkind in ('r', 'v', 'S')
          and pg_get_userbyid(relowner) <> owner
          -- the sequence of an identity column follows its table
          and not exists (
              select from pg_depend where objid = pg_class.oid and classid = 'pg_class'::regclass and deptype = 'i'
                and relkind = 'S'
          )
        union all
        select format('routine %s', oid::regprocedure) from pg_proc
        where pronamespace in ('recall'::regnamespace, 'syncd'::regnamespace) and pg_get_userbyid(proowner) <> owner
    loop
        execute format('alter %s owner to %I', thing, owner);
        raise notice '% belongs to % now', thing, owner;
    end loop;
end $$;
