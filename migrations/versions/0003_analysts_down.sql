-- Back to transcripts, utterances and parts alone.
drop view if exists recall.provider_words, recall.transcription_options, recall.latest_transcripts,
    recall.transcript_texts, recall.talk_time, recall.sync_freshness, recall.sync_budget, recall.sync_durations;
drop trigger transcripts_inserted on recall.transcripts;
drop trigger transcripts_updated on recall.transcripts;
drop trigger transcripts_deleted on recall.transcripts;
drop function recall.write_events();
drop function if exists
    recall.sees_workspace(text),
    recall.search(text, text, text, text, timestamptz, timestamptz, integer), recall.chunks(integer, uuid, text),
    recall.search_match(regconfig, tsquery, text[]), recall.search_text(text), recall.search_config(text);
drop table syncd.event_order, syncd.reparses, recall.workspaces, recall.events, recall.passages;
alter table recall.provider_parts
    drop column words,
    drop column word_starts_s,
    drop column word_ends_s,
    drop column word_confidences,
    drop column word_speakers,
    drop column word_finals,
    drop column note,
    drop column parser_version;
alter table recall.utterances drop column parser_version;
alter table recall.participants
    drop column turn_count,
    drop column word_count,
    drop column talk_s,
    drop column overlap_s,
    drop column parser_version;
drop index recall.transcripts_latest, recall.transcripts_undecided, recall.transcripts_loaded_at,
    recall.transcripts_observed_at;
create index transcripts_recording_id on recall.transcripts (recording_id);
alter table recall.transcripts
    drop column options,
    drop column expires_at,
    drop column content_sha256,
    drop column span_s,
    drop column speech_s,
    drop column overlap_s;
