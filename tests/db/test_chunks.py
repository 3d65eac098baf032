"""recall.chunks(): whole turns in pieces for embedding, compared with an oracle."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from syncd.core.reading.payload import Participant, Payload, Word
from syncd.core.reading.talk_time import reckon
from syncd.db.content import utterances
from syncd.db.engine import Connection, psycopg_connection
from tests.core.reading.transcript_files import utterance


@dataclass(frozen=True)
class Turn:
    """What one says; a word may be a caption phrase, empty, or nothing."""

    speaker: str | None
    words: tuple[Word, ...]


Told = Callable[..., UUID]


@pytest.fixture
def told(connection: Connection) -> Told:
    def tell(turns: Sequence[Turn], number: int = 1, workspace: str = "default") -> UUID:
        id_ = UUID(int=number)
        psycopg_connection(connection).execute(
            "insert into recall.transcripts (transcript_id, workspace, first_seen_at) values (%s, %s, now())",
            (id_, workspace),
        )
        names = list(dict.fromkeys(turn.speaker for turn in turns))
        said = (utterance(names.index(turn.speaker), turn.words) for turn in turns)
        payload = Payload(tuple(Participant(None, name) for name in names), tuple(said))
        utterances.replace_utterances(connection, id_, payload, reckon(payload))
        return id_

    return tell


def turn(speaker: str | None, text: str, start: float = 0.0) -> Turn:
    """One word a second."""
    words = [word for word in text.split(" ") if word]
    return Turn(speaker, tuple(Word(word, start + n, start + n + 0.5) for n, word in enumerate(words)))


def chunks(connection: Connection, *arguments: object) -> list[tuple[Any, ...]]:
    marks = ", ".join(["%s"] * len(arguments))
    query = f"select * from recall.chunks({marks}) order by transcript_id, chunk"
    return [tuple(row) for row in connection.exec_driver_sql(query, arguments)]


def test_turns_stay_whole_and_come_with_their_speakers(connection: Connection, told: Told) -> None:
    id_ = told([turn("Ada", "one two"), turn("Bo", "three", 5), turn("Ada", "four five", 7), turn("Bo", "six", 10)])
    assert chunks(connection, 4) == [
        (id_, 0, 0, 1, 0, 5.5, ["Ada", "Bo"], 3, "Ada: one two\nBo: three"),
        (id_, 1, 2, 3, 7, 10.5, ["Ada", "Bo"], 3, "Ada: four five\nBo: six"),
    ]
    assert [row[1:4] for row in chunks(connection)] == [(0, 0, 3)]


def test_a_turn_that_alone_is_too_long_is_cut_and_stands_alone(connection: Connection, told: Told) -> None:
    id_ = told(
        [turn("Ada", "a"), turn("Bo", "one two three four five", 10), turn(None, "b", 20), turn("Ada", "c", 30)]
    )
    assert chunks(connection, 2) == [
        (id_, 0, 0, 0, 0, 0.5, ["Ada"], 1, "Ada: a"),
        (id_, 1, 1, 1, 10, 11.5, ["Bo"], 2, "Bo: one two"),
        (id_, 2, 1, 1, 12, 13.5, ["Bo"], 2, "Bo: three four"),
        (id_, 3, 1, 1, 14, 14.5, ["Bo"], 1, "Bo: five"),
        (id_, 4, 2, 3, 20, 30.5, ["Ada"], 2, "b\nAda: c"),
    ]


def test_a_caption_phrase_counts_as_all_the_words_in_it(connection: Connection, told: Told) -> None:
    phrases = (Word("one two  three", 1.0, None), Word(None, None, None), Word(" four\nfive ", 8.0, 9.0))
    told([Turn("Ada", phrases)])
    assert [row[4:] for row in chunks(connection, 4)] == [
        (1, 9, ["Ada"], 4, "Ada: one two three four"),
        (8, 9, ["Ada"], 1, "Ada: five"),
    ]


def test_one_transcript_or_one_workspace_can_be_asked_for(connection: Connection, told: Told) -> None:
    first, second, third = (told([turn("Ada", "hi")], n, workspace) for n, workspace in enumerate("aab", 1))
    assert [row[0] for row in chunks(connection)] == [first, second, third]
    assert [row[:2] for row in chunks(connection, 300, second)] == [(second, 0)]
    assert [row[:2] for row in chunks(connection, 300, None, "a")] == [(first, 0), (second, 0)]
    assert chunks(connection, 300, first, "b") == []
    assert chunks(connection, 300, UUID(int=99)) == []


@pytest.mark.parametrize("nothing", [0, -1, None])
def test_a_chunk_of_no_words_is_refused_with_what_to_do(connection: Connection, nothing: int | None) -> None:
    driver = psycopg_connection(connection)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="max_words must be 1 or more") as refused:
        driver.execute("select * from recall.chunks(%s::integer)", (nothing,))
    assert "recall.chunks(300)" in str(refused.value.diag.message_hint)


def spoken(turn: Turn) -> list[tuple[str, Word]]:
    return [(part, word) for word in turn.words for part in (word.text or "").split()]


def expected(turns: Sequence[Turn], most: int) -> list[tuple[Any, ...]]:
    """The oracle: groups of (positions, words, text), then what is to be said of each."""
    groups: list[list[tuple[int, list[tuple[str, Word]], str]]] = []
    is_open = False
    for position, said in enumerate(turns):
        words, name = spoken(said), f"{said.speaker}: " if said.speaker is not None else ""
        if len(words) > most:
            pieces = [words[n : n + most] for n in range(0, len(words), most)]
            groups += [[(position, piece, name + " ".join(part for part, _ in piece))] for piece in pieces]
            is_open = False
        elif words:
            if not is_open or sum(len(w) for _, w, _ in groups[-1]) + len(words) > most:
                groups.append([])
            groups[-1].append((position, words, name + " ".join(word.text for word in said.words if word.text)))
            is_open = True
    return [described(number, group, turns) for number, group in enumerate(groups)]


def described(
    number: int, group: list[tuple[int, list[tuple[str, Word]], str]], turns: Sequence[Turn]
) -> tuple[Any, ...]:
    words = [word for _, found, _ in group for _, word in found]
    starts = [t for word in words for t in (word.start_s, word.end_s) if t is not None]
    names = dict.fromkeys(turns[position].speaker for position, _, _ in group)
    return (
        number, group[0][0], group[-1][0], min(starts, default=None), max(starts, default=None),
        [name for name in names if name is not None], len(words), "\n".join(line for _, _, line in group),
    )  # fmt: skip


def any_turns(chance: Random) -> Iterator[Turn]:
    clock = 0.0
    for _ in range(chance.choice((0, 1, 5, 60))):
        words = []
        for _ in range(chance.choice((0, 1, 2, 5, 12, 30))):
            clock += chance.random()
            end = clock + chance.random()
            text = chance.choice(("word", "word,", "two words", " three small words\n", "naïve"))
            words.append(Word(text, *chance.choice(((clock, end), (clock, None), (None, end), (None, None)))))
        # what has no text has no time here, for a turn counts the times of such words, too
        words += [Word(text, None, None) for text in chance.choice(((), (None, ""), (" ",)))]
        yield Turn(chance.choice(("Ada", "Bo", None)), tuple(words))


def test_it_agrees_with_the_oracle(connection: Connection, told: Told) -> None:
    chance = Random(4)
    meetings = {told(turns, number): turns for number in range(1, 60) for turns in [list(any_turns(chance))]}
    for most in (1, 2, 7, 40, 300):
        found = chunks(connection, most)
        assert found == [(id_, *rest) for id_, turns in meetings.items() for rest in expected(turns, most)]
        assert max(row[7] for row in found) <= most
        one = chance.choice(list(meetings))
        assert chunks(connection, most, one) == [row for row in found if row[0] == one]


ONE_MEETING = (
    "select * from recall.chunks($1, $2)",
    "select * from recall.chunks($1, (select $2))",
    "select * from recall.chunks($1) where transcript_id = $2",
    "select * from recall.chunks($1) limit 8",
    "select * from recall.chunks($1) where transcript_id >= $2 order by transcript_id, chunk limit 8",
)
"""Questions to the crowd that one transcript of 8 chunks answers."""
THREE_MEETINGS = (
    "select c.* from recall.transcripts as t join recall.chunks($1) as c using (transcript_id)"
    " where t.recording_id = $2",
    "select * from recall.chunks($1)"
    " where transcript_id in (select t.transcript_id from recall.transcripts as t where t.recording_id = $2)",
)


@pytest.fixture
def crowd(connection: Connection) -> Connection:
    """500 transcripts of 40 turns of two words."""
    driver = psycopg_connection(connection)
    driver.execute(
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at, recording_id)"
        " select md5('t' || n)::uuid, 'default', now(), md5('t' || n % 166)::uuid from generate_series(1, 500) as n"
    )
    driver.execute(
        "insert into recall.utterance_data (transcript_id, position, participant_position, text, word_count)"
        " select md5('t' || n)::uuid, position, 0, 'one two', 2"
        " from generate_series(1, 500) as n, generate_series(0, 39) as position"
    )
    driver.execute("vacuum analyze recall.transcripts, recall.utterance_data")
    return connection


def test_turns_are_read_by_their_key(crowd: Connection) -> None:
    driver = psycopg_connection(crowd)
    (source,) = driver.execute("select prosrc from pg_proc where proname = 'chunks_of'").fetchone() or ("",)
    turns = source.split("for turn in")[1].split("loop")[0].replace("chunks_of.transcript_id", "$1")
    driver.execute("set plan_cache_mode = force_generic_plan")
    driver.execute(f"prepare turns (uuid) as {turns}".encode())
    plan = "\n".join(line for (line,) in driver.execute("explain execute turns (null)").fetchall())
    assert "utterance_data_pkey" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("question", [*ONE_MEETING, *THREE_MEETINGS])
@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
def test_a_question_reads_the_turns_of_no_other_transcript(crowd: Connection, question: str, plans: str) -> None:
    driver = psycopg_connection(crowd)
    driver.execute(f"set plan_cache_mode = {plans}".encode())
    driver.execute(f"prepare asked (integer, uuid) as {question}".encode())
    before = rows_read(crowd)
    found = driver.execute("execute asked (10, md5('t7')::uuid)").fetchall()
    assert 8 <= len(found) <= 24
    meetings = len(found) // 8
    # a sort begins with the transcript that comes after those it gives
    assert rows_read(crowd) - before <= 40 * (meetings + ("order by" in question))


def test_nobody_elses_operators_get_into_it(crowd: Connection) -> None:
    driver = psycopg_connection(crowd)
    driver.execute("create function public.never(uuid, uuid) returns boolean language sql return false")
    driver.execute("create operator public.>= (leftarg = uuid, rightarg = uuid, function = public.never)")
    driver.execute("set search_path = public, pg_catalog")
    assert len(chunks(crowd, 10)) == 4000


def rows_read(connection: Connection) -> int:
    """Rows of utterances that were read in this session, one way or another."""
    driver = psycopg_connection(connection)
    driver.execute("select pg_stat_force_next_flush()")
    driver.execute("select pg_stat_clear_snapshot()")
    row = driver.execute(
        "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relid = 'recall.utterance_data'::regclass"
    ).fetchone()
    return int(row[0]) if row else 0
