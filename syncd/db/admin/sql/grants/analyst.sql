
-- 4. The analyst reads schema recall and nothing else. First whatever it was given before is taken back.
revoke all on schema recall, syncd from {analyst};
revoke all on all tables in schema recall, syncd from {analyst};
revoke all on all sequences in schema recall, syncd from {analyst};
revoke all on all routines in schema recall, syncd from {analyst};
grant usage on schema recall to {analyst};
grant select on
    {relations}
    to {analyst};
-- Of the files themselves everything but the bytes: a provider may have written credentials and links into them, and
-- they are kept as they came. `select * from recall.payloads` is refused, therefore; name the columns.
grant select ({payload_columns})
    on recall.payloads to {analyst};
-- Functions that run with the rights of whoever calls them. The others, such as recall.track(), write.
do $$
declare
    reading regprocedure;
begin
    for reading in
        select oid from pg_proc
        where pronamespace = 'recall'::regnamespace and not prosecdef and prorettype <> 'trigger'::regtype
    loop
        execute format('grant execute on routine %s to %I', reading, current_setting('syncd.analyst'));
    end loop;
end $$;
-- For sessions that log in as this role. They guard against oversight, for every session may set them otherwise; the
-- rights above hold whatever it sets. An old snapshot keeps dead rows of the queue alive, which slows every query of it.
alter role {analyst} set default_transaction_read_only = on;
alter role {analyst} set statement_timeout = {statement_timeout};
alter role {analyst} set idle_in_transaction_session_timeout = {idle_timeout};
