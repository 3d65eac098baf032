"""The views about the state of syncd itself."""

from syncd.db.tables.descriptions.description import Description

SYNC_VIEWS = {
    "recall.sync_budget": Description(
        "The rate budgets: what is left of each, what was called and refused, and why nothing is called.",
        {
            "workspace": "The workspace that the calls are made in.",
            "route": "retrieve or list; Recall limits each on its own.",
            "limit_per_minute": "Calls a minute that syncd may make: SYNCD_LIMIT_SHARE of the limit in its settings.",
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
    "syncd.live_processes": Description(
        "Processes that are alive, as their heartbeats and their connections say.",
        {"process": "The process, as in syncd.processes.", "workspace": "The workspace that it serves."},
    ),
    "recall.sync_daemons": Description(
        "Whether daemons are alive, one row for each workspace that was ever served. Each writes a heartbeat "
        "(SYNCD_HEARTBEAT_SECONDS) and counts as dead when three are missing, or when its connection is gone.",
        {
            "workspace": "The workspace.",
            "live_count": "Daemons that are alive; 0: nothing is fetched.",
            "seen_at": "When the last one was seen alive, or ended cleanly; null: none has written a heartbeat yet.",
        },
    ),
    "recall.sync_freshness": Description(
        "How far these tables are behind Recall, one row for each workspace. Pending is what is tracked and has not "
        "come to an end. It needs no right outside schema recall.",
        {
            "workspace": "The workspace.",
            "live_daemon_count": "Daemons that are alive; 0: nothing is fetched, and the rest of the row says less.",
            "daemon_seen_at": "When the last daemon was seen alive, or ended cleanly; null: there was none.",
            "pending_count": "Transcripts that are pending.",
            "pending_under_1h_count": "Pending ones that have been tracked for less than an hour.",
            "pending_1h_to_1d_count": "Pending ones tracked for an hour or more, and less than 24 hours.",
            "pending_1d_to_7d_count": "Pending ones tracked for 24 hours or more, and less than 7 days.",
            "pending_over_7d_count": "Pending ones tracked for 7 days or more.",
            "oldest_pending_s": "How long the oldest pending one has been tracked, seconds; null: none is pending.",
            "loaded_last_hour_count": "Transcripts whose content was loaded in the last hour.",
            "loaded_last_day_count": "Transcripts whose content was loaded in the last 24 hours.",
            "lag_p50_s": (
                "Half of those loaded in the last 24 hours were here so many seconds after Recall had finished them, "
                "or sooner; of more than 10,000 the newest 10,000. Old ones that were tracked only lately count too. "
                "Null: none was loaded."
            ),
            "lag_p95_s": "The same for 95 of 100.",
            "last_success_at": "When the content of a transcript was last loaded; null: never.",
            "last_observed_at": "When Recall last showed anything new about a transcript; null: never.",
            "about_to_be_lost_count": (
                "Pending ones whose file is not here and which Recall deletes within 24 hours, or may have deleted "
                "already: at the time that it names, or else 7 days after their creation. Finished or not, all count."
            ),
            "next_loss_at": "The earliest of those times among all whose file is not here; null: none is missing.",
            "discovery_cut_short_at": (
                "When the last pass of discovery was cut short, so that transcripts may be unknown; null: it was "
                "whole, or there was none."
            ),
            "discovery_cut_short_reason": "Why it did.",
        },
    ),
    "recall.sync_durations": Description(
        "How long transcripts take from their creation, by provider, as syncd has observed it and plans with it.",
        {
            "workspace": "The workspace it was observed in.",
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
