"""Hints that something may be due, which wake processes that sleep: NOTIFY syncd_wake, with the workspace.

recall.track() gives one. Whether hints arrive is not assumed: a listener gives a hint to itself, by a connection
that other statements use, too, and waits for it. Behind a pooler nobody listens, for LISTEN would stay behind in a
session that others get.
"""

import threading
import time
import uuid
from collections.abc import Callable

import psycopg
from sqlalchemy import Connection, func, select

from syncd.db import libpq
from syncd.db.engine import Engine, conninfo
from syncd.log import get_logger

CHANNEL = "syncd_wake"
STOP_CHECK_S = 0.5
"""How long it waits for a hint before it looks whether to stop. A judgement: no stop waits long for it."""
PROOF_S = 10.0
"""How long its own hint may take. A judgement: hints take milliseconds, and this delays only the first long sleep."""
LISTEN_AGAIN_S = 5.0
"""The least time between two attempts to listen. A judgement: what is missed meanwhile is found by a claim."""
POOLED_S = 600.0
"""How long it takes a pooler to be there still. A judgement: nobody changes that often."""
_CONNECTION = {
    "fallback_application_name": "syncd wake",
    "keepalives_idle": "60",  # networks forget connections that are silent, often after 350 s
    "keepalives_interval": "10",
}

log = get_logger(__name__)


def hint(connection: Connection, payload: str) -> None:
    """Wake the processes of a workspace when the transaction commits."""
    connection.execute(select(func.pg_notify(CHANNEL, payload)))


class Hints:
    """Listens for the hints of one workspace. Safe for threads.

    `on_hint` is called for each, and when listening has begun; `on_change` when it has turned out that they arrive,
    and when they no longer do.
    """

    def __init__(
        self,
        engine: Engine,
        workspace: str,
        on_hint: Callable[[], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._workspace = workspace
        self._on_hint = on_hint
        self._on_change = on_change
        self._proof = f"proof {uuid.uuid4()}"
        self._is_missed = threading.Event()
        self.arrive = False
        """Whether a hint has arrived on the connection that listens now."""
        self._backend_pid = 0

    @property
    def listener_pid(self) -> int | None:
        """The server process of the connection on which hints arrive; None: they do not."""
        return self._backend_pid if self.arrive else None

    def listen(self, stop: threading.Event, again_s: float) -> None:
        """Listen, in a thread of its own, until `stop` is set. A lost connection is made anew after `again_s`."""
        threading.Thread(target=self._listen_until, args=(stop, again_s), name="wake", daemon=True).start()

    def listen_again(self) -> None:
        """The database is awake and answers: if no connection listens, make one now."""
        if not self.arrive:
            self._is_missed.set()

    def _listen_until(self, stop: threading.Event, again_s: float) -> None:
        while not stop.is_set():
            try:
                self._listen_once(stop)
            except Exception as error:  # whatever it is, sleeps are short until hints arrive again
                log.debug("not listening for hints just now", error=type(error).__name__)
            was_arriving, self.arrive = self.arrive, False
            self._is_missed.clear()
            if was_arriving:
                self._on_change()
            if not stop.wait(LISTEN_AGAIN_S):
                self._is_missed.wait(max(0.0, again_s - LISTEN_AGAIN_S))

    def _listen_once(self, stop: threading.Event) -> None:
        with libpq.connect(conninfo(self._engine), **_CONNECTION) as connection:
            if not _is_pooled(connection):
                self._listen_on(connection, stop)
                return
        log.info("no hints behind a pooler: sleeps are short")
        stop.wait(POOLED_S)

    def _listen_on(self, connection: psycopg.Connection, stop: threading.Event) -> None:
        self._backend_pid = connection.info.backend_pid
        connection.execute("set idle_session_timeout = 0")
        connection.execute("listen syncd_wake")
        self._on_hint()  # whatever was tracked while nobody listened
        with self._engine.begin() as pooled:
            hint(pooled, self._proof)
        until = time.monotonic() + PROOF_S
        while not self.arrive and (left_s := until - time.monotonic()) > 0:
            self._receive(connection, left_s)
        if not self.arrive:
            log.info("no hints arrive: sleeps are short")
        while not stop.is_set():
            self._receive(connection, STOP_CHECK_S)

    def _receive(self, connection: psycopg.Connection, seconds: float) -> None:
        """Wait for one hint, or so many seconds."""
        for told in connection.notifies(timeout=seconds, stop_after=1):
            if told.payload == self._proof:
                self.arrive = True
                self._on_change()
            elif told.payload in ("", self._workspace):
                self._on_hint()


def _is_pooled(connection: psycopg.Connection) -> bool:
    """Whether the session is not the server's own: a pooler tells a process id of its own making."""
    answer = connection.execute("select pg_backend_pid()").fetchone()
    return answer != (connection.info.backend_pid,)
