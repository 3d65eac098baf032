"""Hints: whether they arrive is proved; what they are about; what happens where they do not arrive any more."""

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from syncd.db.engine import Connection, Engine
from syncd.db.queue import tracking, wake
from syncd.db.queue.wake import Hints

DEADLINE_S = 60.0


class Listener:
    """Hints that are counted."""

    def __init__(self, engine: Engine) -> None:
        self._changed = threading.Condition()
        self.hint_count = self.silence_count = 0
        self.stop = threading.Event()
        self.hints = Hints(engine, "default", self._on_hint, self._on_change)

    def _on_hint(self) -> None:
        with self._changed:
            self.hint_count += 1
            self._changed.notify_all()

    def _on_change(self) -> None:
        with self._changed:
            self.silence_count += not self.hints.arrive
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until it is true. Whether hints arrive is no event, so it is looked at now and then."""
        with self._changed:
            for _ in range(int(DEADLINE_S / 0.02)):
                if self._changed.wait_for(condition, 0.02):
                    return
        raise AssertionError("it never came true")


@pytest.fixture
def listener(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    for name in ("STOP_CHECK_S", "PROOF_S", "LISTEN_AGAIN_S"):
        monkeypatch.setattr(wake, name, 0.05)
    listener = Listener(engine)
    yield listener
    listener.stop.set()


def end_connection(engine: Engine) -> None:
    with engine.begin() as connection:
        ended = connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'syncd wake' and datname = current_database()"
        )
        assert ended.scalars().all() == [True]


def test_a_hint_of_ones_own_proves_that_hints_arrive_and_others_are_told(engine: Engine, listener: Listener) -> None:
    listener.hints.listen(listener.stop, 0.05)
    listener.wait_for(lambda: listener.hints.arrive)
    assert listener.hint_count == 1  # whatever was tracked before; the proof is no hint
    with engine.begin() as connection:
        tracking.track(connection, [uuid4()], "another")
        tracking.track(connection, [uuid4()], "default")
    listener.wait_for(lambda: listener.hint_count == 2)
    with engine.begin() as connection:
        connection.exec_driver_sql("notify syncd_wake")  # as an operator may
    listener.wait_for(lambda: listener.hint_count == 3)


def test_where_hints_do_not_arrive_it_is_known(
    engine: Engine, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_told, hint = threading.Event(), wake.hint

    def lost(connection: Connection, payload: str) -> None:
        """As behind a transaction pooler: another connection of the server gets it."""
        hint(connection, f"for somebody else, not for {payload}")
        is_told.set()

    monkeypatch.setattr(wake, "hint", lost)
    listener.hints.listen(listener.stop, 0.05)
    assert is_told.wait(DEADLINE_S)
    assert not listener.hints.arrive
    with engine.begin() as connection:
        tracking.track(connection, [uuid4()], "default")
    listener.wait_for(lambda: listener.hint_count == 2)  # what comes all the same is used
    assert not listener.hints.arrive


def test_after_a_lost_connection_it_listens_again_when_the_database_is_known_to_answer(
    engine: Engine, listener: Listener
) -> None:
    listener.hints.listen(listener.stop, again_s=10 * DEADLINE_S)
    listener.wait_for(lambda: listener.hints.arrive)
    end_connection(engine)
    listener.wait_for(lambda: listener.silence_count == 1)
    assert (listener.hint_count, listener.hints.arrive) == (1, False)
    listener.hints.listen_again()  # as a claim does that has just been answered
    listener.wait_for(lambda: listener.hints.arrive)
    assert (listener.hint_count, listener.silence_count) == (2, 1)
