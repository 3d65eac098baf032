"""When a whole exchange, a request and its answer, must be over.

httpx bounds each single read, not their sum, so a server that sends a byte now and then could hold a worker for
ever. Here every read and write ends by the deadline of the exchange it belongs to.
"""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore


@dataclass(slots=True)
class Exchange:
    """A request and its answer, on the monotonic clock."""

    until: float
    """When everything must be over."""
    send_by: float | None = None
    """What is not sent by then is not sent at all."""
    is_sent: bool = False
    """Whether the first byte has left."""


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


class TooLate(httpcore.WriteTimeout):
    """The call was not sent in the time that was paid for."""


@contextlib.contextmanager
def deadline(seconds: float, send_by: float | None = None) -> Iterator[Exchange]:
    """Everything this thread sends and receives inside the block is over after so many seconds."""
    exchange = Exchange(time.monotonic() + seconds, send_by)
    token = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(token)


def extend(seconds: float) -> None:
    """Put the deadline of the exchange off, for time that was not the server's."""
    exchange = _exchange.get()
    if exchange is not None:
        exchange.until += seconds


def begin_sending() -> None:
    """The last moment to think better of it: a call sent too late would fall into another minute than was paid."""
    exchange = _exchange.get()
    if exchange is None or exchange.is_sent:
        return
    if exchange.send_by is not None and time.monotonic() > exchange.send_by:
        raise TooLate("it is too late to send this call")
    exchange.is_sent = True


def time_left(timeout: float | None) -> float | None:
    """The given timeout, cut to what is left until the deadline of the exchange."""
    exchange = _exchange.get()
    if exchange is None:
        return timeout
    left = exchange.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took too long in all")
    return left if timeout is None else min(left, timeout)
