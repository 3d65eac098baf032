"""Erases a selection step by step, until nothing of it is left."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from syncd.core.admin.erasure import Erasable, SelectedBy
from syncd.db.admin import erasures
from syncd.db.content import erasing
from syncd.db.content.erasing import Receipt
from syncd.db.engine import Connection, Engine, transact

ERASED_AT_ONCE = 100
"""Transcripts of one transaction: while it writes their events, all others that write some wait."""


def erase(engine: Engine, what: Erasable, reason: str | None) -> Iterator[list[Receipt]]:
    """Erase all of it, each transcript in one transaction; answers the receipts of each transaction.

    What becomes part of the selection meanwhile is erased, too. Stopped in between, the same selection goes on.
    """
    while receipts := transact(engine, partial(_next, what=what, reason=reason)):
        yield receipts


def _next(connection: Connection, what: Erasable, reason: str | None) -> list[Receipt]:
    ids: list[UUID] = erasures.find(connection, what, ERASED_AT_ONCE)
    return erasing.erase(connection, ids, what.by, reason) if ids else []


def erase_aged(engine: Engine, workspace: str, days: int) -> int:
    """Erase the oldest of what was created so many days ago or earlier; how many, ERASED_AT_ONCE at most."""

    def erase_some(connection: Connection) -> int:
        ids = erasures.find_aged(connection, workspace, days, ERASED_AT_ONCE)
        return len(erasing.erase(connection, ids, SelectedBy.AGE, None)) if ids else 0

    return transact(engine, erase_some)
