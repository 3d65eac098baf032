-- A consumer of recall.events in SQL alone: it keeps a table of texts up to date. Run this file once; then, as often
-- as you like and from as many sessions as you like:  call keep_meeting_texts();

-- How far each consumer has read. Yours, in your own schema; recall is only read.
create table if not exists recall_cursors (
    consumer text primary key,
    event_id bigint not null default 0
);

-- The next events of a consumer; its cursor moves in the same transaction as whatever you do with them.
-- No events while another session is at it. Do the work in statements after this one: they see the rows spoken of.
create or replace function next_recall_events(consumer_name text, most integer default 100)
returns setof recall.events
language plpgsql
as $$
declare
    seen bigint;
    event recall.events;
begin
    select event_id into seen from recall_cursors where consumer = consumer_name for update skip locked;
    if not found then
        return;
    end if;
    for event in
        select * from recall.events where recall.events.event_id > seen order by recall.events.event_id limit most
    loop
        seen := event.event_id;
        return next event;
    end loop;
    update recall_cursors set event_id = seen where consumer = consumer_name;
end
$$;

-- From here on: your work.
create table if not exists meeting_texts (
    transcript_id uuid primary key,
    content text not null
);
insert into recall_cursors (consumer) values ('meeting texts in sql') on conflict do nothing;

create or replace procedure keep_meeting_texts()
language plpgsql
as $$
declare
    event recall.events;
begin
    for event in select * from next_recall_events('meeting texts in sql') loop
        delete from meeting_texts where transcript_id = event.transcript_id;
        if event.kind in ('ready', 'changed') then
            insert into meeting_texts (transcript_id, content)
            select transcript_id, string_agg(concat_ws(': ', speaker, text), E'\n' order by position)
            from recall.utterances where transcript_id = event.transcript_id group by transcript_id;
        end if;
    end loop;
end
$$;
