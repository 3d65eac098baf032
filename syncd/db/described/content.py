"""The views over what was said, and by whom."""

from syncd.db.described.description import Description

VIEWS = {
    "recall.payload_states": Description(
        "What each value of payload_state and provider_data_state means.",
        {
            "payload_state": "The value.",
            "is_end": "Whether a transcript stays there.",
            "is_worth_another_try": "Whether tracking the transcript again starts it anew.",
            "meaning": "What it means, in a sentence.",
        },
    ),
    "recall.words": Description(
        "What was said, one row for each word; a caption phrase counts as one word.",
        {
            "transcript_id": "The transcript.",
            "position": "Place of the utterance in the transcript, from 0.",
            "word_position": "Place of the word in the utterance, from 0.",
            "participant_id": "Recall's id of who spoke.",
            "speaker": "Name of who spoke.",
            "text": "The word, with its punctuation; null where the file has none.",
            "start_s": "Start, seconds from the start of the recording; null where unknown.",
            "end_s": "End, seconds from the start of the recording; null where unknown.",
        },
    ),
}
