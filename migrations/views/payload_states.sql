-- What the values of payload_state and provider_data_state mean.
create or replace view recall.payload_states as
select state.payload_state, state.is_end, state.is_worth_another_try, state.meaning
from (values
    ('pending', false, false, 'not finished by Recall, or its files have not been fetched yet'),
    ('stored', false, false, 'the exact bytes are in recall.payloads and are about to be read'),
    ('loaded', true, false, 'the content is in the tables'),
    ('empty', true, false, 'finished, and nobody said anything'),
    ('failed', true, false, 'Recall reports that the transcription failed'),
    ('deleted', true, true, 'Recall reports, or a confirmed 404 shows, that it was deleted'),
    ('missing', true, true, 'Recall never knew this id in this workspace and region'),
    ('abandoned', true, true, 'did not finish within the time its provider is given'),
    ('unavailable', true, true, 'finished, but its file could not be downloaded before the deadline'),
    ('too_large', true, true, 'its file is larger than SYNCD_PAYLOAD_LIMIT'),
    ('unreadable', true, true, 'the exact bytes are kept, but they cannot be read'),
    ('none', true, false, 'there is no such file for this transcript')
) as state (payload_state, is_end, is_worth_another_try, meaning);
