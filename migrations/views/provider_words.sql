-- One row for each word as the provider itself heard it, from the parallel arrays of recall.provider_parts.
create or replace view recall.provider_words with (security_invoker = true) as
select
    part.transcript_id,
    transcript.provider,
    part.position as part,
    (word.ordinality - 1)::integer as position,
    word.text,
    word.start_s,
    word.end_s,
    word.confidence,
    word.speaker_label,
    word.is_final,
    part.source_audio #>> '{participant,name}' as participant_name
from recall.provider_parts as part
join recall.transcripts as transcript using (transcript_id)
cross join lateral unnest(
    part.words, part.word_starts_s, part.word_ends_s, part.word_confidences, part.word_speakers, part.word_finals
) with ordinality as word (text, start_s, end_s, confidence, speaker_label, is_final, ordinality);
