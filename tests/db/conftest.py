"""Rows to work on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from syncd.core.lease import Lease
from syncd.core.transcript import PAID_STAGES
from syncd.db import intake, queue
from syncd.db.engine import Connection, Engine, database_now

Tracked = Callable[..., list[UUID]]
Taken = Callable[..., list[Lease]]


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose every statement counts at once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@pytest.fixture
def now(connection: Connection) -> datetime:
    """The database's clock."""
    return database_now(connection)


@pytest.fixture
def tracked(connection: Connection) -> Tracked:
    """Tracks so many new ids."""

    def track(count: int = 1, workspace: str = "default") -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        assert intake.track(connection, ids, workspace) == count
        return ids

    return track


@pytest.fixture
def taken(connection: Connection) -> Taken:
    """Takes leases as a worker does."""

    def take(count: int = 1, holder: str = "me", lease_s: float = 60.0, workspace: str = "default") -> list[Lease]:
        return queue.take(connection, workspace, PAID_STAGES, count, holder, lease_s, database_now(connection))

    return take
