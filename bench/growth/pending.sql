-- Pending transcripts: three of four seen by a page of the list or a retrieve, the others only handed in. One in fifty
-- is due; the others within the hour. One in a hundred has been downloaded and waits to be loaded.
insert into recall.transcripts (
    transcript_id, workspace, recording_id, created_at, status, status_updated_at, metadata, provider, artifact,
    payload_state, first_seen_at, observed_at
)
select
    md5('pending ' || n)::uuid,
    case when n %% 10 = 0 then 'second' else 'default' end,
    case when n %% 4 > 0 then md5('pending recording ' || n)::uuid end,
    case when n %% 4 > 0 then tracked_at end,
    case when n %% 4 > 0 then 'processing' end,
    case when n %% 4 > 0 then tracked_at end,
    case when n %% 4 > 0 then jsonb_build_object('team', 'sales', 'deal', 'P-' || n) end,
    case when n %% 4 > 0 then 'deepgram_async' end,
    case when n %% 4 > 0 then '{"status": {"code": "processing"}}'::jsonb end,
    case when n %% 100 = 1 then 'stored' else 'pending' end,
    tracked_at,
    case when n %% 4 > 0 then tracked_at end
from (
    select n, %(now)s - (%(pending)s - n) * interval '1 second' as tracked_at from generate_series(1, %(pending)s) as n
) as made;
insert into syncd.queue (
    transcript_id, workspace, stage, due_at, tracked_at, pending_until, is_observed, last_seen_at, created_at,
    provider, recording_length, threshold_s, listed_at, last_error, last_error_at
)
select
    transcript_id, workspace, case payload_state when 'stored' then 'load' else 'poll' end,
    %(now)s + interval '1 second' * (hashtext(transcript_id::text) %% 1800 + 1700),
    first_seen_at, first_seen_at + interval '30 days', status is not null, observed_at, created_at,
    provider, case when status is not null then 'short' end, case when status is not null then 0.5 end, observed_at,
    case when hashtext(transcript_id::text) %% 100 = 0 then 'Recall answered 503' end,
    case when hashtext(transcript_id::text) %% 100 = 0 then first_seen_at end
from recall.transcripts
where payload_state in ('pending', 'stored');
insert into syncd.workspaces (workspace, registered_at) values ('default', %(now)s), ('second', %(now)s);
insert into recall.workspaces (workspace, registered_at) values ('default', %(now)s), ('second', %(now)s);
insert into syncd.calls (call_id, workspace, route, paid_at, over_at)
select -n, 'default', 'retrieve', %(now)s - n * interval '1 second', %(now)s - n * interval '1 second'
from generate_series(1, 3600) as n;
