"""The views over what was said, and by whom."""

from syncd.db.tables.descriptions.description import Description

CONTENT_VIEWS = {
    "recall.payload_states": Description(
        "What each value of payload_state and provider_data_state means.",
        {
            "payload_state": "The value.",
            "is_end": "Whether a transcript stays there.",
            "is_worth_another_try": "Whether tracking the transcript again starts it anew.",
            "meaning": "What it means, in a sentence.",
        },
    ),
    "recall.latest_transcripts": Description(
        "The transcript to use of each recording: of those whose content is here, the newest in which anyone speaks, "
        "or else the newest. A transcript without a recording stands for itself.",
        {
            "transcript_id": "The transcript.",
            "recording_id": "Recall's id of the recording, which no other row has; null: Recall named none.",
            "workspace": "The Recall workspace it belongs to.",
            "created_at": "When Recall created the transcript.",
            "status": "Recall's status code, verbatim.",
            "payload_state": "loaded; or empty, where nobody said anything in any transcript of the recording.",
            "provider": "The provider that transcribed it.",
            "utterance_count": "Utterances in it.",
            "word_count": "Words in it; a caption phrase counts as one word.",
            "span_s": "From the first word to the last, seconds; null where no times are known.",
            "speech_s": "Seconds of it in which anybody spoke.",
            "overlap_s": "Seconds of it in which two or more spoke at once.",
            "metadata": "Custom metadata of the transcript.",
            "recording_metadata": "Custom metadata of the recording.",
            "loaded_at": "When its content came into these tables.",
        },
    ),
    "recall.talk_time": Description(
        "How much each participant of a transcript spoke. An utterance counts from its first word to its last, the "
        "pauses inside it too. Times are null where the file does not tell them, as with captions, which only begin.",
        {
            "transcript_id": "The transcript.",
            "participant_position": "The participant: position in recall.participants, which knows more about them.",
            "participant_id": "Recall's id of who spoke, within the meeting.",
            "speaker": "Name of who spoke.",
            "turn_count": "Utterances of theirs.",
            "word_count": "Words of theirs; a caption phrase counts as all the words in it.",
            "talk_s": "Seconds in which they spoke; utterances of theirs that lie over each other count once.",
            "words_per_minute": "Words for each minute of talk_s; too high where only some utterances have times.",
            "share_of_talk": "Their part of the talk_s of all participants together, from 0 to 1.",
            "overlap_s": "Seconds of talk_s in which somebody else spoke too.",
            "silence_s": "Seconds of span_s in which nobody spoke; the same for every participant.",
            "span_s": "From the first word of the meeting to the last, seconds; the same for every participant.",
        },
    ),
    "recall.transcript_texts": Description(
        "Each transcript whose content is here as one text to read, or to hand to a language model.",
        {
            "transcript_id": "The transcript.",
            "text": (
                "A line for each utterance, in order, such as [0:01:05] Alice: Hello there. Hours, minutes and "
                "seconds from the start of the recording, left out where they are unknown. One without a name is "
                "called Participant and their id, or Unknown speaker. Empty where nobody said anything."
            ),
        },
    ),
    "recall.utterances": Description(
        "What was said: one row for each uninterrupted turn of one participant. It shows recall.utterance_data.",
        {
            "transcript_id": "The transcript it belongs to.",
            "position": "Place in the transcript, from 0.",
            "participant_position": "Who spoke: position in recall.participants.",
            "participant_id": "Recall's id of who spoke, as in recall.participants.",
            "speaker": "Name of who spoke, as in recall.participants.",
            "start_s": "Earliest time of its words, seconds from the start of the recording.",
            "end_s": "Latest time of its words, seconds from the start of the recording.",
            "started_at": "Start by the clock, where Recall gives it.",
            "ended_at": "End by the clock, where Recall gives it.",
            "text": "The words joined by spaces.",
            "language_code": "Language of the utterance, as the provider names it.",
            "word_count": "Number of words; a caption phrase counts as one.",
            "words": "Its words, in order; recall.words shows them as rows.",
            "word_starts_s": "Start of each word, seconds; null where unknown.",
            "word_ends_s": "End of each word, seconds; null where unknown.",
            "parser_version": "Version of the parser that made this row.",
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
