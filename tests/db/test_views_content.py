"""The views over what was said: talk times, readable text, and the transcript to use of a recording."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from syncd.core.queue.outcome import FileState
from syncd.core.reading.document import Document
from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import PARSER_VERSION, read_payload
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import transcripts, utterances
from syncd.db.engine import Connection
from syncd.db.tables.recall import Transcripts

Loaded = Callable[..., UUID]

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def loaded(connection: Connection) -> Loaded:
    """Loads a file as it is; columns of its transcript may be set."""

    def load(elements: list[dict[str, Any]], **columns: object) -> UUID:
        id_ = uuid4()
        values = {"transcript_id": id_, "workspace": "default", "first_seen_at": T0} | columns
        connection.execute(insert(Transcripts).values(values))
        payload = read_payload(Document(elements, is_altered=False))
        talk = reckon(payload)
        utterances.replace_utterances(connection, id_, payload, talk)
        transcripts.loaded(connection, id_, payload, talk, fingerprint(payload), T0)
        state = ContentState.LOADED if payload.utterances else ContentState.EMPTY
        transcripts.set_files(connection, id_, {FileKind.TRANSCRIPT: FileState(state)})
        return id_

    return load


def said(who: Any, text: str, start: float | None = None, end: float | None = None) -> dict[str, Any]:
    """An utterance of one word, or of one caption phrase."""
    participant = who if isinstance(who, dict) else {"id": None, "name": who}
    return {"participant": participant, "words": [{"text": text, "start_timestamp": start, "end_timestamp": end}]}


def rows(connection: Connection, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query, arguments)]


# Talk times


def test_talk_times_are_written_with_the_version_of_their_parser(connection: Connection, loaded: Loaded) -> None:
    id_ = loaded([said("Ada", "Hello there.", 0, 4), said("Bo", "Hi.", 3, 6), said("Ada", "So.", 9, 10)])
    assert rows(connection, "select span_s, speech_s, overlap_s from recall.transcripts") == [(10, 7, 1)]
    assert rows(
        connection,
        "select name, turn_count, word_count, talk_s, overlap_s, parser_version from recall.participants"
        " where transcript_id = %s order by position",
        id_,
    ) == [("Ada", 2, 3, 5, 1, PARSER_VERSION), ("Bo", 1, 1, 3, 1, PARSER_VERSION)]
    assert rows(connection, "select distinct parser_version from recall.utterances") == [(PARSER_VERSION,)]


def test_talk_time_tells_the_ratios(connection: Connection, loaded: Loaded) -> None:
    loaded([said("Ada", "Hello there.", 0, 4), said({"id": 7, "name": "Bo"}, "Hi.", 3, 6), said("Ada", "So.", 9, 10)])
    assert rows(
        connection,
        "select participant_position, participant_id, speaker, turn_count, word_count, talk_s, words_per_minute,"
        " share_of_talk, overlap_s, silence_s, span_s from recall.talk_time order by participant_position",
    ) == [
        (0, None, "Ada", 2, 3, 5, 36, 0.625, 1, 3, 10),
        (1, "7", "Bo", 1, 1, 3, 20, 0.375, 1, 3, 10),
    ]


@pytest.mark.parametrize(
    ("elements", "ratios"),
    [
        ([said("Ada", "so we will see")], [(4, None, None, None, None)]),
        ([said("Ada", "Hi.", 5)], [(1, None, None, None, None)]),
        ([said("Ada", "Hi.", 5, 6), said("Bo", "Oh.")], [(1, 1, 60, 1, 0), (1, None, None, None, 0)]),
        ([said("Ada", "Hi.", -1e308, 1e308), said("Bo", "Oh.", 1, 2)], [(1, None, None, None, 0), (1, 1, 60, 1, 0)]),
        ([said("Ada", "Hi.", 0, 1e-300), said("Bo", "Oh.", 0, 1e10)], [(1, None, None, None, 0), (1, 1e10, 0, 1, 0)]),
    ],
    ids=["captions", "no ends", "some times", "times beyond any meeting", "tiny times"],
)
def test_talk_time_says_nothing_where_there_is_nothing_to_say(
    connection: Connection, loaded: Loaded, elements: list[dict[str, Any]], ratios: list[tuple[Any, ...]]
) -> None:
    loaded(elements)
    query = "select word_count, talk_s, words_per_minute, share_of_talk, silence_s from recall.talk_time"
    assert rows(connection, query + " order by participant_position") == ratios


def test_a_time_of_any_size_is_read_as_it_came(connection: Connection, loaded: Loaded) -> None:
    times = [(1e13, 1e20), (-1e20, 1.7e18), (-1e308, 1e308), (0.5, 1e13), (1.0, 2.0)]
    loaded([said("Ada", "hello", *each) for each in times])
    assert rows(connection, "select start_s, end_s from recall.words order by position") == times
    assert (
        rows(connection, "select word_starts_s[1], word_ends_s[1] from recall.utterances order by position") == times
    )
    found = "select start_s from recall.search('hello') order by position"
    assert rows(connection, found) == [(start_s,) for start_s, _ in times]


def test_talk_time_of_one_transcript_is_not_mixed_with_another(connection: Connection, loaded: Loaded) -> None:
    first = loaded([said("Ada", "Hi.", 0, 1), said("Bo", "Hi.", 1, 2)])
    loaded([said("Ada", "Hi.", 0, 100)])
    query = "select share_of_talk, silence_s from recall.talk_time where transcript_id = %s"
    assert rows(connection, query, first) == [(0.5, 0), (0.5, 0)]


def test_reading_again_replaces_the_talk_times(connection: Connection, loaded: Loaded) -> None:
    id_ = loaded([said("Ada", "Hi.", 0, 1), said("Bo", "Hi.", 1, 2)])
    payload = read_payload(Document([said("Ada", "Hi.", 0, 7)], is_altered=False))
    utterances.replace_utterances(connection, id_, payload, reckon(payload))
    transcripts.loaded(connection, id_, payload, reckon(payload), fingerprint(payload), T0)
    query = "select speaker, talk_s, span_s from recall.talk_time where transcript_id = %s"
    assert rows(connection, query, id_) == [("Ada", 7, 7)]


# Readable text


def test_the_text_of_a_transcript_has_a_line_for_each_utterance(connection: Connection, loaded: Loaded) -> None:
    id_ = loaded(
        [
            said("Alice", "Hello there", 65.9, 70),
            said("Bo", "Hi.", 3, 4),
            said("Alice", "Late.", 36_000 + 59 * 60 + 59.999),
            said("Alice", "Early.", -2.5),
            said("Alice", "Now.", 0),
        ]
    )
    assert rows(connection, "select text from recall.transcript_texts where transcript_id = %s", id_) == [
        (
            "[0:01:05] Alice: Hello there\n"
            "[0:00:03] Bo: Hi.\n"
            "[10:59:59] Alice: Late.\n"
            "[-0:00:03] Alice: Early.\n"
            "[0:00:00] Alice: Now.",
        )
    ]


@pytest.mark.parametrize(
    ("element", "line"),
    [
        (said(None, "Hi."), "Unknown speaker: Hi."),
        (said(" ", "Hi."), "Unknown speaker: Hi."),
        (said({"id": 100}, "Hi.", 1), "[0:00:01] Participant 100: Hi."),
        (said({"id": "", "name": ""}, "Hi."), "Unknown speaker: Hi."),
        (said("Ada", "one\n[0:00:00] Eve: two\r\u2028three"), "Ada: one [0:00:00] Eve: two  three"),
        (said("Ada\nEve", "Hi."), "Ada Eve: Hi."),
        (said("Ada", "Hi.", 1e300), "Ada: Hi."),
        (said("Ada", "100 % {sure} \\n %s"), "Ada: 100 % {sure} \\n %s"),
        (said("Ada", ""), ""),
        ({"speaker": "Ada"}, ""),
    ],
    ids=["nobody", "blank", "an id", "nothing", "line breaks", "in a name", "no time", "odd", "no text", "no words"],
)
def test_every_utterance_with_words_is_one_line(
    connection: Connection, loaded: Loaded, element: dict[str, Any], line: str
) -> None:
    loaded([element])
    assert rows(connection, "select text from recall.transcript_texts") == [(line,)]


def test_every_transcript_that_is_here_has_a_text_and_no_other(connection: Connection, loaded: Loaded) -> None:
    ids = {loaded([]): "", loaded([said("Ada", "Hi.")]): "Ada: Hi."}
    connection.execute(insert(Transcripts).values(transcript_id=uuid4(), workspace="default", first_seen_at=T0))
    assert dict(rows(connection, "select transcript_id, text from recall.transcript_texts")) == ids


# The transcript to use


def test_the_latest_transcript_is_the_newest_in_which_anybody_speaks(connection: Connection, loaded: Loaded) -> None:
    recording, other = uuid4(), uuid4()
    words = [said("Ada", "Hi.")]
    loaded(words, recording_id=recording, created_at=T0)
    loaded(words, recording_id=recording, created_at=None)
    newest = loaded(words, recording_id=recording, created_at=T0 + timedelta(hours=1))
    loaded([], recording_id=recording, created_at=T0 + timedelta(hours=2))
    loaded([], recording_id=other, created_at=T0)
    newest_empty = loaded([], recording_id=other, created_at=T0 + timedelta(hours=1))
    alone = [loaded(words), loaded([])]
    columns = {"recording_id": recording, "created_at": T0 + timedelta(hours=3), "first_seen_at": T0}
    connection.execute(insert(Transcripts).values(transcript_id=uuid4(), workspace="default", **columns))
    latest = rows(connection, "select transcript_id, recording_id, payload_state from recall.latest_transcripts")
    assert sorted(latest, key=str) == sorted(
        [
            (newest, recording, "loaded"),
            (newest_empty, other, "empty"),
            (alone[0], None, "loaded"),
            (alone[1], None, "empty"),
        ],
        key=str,
    )


def test_of_two_created_at_once_one_is_the_latest(connection: Connection, loaded: Loaded) -> None:
    recording = uuid4()
    for created_at in (None, T0):
        ids = [loaded([said("Ada", "Hi.")], recording_id=recording, created_at=created_at) for _ in range(3)]
        query = "select transcript_id from recall.latest_transcripts where recording_id = %s"
        assert rows(connection, query, recording) == [(max(ids),)]
