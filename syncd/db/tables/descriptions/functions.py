"""The functions of schema `recall`."""

from typing import LiteralString

FUNCTIONS: dict[tuple[str, LiteralString], str] = {
    ("recall.erase", "uuid[]"): (
        "Erase transcripts with all their rows: recall.erase(id, ...), or recall.erase(variadic array(select ...)). "
        "Leaves a receipt in recall.erasures, keeps each from being tracked again, and writes an event erased. "
        "Answers how many were known. A plain delete does none of this."
    ),
    ("recall.erase_transcripts", "uuid[], text, text"): (
        "The same as recall.erase, with a reason, and answers the receipts. The third argument says what the "
        "transcripts were chosen by, as in recall.erasures."
    ),
    ("recall.retry", "uuid[], text, text, timestamp with time zone, boolean"): (
        "Give transcripts that ended in a state worth another try (recall.payload_states) just that, and answer "
        "their ids: all, or those of these ids, in this state, with this in payload_reason, that ended since a time. "
        "With dry_run => true it only names them."
    ),
    ("recall.untrack", "uuid"): (
        "End the watch over a transcript that has not come to its end: abandoned, until it is tracked again. What is "
        "here of it stays. True: it was waiting; false: it was not."
    ),
    ("recall.asks_for_deleted", ""): (
        "Whether transcripts that Recall has deleted are shown, too, in latest_transcripts, talk_time, search() and "
        "chunks(): after set recall.include_deleted = on."
    ),
    ("recall.chunks", "integer, uuid, text"): (
        "Transcripts in pieces for embedding, of at most max_words (300) words: whole turns, each on a line as "
        '"Speaker: text". Only a turn that alone is too long is cut; its pieces stand alone. The second argument '
        "names one transcript, the third one workspace. Words are what spaces part; names do not count. A limit, a "
        "filter or a join on transcript_id chunks only what it needs. For an order: order by transcript_id, chunk."
    ),
    ("recall.chunks_of", "uuid, integer"): "The chunks of one transcript, in order. Part of recall.chunks.",
    ("recall.may_hold", "integer"): "True, or an error where a chunk could hold no word. Part of recall.chunks.",
    ("recall.freshness_of", "text"): "The row of one workspace in recall.sync_freshness. Part of that view.",
    ("recall.search", "text, text, text, text, timestamp with time zone, timestamp with time zone, integer"): (
        'Search what was said: "a phrase", or, -not; words side by side must all occur. That and -not bind '
        "tighter than or, and there are no brackets: contract -discount or quote -discount. Each utterance is "
        "searched in its own language; one of over 6,000 characters piece by piece. Further arguments: workspace,"
        " spoken_by (a name, in any case), provider, since and until (when Recall created it), max_results (50; "
        "null: all; 0 or less: none). Best first; start_s is the time of the first word of the earliest match, in"
        " an utterance of several pieces (over about 1,000 words) of the earliest one in its best piece; snippet "
        "has **matches** marked. A query finds nothing in a language in which all its words are stop words, and a"
        " notice says so. Chinese, Japanese, Thai, Lao, Burmese and Khmer are found sign by sign."
    ),
    ("recall.search_config", "text"): (
        "The text search configuration for a language code or name, such as en-US, deu or german: simple for the "
        "code of a language that has none, null for anything else."
    ),
    ("recall.search_match", "regconfig, tsquery, text[]"): (
        "Where the earliest match of a query lies among words, from 1; null where there is none. Part of "
        "recall.search."
    ),
    ("recall.search_place", "uuid, integer, regconfig, tsquery, integer, integer, integer, integer"): (
        "When a passage says what was asked for, and a snippet of it. Part of recall.search."
    ),
    ("recall.search_vector", "text, text"): (
        "The text search vector of a text, read with a configuration. Part of recall.search."
    ),
    ("recall.search_text", "text"): (
        "A text as recall.search reads it, whatever the locale: one form of each letter (NFKC), small, without "
        "soft hyphens, joiners, Hebrew and Arabic points, with a space for each sign that parts words, and signs "
        "of scripts without spaces alone, parted by U+001F."
    ),
    ("recall.search_lower", "text"): "The small letters of a text, whatever the locale. Part of recall.search.",
    ("recall.search_marks", "regconfig, text, tsquery"): (
        "A text with the words that were asked for between U+0002 and U+0003. Part of recall.search."
    ),
    (
        "recall.search_signs",
        "text",
    ): "Signs of scripts without spaces alone, parted by U+001F. Part of recall.search.",
    ("recall.sees_workspace", "text"): "Whether whoever asks may see the rows of a workspace.",
    ("recall.track", "uuid, text"): (
        "Begin to track a transcript, and wake the daemon. The second argument names the workspace; without it the "
        "only one there is, or default. True: it is new, or given another try; false: it was tracked already, or it "
        "was erased."
    ),
    ("recall.word_time", "double precision, bytea, integer, integer"): (
        "A time of a word in seconds, from recall.utterance_data. Part of recall.words and recall.utterances."
    ),
    ("recall.write_events", "uuid, text, text[]"): (
        "Writes recall.events, as the last statement of a transaction that changes a transcript. Part of syncd."
    ),
}
