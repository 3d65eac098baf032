"""What the views and functions of schema `recall` are for, written once; their SQL stands in migrations/views."""

from dataclasses import dataclass, field
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Description:
    """A sentence for the object, and one for each of its columns."""

    purpose: str
    columns: dict[str, str] = field(default_factory=dict)


SCHEMAS = {
    "recall": "Recall transcripts for analysts: who said what and when, the exact files, and how far each has come.",
    "syncd": "The daemon's own: the queue, the rate budgets and the ledger of calls.",
}

VIEWS = {
    "recall.sync_budget": Description(
        "The rate budgets: what is left of each, what was called and refused, and why nothing is called.",
        {
            "workspace": "The workspace that the calls are made in.",
            "route": "retrieve or list; Recall limits each on its own.",
            "limit_per_minute": "Calls a minute that Recall allows.",
            "assumed_limit": "Calls a minute that syncd takes for its own: less after repeated 429s, back in quiet.",
            "available": "Calls that could be made right now.",
            "paused_until": "No call is made before; null: there is no pause.",
            "pause_reason": "Why there is a pause.",
            "calls_last_minute": "Calls paid for in the last minute.",
            "calls_last_hour": "Calls of the last hour.",
            "throttled_last_minute": "Calls of the last minute that Recall throttled (429).",
            "throttled_last_hour": "Calls of the last hour that Recall throttled (429).",
        },
    ),
    "recall.sync_durations": Description(
        "How long transcripts take from their creation, by provider, as syncd has learned it and plans with it.",
        {
            "workspace": "The workspace it was learned in.",
            "provider": "The provider key.",
            "recording_length": "short or long recordings; null: all of the provider, or its length is not told.",
            "n": "Transcripts that were seen to finish; those of days ago count less, so it has fractions.",
            "p50_s": "Half have finished by this age, seconds; with few seen, syncd's first guess weighs in.",
            "p90_s": "Nine of ten have finished by this age, seconds.",
            "p99_s": "99 of 100 have finished by this age, seconds.",
            "still_waiting": "Transcripts that wait to be finished now.",
        },
    ),
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

FUNCTIONS: dict[tuple[str, LiteralString], str] = {
    ("recall.track", "uuid, text"): (
        "Begin to track a transcript, and wake the daemon. The second argument names the workspace; without it the "
        "only one there is, or default. True: it is new, or given another try; false: it was tracked already."
    ),
}
