-- One row for each meeting that anybody spoke in: its recording's transcript to use.
select
    transcript_id,
    recording_id,
    workspace,
    provider,
    created_at,
    loaded_at,
    metadata,
    utterance_count,
    word_count,
    span_s,
    speech_s,
    overlap_s
from {{ source('recall', 'latest_transcripts') }}
where payload_state = 'loaded'
