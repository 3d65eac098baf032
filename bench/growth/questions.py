"""What is asked: each question as the daemon, a command or an analyst asks it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from random import Random
from typing import LiteralString
from uuid import UUID, uuid4

from sqlalchemy import text

from syncd.core.polling.claim_order import Turn
from syncd.core.queue.limits import WorkerLimits
from syncd.db.engine import Engine, database_now, psycopg_connection
from syncd.db.polling import waiting
from syncd.db.queue import leases, tracking
from syncd.db.rate_limit import calls
from syncd.db.reports.diagnosis import diagnosis
from syncd.db.reports.overview import overview
from syncd.pipeline.claim import Claimed, claim_due

_LIMITS = WorkerLimits("default", 60_000, 60_000, 8, 60.0, 5.0, "bench")
_CLAIMED, _SHARE, _PAGE = 8, 0.05, 100


@dataclass
class Database:
    """A database that questions are asked of, and which of its transcripts are asked for."""

    engine: Engine
    settled: int
    pending: int
    chance: Random = field(default_factory=lambda: Random(1))

    def settled_id(self) -> UUID:
        """One that has come to its end, at random."""
        return _id(f"settled {self.chance.randint(1, self.settled)}")

    def pending_id(self) -> UUID:
        """One that has not, at random."""
        return _id(f"pending {self.chance.randint(1, self.pending)}")

    def deal(self) -> int:
        """A number that the metadata of four transcripts hold, at random."""
        return self.chance.randint(1, self.settled // 5 - 1)


def _id(name: str) -> UUID:
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


Ask = Callable[[Database], object]


def claim(database: Database) -> Claimed:
    """As a worker does it."""
    return claim_due(database.engine, _LIMITS, _CLAIMED, Turn(database.chance.randint(1, 100)))


def unclaim(database: Database, claimed: object) -> None:
    """Put everything back."""
    if isinstance(claimed, Claimed):
        tokens = [lease.token for lease in claimed.leases]
        with database.engine.begin() as connection:
            leases.release(connection, tokens)
            for token in tokens:
                calls.refund(connection, token)


def track(database: Database) -> object:
    """A new id."""
    with database.engine.begin() as connection:
        return tracking.track(connection, [uuid4()], "default")


def status(database: Database) -> object:
    """`syncd status`."""
    with database.engine.begin() as connection:
        return overview(connection)


def plan_page(database: Database) -> object:
    """What a list call is planned with."""
    with database.engine.begin() as connection:
        return (
            waiting.seen(connection, "default", _SHARE),
            waiting.unseen(connection, "default"),
            waiting.done_lately(connection, "default"),
        )


def look_up_page(database: Database) -> object:
    """Which entries of a page are ours, and which of them wait."""
    ids = [database.settled_id() for _ in range(_PAGE // 2)] + [database.pending_id() for _ in range(_PAGE // 2)]
    with database.engine.begin() as connection:
        now = database_now(connection)
        return waiting.ours(connection, "default", ids), waiting.peek(connection, "default", ids, now)


def explain(database: Database) -> object:
    """`syncd explain`."""
    with database.engine.begin() as connection:
        return diagnosis(connection, database.pending_id())


def erase(database: Database) -> object:
    """recall.erase() of one."""
    with database.engine.begin() as connection:
        return connection.execute(text("select recall.erase(:id)"), {"id": database.settled_id()}).all()


def rows(query: LiteralString) -> Ask:
    """An analyst's question; $deal, $recording and $settled stand for one that there is."""

    def ask(database: Database) -> object:
        number = database.chance.randint(1, database.settled)
        asked = query.replace("$deal", f"D-{database.deal()}").replace("$settled", str(database.settled_id()))
        asked = asked.replace("$recording", str(_id(f"recording {number // 11 * 10 + number % 11 % 10}")))
        with database.engine.begin() as connection:
            return psycopg_connection(connection).execute(asked.encode()).fetchall()

    return ask


ASKED: Mapping[str, Ask] = {
    "claim eight due transcripts": claim,
    "track a new id": track,
    "`syncd status`": status,
    "`recall.sync_freshness`": rows("select * from recall.sync_freshness"),
    "`recall.sync_budget`": rows("select * from recall.sync_budget"),
    "`recall.sync_durations`": rows("select * from recall.sync_durations"),
    "the twenty newest meetings": rows("select * from recall.latest_transcripts order by created_at desc limit 20"),
    "meetings of a recording": rows("select * from recall.latest_transcripts where recording_id = '$recording'"),
    "by metadata: those of one deal": rows(
        """select * from recall.latest_transcripts where metadata @> '{"deal": "$deal"}'"""
    ),
    "by metadata: a team's twenty newest": rows(
        """select * from recall.latest_transcripts where metadata @> '{"team": "sales"}'
        order by created_at desc limit 20"""
    ),
    "failed in the last day, by status": rows(
        "select transcript_id, sub_code from recall.transcripts"
        " where status = 'failed' and status_updated_at > now() - interval '1 day'"
    ),
    "failed in the last day, by payload_state": rows(
        "select transcript_id, payload_reason from recall.transcripts"
        " where payload_state = 'failed' and observed_at > now() - interval '1 day'"
    ),
    "failed in the last day, by events": rows(
        "select transcript_id from recall.events where kind = 'failed' and occurred_at > now() - interval '1 day'"
    ),
    "events of the last hour": rows(
        "select * from recall.events where occurred_at > now() - interval '1 hour' order by event_id"
    ),
    "the hundred that are pending longest": rows(
        "select transcript_id, first_seen_at from recall.transcripts"
        " where workspace = 'default' and payload_state in ('pending', 'stored') order by first_seen_at limit 100"
    ),
    "statuses of one": rows("select * from recall.status_history where transcript_id = '$settled'"),
    "plan a list call": plan_page,
    "look up a page of a hundred": look_up_page,
    "`syncd explain`": explain,
    "erase one": erase,
}
