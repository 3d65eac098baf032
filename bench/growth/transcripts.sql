-- Settled transcripts over two years, 5,000 of them in the last day, or all where there are fewer; oldest first.
-- Of ten, nine are done, and of those that are not one in two failed; the rest was deleted at Recall.
insert into recall.transcripts (
    transcript_id, workspace, recording_id, recording_metadata, created_at, status, sub_code, status_updated_at,
    metadata, provider, has_separate_streams, artifact, payload_state, provider_data_state, utterance_count,
    word_count, first_seen_at, observed_at, loaded_at, content_sha256, span_s, speech_s, overlap_s
)
select
    md5('settled ' || n)::uuid,
    case when n %% 10 = 0 then 'second' else 'default' end,
    md5('recording ' || n / 11 * 10 + n %% 11 %% 10)::uuid,
    case when n %% 3 = 0 then jsonb_build_object('bot', 'b' || n %% 1000) end,
    created_at,
    status,
    case when status = 'failed' then 'provider_error' end,
    created_at + took,
    case when n %% 5 > 0 then jsonb_build_object(
        'team', (array['sales', 'support', 'product', 'people'])[n %% 4 + 1], 'deal', 'D-' || n / 5, 'title', 'Call ' || n
    ) end,
    (array['deepgram_async', 'assembly_ai_async', 'recallai_async', 'aws_transcribe_async'])[n %% 7 %% 4 + 1],
    false,
    jsonb_build_object('id', md5('settled ' || n)::uuid, 'status', jsonb_build_object('code', status)),
    case when status = 'done' then 'loaded' else status end,
    case when status = 'done' then 'loaded' end,
    case when status = 'done' then 120 end,
    case when status = 'done' then 1500 end,
    created_at + interval '5 seconds',
    created_at + took + interval '1 second',
    case when status = 'done' then created_at + took + interval '2 seconds' end,
    md5('content ' || n),
    1800, 1500, 20
from (
    select
        n,
        case when n > %(settled)s - 5000
            then %(now)s - (%(settled)s - n) * interval '17 seconds'
            else %(now)s - interval '1 day' - (%(settled)s - n) * (interval '2 years' / %(settled)s)
        end - interval '10 minutes' as created_at,
        interval '1 second' * (30 + n %% 200) as took,
        case when n %% 10 > 0 then 'done' when n %% 20 = 0 then 'failed' else 'deleted' end as status
    from generate_series(%(first)s, %(last)s) as n
) as made
