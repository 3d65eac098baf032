-- One row for each transcript that was erased: the receipt, and what keeps it from being tracked again.
create table recall.erasures (
    transcript_id uuid primary key,
    workspace text not null,
    recording_id uuid,
    selected_by text not null,
    reason text,
    row_count bigint not null,
    word_count bigint not null,
    byte_count bigint not null,
    digests jsonb not null,
    erased_at timestamptz not null,
    erased_by text not null,
    constraint erasures_selected_by check (
        selected_by in ('transcript', 'recording', 'participant_email', 'person', 'metadata', 'age', 'deletion')
    )
);
create index erasures_erased_at on recall.erasures (erased_at);

-- Before, what a transcript was erased for was not kept: those that the outbox still names stay erased.
insert into recall.erasures (
    transcript_id, workspace, selected_by, reason, row_count, word_count, byte_count, digests, erased_at, erased_by
)
select distinct on (told.transcript_id)
    told.transcript_id, told.workspace, 'transcript', 'before there were receipts', 0, 0, 0, '{}',
    told.occurred_at, session_user
from recall.events as told
where told.kind = 'erased'
  and not exists (select from recall.transcripts as known where known.transcript_id = told.transcript_id)
order by told.transcript_id, told.event_id desc;

-- When Recall was seen to have deleted it.
alter table recall.transcripts add column deleted_at timestamptz;
update recall.transcripts
set deleted_at = coalesce(status_updated_at, observed_at, first_seen_at)
where status = 'deleted' or payload_state = 'deleted';
