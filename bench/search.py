"""An analyst's questions to syncd's tables, and to the same meetings as raw jsonb: `python -m bench.search [words]`.

The meetings are invented, 1,500 words each, and put into an embedded Postgres by syncd's own reader. The raw table
has one row for each: the array that Recall delivers, as it came, with no index but its primary key. Prints one line
of JSON, with medians; compare only numbers of one machine and one run.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from bench.stack import Scenario, make_meeting, transcript_of, written
from syncd.core.reading.document import read_document
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import read_payload
from syncd.db.admin import schema
from syncd.db.content import transcripts, utterances
from syncd.db.engine import Connection, Engine, make_engine, psycopg_connection
from syncd.db.queue import tracking
from syncd.embedded import running

WORDS, MEETING_WORDS, SPEAKERS = 2_000_000, 1_500, 4
STARTED_S = 1_760_000_000.0
RARE_WORD, MEETINGS_TO_A_RARE_WORD = "zeppelin", 100
RUNS, RAW_RUNS = 9, 3

RAW_TABLE: LiteralString = "create table public.raw (transcript_id uuid primary key, content jsonb)"
OUR_SEARCH: LiteralString = "select * from recall.search(%(asked)s)"
# A turn is put together from its words first, for a phrase lies in several of them.
RAW_SEARCH: LiteralString = """
    select ranked.rank, ranked.transcript_id, ranked.number, ranked.speaker, ranked.start_s,
        ts_headline('english', ranked.said, websearch_to_tsquery('english', %(asked)s))
    from (
        select
            ts_rank(to_tsvector('english', turn.said), websearch_to_tsquery('english', %(asked)s), 1) as rank, turn.*
        from (
            select
                raw.transcript_id, turn.number, turn.value -> 'participant' ->> 'name' as speaker,
                (turn.value #>> '{words,0,start_timestamp,relative}')::double precision as start_s,
                (
                    select string_agg(word.value ->> 'text', ' ' order by word.number)
                    from jsonb_array_elements(turn.value -> 'words') with ordinality as word (value, number)
                ) as said
            from public.raw
            cross join jsonb_array_elements(raw.content) with ordinality as turn (value, number)
            offset 0
        ) as turn
        where to_tsvector('english', turn.said) @@ websearch_to_tsquery('english', %(asked)s)
        order by rank desc
        limit 50
    ) as ranked
"""
OUR_TALK: LiteralString = """
    select name, sum(talk_s) from recall.participants
    where transcript_id = %(asked)s::uuid or %(asked)s::uuid is null group by name
"""
# The sum of the turns, which counts twice what somebody says twice at once; ours counts it once.
RAW_TALK: LiteralString = """
    select turn.value -> 'participant' ->> 'name', sum((
        select max((word.value #>> '{end_timestamp,relative}')::double precision)
            - min((word.value #>> '{start_timestamp,relative}')::double precision)
        from jsonb_array_elements(turn.value -> 'words') as word
    ))
    from public.raw cross join jsonb_array_elements(raw.content) as turn
    where transcript_id = %(asked)s::uuid or %(asked)s::uuid is null group by 1
"""
OUR_SIZES: LiteralString = """
    select sum(pg_total_relation_size(format('recall.%I', name)))
    from unnest(array['transcripts', 'participants', 'utterance_data', 'passages']) as name
"""


@dataclass(frozen=True)
class Question:
    """The same question in two tongues, and what is asked for."""

    title: str
    asked: str | None
    ours: LiteralString = OUR_SEARCH
    raw: LiteralString = RAW_SEARCH


@dataclass(frozen=True)
class Answer:
    """Seconds, and how many rows came."""

    ours_s: float
    raw_s: float
    rows: tuple[int, int]


def questions(one: UUID) -> Sequence[Question]:
    """Everything that is asked."""
    return (
        Question("search: a common word", "budget"),
        Question("search: a rare word", RARE_WORD),
        Question("search: a phrase", '"root cause was a full disk"'),
        Question("search: boolean", f"blockers or outage failover -{RARE_WORD}"),
        Question("talk time by participant, one meeting", str(one), OUR_TALK, RAW_TALK),
        Question("talk time by participant, all meetings", None, OUR_TALK, RAW_TALK),
    )


def build(engine: Engine, count: int) -> list[UUID]:
    """Fill both tables; the ids of the meetings."""
    ids = []
    with engine.begin() as connection:
        psycopg_connection(connection).execute(RAW_TABLE)
    for first in range(0, count, 100):
        with engine.begin() as connection:
            ids += [_meeting(connection, number) for number in range(first, min(first + 100, count))]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        psycopg_connection(connection).execute("vacuum analyze")
    return ids


def _meeting(connection: Connection, number: int) -> UUID:
    scenario = Scenario(transcript_id=UUID(int=number + 1), words=MEETING_WORDS, speakers=SPEAKERS, seed=number)
    elements = transcript_of(make_meeting(scenario, 0), "3", STARTED_S, has_phrases=False)
    if number % MEETINGS_TO_A_RARE_WORD == 7:
        elements[-1]["words"][0]["text"] = RARE_WORD
    content = written(elements)
    payload = read_payload(read_document(content))
    talk = reckon(payload)
    tracking.track(connection, [scenario.transcript_id], "default")
    utterances.replace_utterances(connection, scenario.transcript_id, payload, talk)
    transcripts.loaded(
        connection,
        scenario.transcript_id,
        payload,
        talk,
        sha256(content).hexdigest(),
        datetime.fromtimestamp(STARTED_S, UTC),
    )
    psycopg_connection(connection).execute(
        "insert into public.raw values (%s, %s)", (scenario.transcript_id, content.decode())
    )
    return scenario.transcript_id


def answer(engine: Engine, question: Question) -> Answer:
    """Ask both, again and again."""
    ours, our_rows = _asked(engine, question.ours, question.asked, RUNS)
    raw, raw_rows = _asked(engine, question.raw, question.asked, RAW_RUNS)
    return Answer(ours, raw, (our_rows, raw_rows))


def _asked(engine: Engine, sql: LiteralString, asked: str | None, runs: int) -> tuple[float, int]:
    took, rows = [], 0
    with engine.connect() as connection:
        driver = psycopg_connection(connection)
        driver.execute("set statement_timeout = 0")
        for _ in range(runs + 1):
            began = time.perf_counter()
            rows = len(driver.execute(sql, {"asked": asked}).fetchall())
            took.append(time.perf_counter() - began)
    return statistics.median(took[1:]), rows  # the first one warms up


def report(engine: Engine, ids: Sequence[UUID]) -> dict[str, object]:
    """Milliseconds of each question, and megabytes."""
    answers = {}
    for question in questions(ids[len(ids) // 2]):
        found = answer(engine, question)
        if found.rows[0] != found.rows[1]:
            raise SystemExit(f"{question.title}: {found.rows[0]} rows of ours, {found.rows[1]} of the raw ones")
        answers[question.title] = {
            "syncd_ms": round(found.ours_s * 1000, 1),
            "raw_ms": round(found.raw_s * 1000, 1),
            "ratio": round(found.raw_s / found.ours_s, 1),
            "rows": found.rows[0],
        }
    with engine.connect() as connection:
        driver = psycopg_connection(connection)
        (ours,) = _row(driver.execute(OUR_SIZES).fetchone())
        (raw,) = _row(driver.execute("select pg_total_relation_size('public.raw')").fetchone())
    sizes = {"syncd": ours, "raw": raw}
    return {"questions": answers, "size_mb": {name: round(size / 1e6) for name, size in sizes.items()}}


def _row(row: tuple[float, ...] | None) -> tuple[float, ...]:
    return tuple(map(float, row or ()))


def main(words: int) -> dict[str, object]:
    """Build both tables and ask everything; what to print."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory, running(Path(directory) / "pg") as url:
        engine = make_engine(url)
        schema.migrate(engine)
        ids = build(engine, max(words // MEETING_WORDS, 1))
        found = report(engine, ids)
        engine.dispose()
    return {"bench": "search", "words": len(ids) * MEETING_WORDS, "meetings": len(ids), **found}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else WORDS)))
