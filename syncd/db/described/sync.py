"""The views that tell how syncd itself is doing."""

from syncd.db.described.description import Description

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
}
