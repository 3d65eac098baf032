-- Unfinished transcripts by workspace, stage and what went wrong last, with the oldest of each.
select
    workspace,
    stage,
    last_error,
    count(*) as waiting_count,
    min(tracked_at) as oldest_at
from syncd.queue
group by workspace, stage, last_error
order by count(*) desc, stage
