-- Lease the rows that have been due the longest, passing over those that another worker is locking right now.
with due as (
    select transcript_id, lease_until is not null as is_rescued
    from syncd.queue
    where workspace = :workspace
      and due_at <= :now
      and stage = any (:stages)
      and (lease_until is null or lease_until <= :now)
    order by due_at
    limit :count
    for update skip locked
)
update syncd.queue as queue
set lease_token = nextval('syncd.lease_token'),
    lease_holder = :holder,
    lease_until = :lease_until,
    rescued_count = queue.rescued_count + due.is_rescued::integer
from due
where queue.transcript_id = due.transcript_id
returning
    queue.transcript_id, queue.workspace, queue.lease_token, queue.stage, queue.tracked_at, queue.pending_until,
    queue.attempts, queue.not_found_count, queue.forbidden_count, queue.is_observed, queue.suspects,
    queue.rescued_count, due.is_rescued
