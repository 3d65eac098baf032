"""Rows to work on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.transcript import PAID_STAGES
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.queue import claims, tracking
from tests.db.roles import DatabaseRoles

Tracked = Callable[..., list[UUID]]
Claimed = Callable[..., list[Lease]]


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose every statement counts at once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def limits(holder: str = "me", workspace: str = "default", lease_s: float = 60.0) -> WorkerLimits:
    """What a worker claims rows under."""
    return WorkerLimits(workspace, 60_000, 60_000, 8, lease_s, 5.0, holder)


@pytest.fixture
def now(connection: Connection) -> datetime:
    """The database's clock."""
    return database_now(connection)


@pytest.fixture
def tracked(connection: Connection) -> Tracked:
    """Tracks so many new ids."""

    def track(count: int = 1, workspace: str = "default") -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        assert tracking.track(connection, ids, workspace) == count
        return ids

    return track


@pytest.fixture
def claimed(connection: Connection) -> Claimed:
    """Claims rows as a worker does."""

    def claim(count: int = 1, holder: str = "me", lease_s: float = 60.0, workspace: str = "default") -> list[Lease]:
        under = limits(holder, workspace, lease_s)
        now = database_now(connection)
        seen = claims.claim(connection, under, PAID_STAGES, ClaimOrder.SEEN, count, now)
        return seen + claims.claim(connection, under, PAID_STAGES, ClaimOrder.NEW, count - len(seen), now)

    return claim


@pytest.fixture
def roles(database_url: str) -> Iterator[DatabaseRoles]:
    """Names for an owner, a writer and an analyst of the database; the roles are dropped after the test."""
    roles = DatabaseRoles(database_url)
    yield roles
    roles.drop()
