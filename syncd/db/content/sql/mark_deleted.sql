-- A transcript that Recall has deleted; the status that it had before.
update recall.transcripts as known
set deleted_at = :at, status = 'deleted', status_updated_at = case
    when known.status = 'deleted' then known.status_updated_at
end
from (select status from recall.transcripts where transcript_id = :key) as before
where known.transcript_id = :key and known.deleted_at is null
returning before.status as old_status
