-- The three roles of syncd, and nothing more than each needs. docs/roles.md explains them.
-- Review it, then run it in the database of syncd, as a superuser or as the owner of the database:
--
--     syncd grants | psql --set ON_ERROR_STOP=1 DATABASE
--
-- It is one transaction, and running it again is harmless. Run it again after an upgrade, once `syncd migrate` is done.
-- It locks each table for a moment. Where a query holds one for longer it gives up and changes nothing: run it again.
begin;
set local client_encoding = 'UTF8';
set local search_path = pg_catalog;
set local lock_timeout = '5s';
set local syncd.owner = {owner_name};
set local syncd.writer = {writer_name};
set local syncd.analyst = {analyst_name};
set local syncd.revision = {revision};

do $$
declare
    found text;
begin
    if to_regclass('syncd.alembic_version') is not null then
        select min(version_num) into found from syncd.alembic_version;
    end if;
    if found is distinct from current_setting('syncd.revision') then
        raise exception 'the schema of syncd in this database is at %, these grants are for %',
                coalesce(found, 'nothing'), current_setting('syncd.revision')
            using hint = 'Run `syncd migrate` first, and print the grants with the same version of syncd.';
    end if;
end $$;

-- 1. The roles. New ones may log in but have no password: set one with \password in psql, or leave it to pg_hba.conf.
do $$
declare
    wanted name;
begin
    foreach wanted in array array[
        current_setting('syncd.owner'), current_setting('syncd.writer'), current_setting('syncd.analyst')
    ] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I login', wanted);
            raise notice 'created the role %', wanted;
        end if;
        execute format('grant connect on database %I to %I', current_database(), wanted);
    end loop;
end $$;
