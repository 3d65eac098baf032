-- What goes with the settled transcripts: their last status, and an event for each.
insert into recall.status_history (transcript_id, observed_at, status, sub_code, status_updated_at)
select transcript_id, observed_at, status, sub_code, status_updated_at from recall.transcripts;
insert into recall.events (transcript_id, workspace, kind, occurred_at)
select
    transcript_id, workspace, case when status = 'done' then 'ready' else status end,
    observed_at + interval '2 seconds'
from recall.transcripts order by observed_at;
