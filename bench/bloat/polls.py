"""Polls without Recall: rows are claimed by the worker's own statement and settled by that of an Outcome.

The statement of `claims.claim` is taken from its first execution and executed again with later times, for reading its
answer would take nine tenths of the time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import Uuid, cast, event, func, null, update
from sqlalchemy.dialects.postgresql import ARRAY

from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.queue.limits import WorkerLimits
from syncd.core.transcript import PAID_STAGES
from syncd.db.engine import Connection, Engine, psycopg_connection
from syncd.db.queue import claims, due_from
from syncd.db.rate_limit import budgets
from syncd.db.tables.control import Queue

_LIMITS = WorkerLimits("default", 300, 60, 8, 60.0, 5.0, "bench")
_POLLS_AT_ONCE, _CLAIMED_ROWS, _CLAIM_RUNS = 250, 8, 9
_POLLS_A_SECOND = 5.0
"""Recall's limit of 300 a minute, by the clock that this benchmark turns itself."""
_FROM_START = "update syncd.budgets set due_from = null"
_QUEUE_SIZES = "select pg_relation_size('syncd.queue'), pg_indexes_size('syncd.queue')"
_FILL = """
    insert into recall.transcripts (
        transcript_id, workspace, created_at, status, provider, first_seen_at, observed_at
    )
    select md5('t' || n)::uuid, 'default', %(now)s, 'processing', 'deepgram_async', %(now)s, %(now)s
    from generate_series(1, %(rows)s) as n;
    insert into syncd.queue (
        transcript_id, workspace, stage, due_at, tracked_at, pending_until, is_observed, last_seen_at, created_at,
        provider, recording_length, threshold_s
    )
    select transcript_id, 'default', 'poll', %(now)s + random() * %(gap_s)s * interval '1 second', %(now)s,
        %(now)s + interval '30 days', true, %(now)s, %(now)s, provider, 'short', 0.5
    from recall.transcripts
"""


@dataclass(frozen=True)
class Sample:
    """The queue after so many polls: sizes in bytes, times in milliseconds, the best of several."""

    polls: int
    table_size: int
    index_size: int
    claim_ms: float
    claim_from_start_ms: float
    """The same without db/queue/due_from.py: from the start of the index of due times."""
    look_anew_ms: float
    """What due_from.py pays for reading all of that index, once a minute."""


@dataclass(frozen=True)
class ClaimStatement:
    """What `claims.claim` executes, and when it did."""

    sql: str
    parameters: Mapping[str, object]
    now: datetime

    def at(self, now: datetime, count: int) -> tuple[bytes, dict[str, object]]:
        """The same at another time, for so many rows."""
        later = now - self.now
        moved = {
            name: value + later if isinstance(value, datetime) else count if value == _CLAIMED_ROWS else value
            for name, value in self.parameters.items()
        }
        return self.sql.encode(), moved


def claim_statement(connection: Connection, now: datetime) -> ClaimStatement:
    """Taken from a claim that is executed for it, of _CLAIMED_ROWS rows."""
    seen: list[tuple[str, Mapping[str, object]]] = []

    def note(
        _connection: object, _cursor: object, sql: str, parameters: Mapping[str, object], *_rest: object
    ) -> None:
        seen.append((sql, parameters))

    event.listen(connection, "before_cursor_execute", note)
    claims.claim(connection, _LIMITS, PAID_STAGES, ClaimOrder.SEEN, _CLAIMED_ROWS, now)
    event.remove(connection, "before_cursor_execute", note)
    return ClaimStatement(*seen[0], now)


@dataclass
class Polling:
    """Rows that never finish, polled in turn."""

    engine: Engine
    rows: int
    now: datetime
    claim: "ClaimStatement"

    def run(self, polls: int, every: int) -> Iterator[Sample]:
        """A sample at the start, and one after each `every` polls."""
        done = 0
        yield self._sample(done)
        while done < polls:
            until = min(done + every, polls)
            while done < until:
                done += self._poll(min(_POLLS_AT_ONCE, until - done))
            yield self._sample(done)

    def _poll(self, count: int) -> int:
        """Claim those that are due longest, and let them wait for about as long as all the others take."""
        self.now += timedelta(seconds=count / _POLLS_A_SECOND)
        with self.engine.begin() as connection:
            answer = psycopg_connection(connection).execute(*self.claim.at(self.now, count)).pgresult
            ids = [] if answer is None else [answer.get_value(row, 0) for row in range(answer.ntuples)]
        with self.engine.begin() as connection:
            settle(connection, [id_.decode() for id_ in ids if id_], self.now, self.rows / _POLLS_A_SECOND)
            self._move(connection)
        return count

    def _sample(self, polls: int) -> Sample:
        with self.engine.connect() as connection:
            row = psycopg_connection(connection).execute(_QUEUE_SIZES.encode()).fetchone()
            table_size, index_size = row or (0, 0)
        anew_ms = self._timed(lambda connection: self._move(connection, is_anew=True))
        with self.engine.begin() as connection:
            self._move(connection, is_anew=True)
        claim_ms = [self._timed(self._claim) for _ in range(_CLAIM_RUNS)]
        from_start_ms = [self._timed(self._claim, _FROM_START) for _ in range(3)]
        claims_ms = min(claim_ms), min(from_start_ms)
        return Sample(polls, table_size, index_size, *claims_ms, anew_ms)

    def _move(self, connection: Connection, *, is_anew: bool = False) -> None:
        due_from.move_due_from(connection, "default", self.now, is_anew=is_anew)

    def _timed(self, ask: Callable[[Connection], object], before: str = "select 1") -> float:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(before)
            began = time.perf_counter()
            ask(connection)
            took = time.perf_counter() - began
            connection.rollback()
        return took * 1000

    def _claim(self, connection: Connection) -> object:
        return claims.claim(connection, _LIMITS, PAID_STAGES, ClaimOrder.SEEN, _CLAIMED_ROWS, self.now)


def fill(engine: Engine, rows: int, now: datetime) -> Polling:
    """Rows that are due one after another, as many a second as are polled."""
    with engine.begin() as connection:
        parameters = {"now": now, "rows": rows, "gap_s": rows / _POLLS_A_SECOND}
        psycopg.ClientCursor(psycopg_connection(connection)).execute(_FILL.encode(), parameters)
        budgets.lock(connection, "default", budgets.RETRIEVE, _LIMITS.retrieve_limit, now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        psycopg_connection(connection).execute("vacuum analyze")
    with engine.connect() as connection:
        connection.begin()  # which is a statement, too
        statement = claim_statement(connection, now)
        connection.rollback()
    return Polling(engine, rows, now, statement)


def settle(connection: Connection, ids: Sequence[str], now: datetime, gap_s: float) -> None:
    """What db/queue/leases.py writes for a row that waits, for many at once."""
    statement = update(Queue).where(
        Queue.transcript_id == func.any(cast(ids, ARRAY(Uuid))), Queue.lease_token.is_not(None)
    )
    connection.execute(
        statement.values(
            last_seen_at=now,
            is_observed=True,
            listed_at=Queue.listed_at,
            stage=Queue.stage,
            due_at=now + func.make_interval(0, 0, 0, 0, 0, 0, gap_s * (0.5 + func.random())),
            absent_at=None,
            attempts=0,
            threshold_s=0.5,
            last_error=None,
            last_error_at=null(),
            lease_token=None,
            lease_holder=None,
            lease_until=None,
        )
    )
