"""A process that dies at any statement of a run loses nothing: another one ends the transcript, and tells it once."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from recall_emulator import Emulator, Scenario
from syncd.db.content.files import unpack
from syncd.db.engine import Engine, make_engine
from syncd.errors import DatabaseAway
from tests.pipeline.harness import Harness
from tests.pipeline.test_path import assert_exact

MOST_STATEMENTS = 200
"""More than any run has; the loop over its statements ends long before."""


class Dies:
    """Lets so many statements of an engine through, and none after them."""

    def __init__(self, engine: Engine) -> None:
        self._guard = threading.Lock()
        self._left = 0
        self.has_died = False
        event.listen(engine, "before_cursor_execute", self._count)

    def after(self, statements: int) -> None:
        """From now on: so many more."""
        with self._guard:
            self._left, self.has_died = statements, False

    def _count(self, *_: object) -> None:
        with self._guard:
            self.has_died = self._left == 0
            if self.has_died:
                raise DatabaseAway("The process has died.")  # whoever meets this sends nothing more
            self._left -= 1


@pytest.fixture
def dying(database_url: str, emulator: Emulator) -> Iterator[tuple[Harness, Dies]]:
    """Processes that die, one after the other; none releases or ends what it leaves."""
    engine = make_engine(database_url)
    process = Harness(engine, emulator, holder="dies")
    with closing(process.api), closing(process._store):
        yield process, Dies(engine)
    engine.dispose()


def run_until_it_dies(process: Harness, dies: Dies, statements: int) -> bool:
    """A process takes what is due and dies before the next statement; whether it came so far."""
    dies.after(statements)
    try:
        process.tick()
    except DatabaseAway:
        assert dies.has_died
    return dies.has_died


def stored(harness: Harness, id_: UUID) -> dict[str, bytes]:
    rows = harness.rows("select kind, content from recall.payloads where transcript_id = %s", id_)
    return {row["kind"]: unpack(row["content"]) for row in rows}


def truth(harness: Harness, id_: UUID) -> dict[str, bytes | None]:
    expected = harness.emulator.expected(id_)
    return {"transcript": expected.transcript, "provider_data": expected.provider_data}


def assert_ended(survivor: Harness, id_: UUID, state: str, kind: str, when: str) -> None:
    """What another process made of it is the truth, told once."""
    row = survivor.transcript(id_)
    other_state = "failed" if state == "failed" else "loaded"
    assert (row["payload_state"], row["provider_data_state"]) == (state, other_state), when
    if state == "loaded":
        assert_exact(survivor, id_)
    else:
        assert survivor.rows("select from recall.words where transcript_id = %s", id_) == [], when
        assert stored(survivor, id_) == ({} if state == "failed" else truth(survivor, id_)), when
    told = survivor.rows("select kind from recall.events where transcript_id = %s", id_)
    assert told == [{"kind": kind}], when
    assert survivor.rows("select from syncd.queue") == [], when


@pytest.mark.parametrize(
    ("scenario", "state", "kind"),
    [
        (Scenario(words=60), "loaded", "ready"),
        (Scenario(hostile="not_json", words=60), "unreadable", "failed"),
        (Scenario(end="failed", words=60), "failed", "failed"),
    ],
    ids=["both files", "one file unreadable", "failed"],
)
def test_a_crash_before_any_statement_loses_nothing(
    harness: Harness, dying: tuple[Harness, Dies], scenario: Scenario, state: str, kind: str
) -> None:
    for statements in range(MOST_STATEMENTS):
        (id_,) = harness.track(replace(scenario, transcript_id=uuid4()))
        harness.change("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        has_died = run_until_it_dies(*dying, statements)
        harness.change(
            "update syncd.queue set lease_until = clock_timestamp() - interval '1 second'"
            " where lease_token is not null"
        )
        harness.turns()
        assert_ended(harness, id_, state, kind, f"after {statements} statements")
        if not has_died:
            assert statements > 10  # it is the run itself that was cut, and not what comes before
            return
    raise AssertionError(f"still not through after {MOST_STATEMENTS} statements")
