-- A row of history for an observed status, unless the last one says the same.
insert into recall.status_history (transcript_id, observed_at, status, sub_code, status_updated_at)
select
    :transcript_id, :observed_at, cast(:status as text), cast(:sub_code as text),
    cast(:status_updated_at as timestamptz)
where not exists (
    select
    from (
        select * from recall.status_history as history
        where history.transcript_id = :transcript_id
        order by history.observed_at desc
        limit 1
    ) as last
    where (last.status, last.sub_code, last.status_updated_at)
        is not distinct from (cast(:status as text), cast(:sub_code as text), cast(:status_updated_at as timestamptz))
)
on conflict do nothing
