"""What a finished transcript costs the database: few transactions, every file parsed once and never read back."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from recall_emulator import Scenario
from syncd.core.polling.claim_order import Turn
from syncd.core.queue.files import Downloaded
from syncd.core.reading.transcript_file import read_transcript_file
from syncd.core.reading.vendors import read_provider_content
from syncd.core.transcript import FileKind
from syncd.db.content import files
from syncd.db.engine import Engine
from syncd.db.queue import leases
from syncd.pipeline import load
from syncd.pipeline.claim import claim_due
from tests.pipeline.harness import Harness

CLAIM, RETRIEVE, STORE_AND_LOAD = 1, 1, 1
FILES = 2


@contextmanager
def counted(engine: Engine) -> Iterator[tuple[Counter[str], list[str]]]:
    """How many transactions end in which way meanwhile, and every statement."""
    ends: Counter[str] = Counter()
    statements: list[str] = []

    def commit(_connection: object) -> None:
        ends["commit"] += 1

    def rollback(_connection: object) -> None:
        ends["rollback"] += 1

    def execute(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    listeners: list[tuple[str, Callable[..., None]]] = [
        ("commit", commit),
        ("rollback", rollback),
        ("before_cursor_execute", execute),
    ]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield ends, statements
    for name, listener in listeners:
        event.remove(engine, name, listener)


def due(harness: Harness) -> None:
    harness.change("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")


def test_a_finished_transcript_takes_four_transactions(harness: Harness, engine: Engine) -> None:
    (id_,) = harness.track(Scenario())
    due(harness)
    with counted(engine) as (ends, _):
        assert harness.tick() == 1
    assert harness.transcript(id_)["payload_state"] == "loaded"
    assert harness.rows("select from syncd.queue") == []
    assert ends == {"commit": CLAIM + RETRIEVE + FILES * STORE_AND_LOAD}


def test_one_that_is_not_finished_takes_two(harness: Harness, engine: Engine) -> None:
    harness.track(Scenario(finishes_after=None))
    due(harness)
    with counted(engine) as (ends, _):
        assert harness.tick() == 1
    assert ends == {"commit": CLAIM + RETRIEVE}


def test_each_file_is_parsed_once_and_not_read_back(
    harness: Harness, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    def counted_of(read: Callable[..., Any]) -> Callable[..., Any]:
        def count(content: bytes, *arguments: object) -> Any:
            parsed.append(content)
            return read(content, *arguments)

        return count

    def refuse(*_: object) -> bytes:
        raise AssertionError("a file that is in memory was read back")

    monkeypatch.setattr(load, "read_transcript_file", counted_of(read_transcript_file))
    monkeypatch.setattr(load, "read_provider_content", counted_of(read_provider_content))
    for name in ("content", "byte_count"):
        monkeypatch.setattr(files, name, refuse)
    (id_,) = harness.track(Scenario())
    with counted(engine) as (_, statements):
        harness.turn()
    truth = harness.emulator.expected(id_)
    assert sorted(parsed) == sorted(filter(None, (truth.transcript, truth.provider_data)))
    assert len(parsed) == FILES
    stored = [statement for statement in statements if "recall.payloads" in statement]
    assert stored  # they were written, and no statement asks for them
    assert not [statement for statement in stored if statement.lstrip().upper().startswith("SELECT")]
    row = harness.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "loaded")


def test_a_file_that_takes_long_leaves_the_lease_as_long_as_ever(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next file is written under it, and no worker may claim the row between the two."""
    (id_,) = harness.track(Scenario())
    (lease,) = claim_due(harness.engine, harness.worker._limits, 1, Turn()).leases
    until = harness.waiting(id_)["lease_until"]
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=count(step=100).__next__))
    harness.worker._context.settle(lease, Downloaded(FileKind.TRANSCRIPT), lambda _: None)
    assert harness.waiting(id_)["lease_until"] > until
