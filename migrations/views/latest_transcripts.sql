-- The transcript to use of each recording: the newest that says something, or else the newest that is there.
create or replace view recall.latest_transcripts with (security_invoker = true) as
select
    transcript.transcript_id,
    transcript.recording_id,
    transcript.workspace,
    transcript.created_at,
    transcript.status,
    transcript.payload_state,
    transcript.provider,
    transcript.utterance_count,
    transcript.word_count,
    transcript.span_s,
    transcript.speech_s,
    transcript.overlap_s,
    transcript.metadata,
    transcript.recording_metadata,
    transcript.loaded_at
from recall.transcripts as transcript
where transcript.payload_state in ('loaded', 'empty')
  and (transcript.deleted_at is null or recall.asks_for_deleted())
  -- without a recording there is no better one, so it stands for itself
  and not exists (
      select
      from recall.transcripts as better
      where better.recording_id = transcript.recording_id
        and better.payload_state in ('loaded', 'empty')
        and (better.deleted_at is null or recall.asks_for_deleted())
        and (better.payload_state = 'loaded', coalesce(better.created_at, '-infinity'), better.transcript_id)
            > (
                transcript.payload_state = 'loaded',
                coalesce(transcript.created_at, '-infinity'),
                transcript.transcript_id
            )
  );
