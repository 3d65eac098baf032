-- Who spoke for how long: the times are reckoned when a transcript is loaded, their ratios here.
create or replace view recall.talk_time with (security_invoker = true) as
select
    participant.transcript_id,
    participant.position as participant_position,
    participant.participant_id,
    participant.name as speaker,
    participant.turn_count,
    participant.word_count,
    participant.talk_s,
    round((participant.word_count / nullif(participant.talk_s, 0) * 60)::numeric, 1)::double precision
        as words_per_minute,
    round((participant.talk_s / nullif(everybody.talk_s, 0))::numeric, 4)::double precision as share_of_talk,
    participant.overlap_s,
    round((transcript.span_s - transcript.speech_s)::numeric, 6)::double precision as silence_s,
    transcript.span_s
from recall.participants as participant
join recall.transcripts as transcript using (transcript_id)
-- found for each transcript, so that any condition on it or join with it reads only what it needs
cross join lateral (
    select sum(other.talk_s) as talk_s
    from recall.participants as other
    where other.transcript_id = participant.transcript_id
) as everybody
where transcript.deleted_at is null or recall.asks_for_deleted();
