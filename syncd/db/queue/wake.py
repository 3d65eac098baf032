"""Listen for the hint that recall.track gives. Only a hint: due rows are claimed regularly without it."""

import threading
from collections.abc import Callable

import psycopg

from syncd.db.engine import Engine, conninfo
from syncd.log import get_logger

STOP_CHECK_S = 0.5
"""How long it waits for a hint before it looks whether to stop. A judgement: no stop waits long for it."""
LISTEN_AGAIN_S = 5.0
"""Between two attempts to listen. A judgement: what is missed meanwhile is claimed all the same, after
SYNCD_TICK_SECONDS."""
LISTEN_CONNECT_S = 5
"""How long an attempt may take to connect. A judgement, for the same reason."""

log = get_logger(__name__)


def listen(engine: Engine, on_wake: Callable[[], None], stop: threading.Event) -> threading.Thread:
    """Call `on_wake` for every hint, from a thread of its own, until `stop` is set."""
    thread = threading.Thread(target=_listen_until, args=(engine, on_wake, stop), name="wake", daemon=True)
    thread.start()
    return thread


def _listen_until(engine: Engine, on_wake: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            _listen_once(engine, on_wake, stop)
        except psycopg.Error as error:
            log.debug("not listening for hints just now", error=type(error).__name__)
            stop.wait(LISTEN_AGAIN_S)


def _listen_once(engine: Engine, on_wake: Callable[[], None], stop: threading.Event) -> None:
    with psycopg.connect(
        conninfo(engine), autocommit=True, connect_timeout=LISTEN_CONNECT_S, application_name="syncd wake"
    ) as connection:
        connection.execute("listen syncd_wake")
        on_wake()  # whatever was tracked while nobody listened
        while not stop.is_set():
            for _ in connection.notifies(timeout=STOP_CHECK_S, stop_after=1):
                on_wake()
