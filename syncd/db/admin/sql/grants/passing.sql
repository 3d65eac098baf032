set local client_min_messages = notice;
-- The daemon loads by COPY, which Postgres refuses under row level security, and it sees every workspace anyway.
do $$
begin
    if exists (select from pg_class where relnamespace = 'recall'::regnamespace and relrowsecurity)
        and not (select rolbypassrls from pg_roles where rolname = current_setting('syncd.writer'))
    then
        execute format('alter role %I bypassrls', current_setting('syncd.writer'));
        raise notice '% passes by row level security now', current_setting('syncd.writer');
    end if;
end $$;
