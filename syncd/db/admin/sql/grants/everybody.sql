
-- 6. What everybody may do in any database unless it is taken back: temporary tables, large objects and, in databases
--    that come from before Postgres 15, tables in schema public. No right can be taken from the analyst alone, so it is
--    taken from all, and given to the owner and the writer. `syncd grants --shared` leaves this part out.
do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
    execute format(
        'grant temporary on database %I to %I, %I',
        current_database(), current_setting('syncd.owner'), current_setting('syncd.writer')
    );
    if to_regnamespace('public') is not null then
        revoke create on schema public from public;
    end if;
end $$;
revoke execute on function lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) from public;
