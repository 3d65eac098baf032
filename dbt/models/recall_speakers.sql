-- One row for each speaker of each meeting, with the share of the talking.
select
    meeting.transcript_id,
    speaker.position,
    meeting.created_at,
    speaker.name,
    speaker.email,
    speaker.turn_count,
    speaker.word_count,
    speaker.talk_s,
    speaker.talk_s / nullif(sum(speaker.talk_s) over (partition by meeting.transcript_id), 0) as share_of_talk
from {{ ref('recall_meetings') }} as meeting
join {{ source('recall', 'participants') }} as speaker using (transcript_id)
