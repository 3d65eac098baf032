"""Logging: one line for each event, without secrets.

On a terminal it is text, in systemd's journal an entry with fields, and elsewhere JSON.
"""

import logging
import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import unquote

_HIDES_RICH = "rich" not in sys.modules
if _HIDES_RICH:  # structlog imports it where it can, for tracebacks that are not used: 5 MB in every daemon
    sys.modules["rich"] = None  # type: ignore[assignment]  # None is how Python marks what is not there
import structlog  # noqa: E402  after what it must not find
from structlog.types import EventDict, WrappedLogger  # noqa: E402  as above

if _HIDES_RICH:
    del sys.modules["rich"]

from syncd import systemd  # noqa: E402  as above

REMOVED = "[removed]"
SHORTEST_SECRET = 4
"""Characters. A shorter secret is not searched for, as it would match parts of words."""
SHORTEST_PASSWORD = 8
"""Characters. A shorter password may be a common word, so it is removed inside its DSN only."""
# Patterns of secrets: (what is kept before it)(the secret). Bounded repeats keep the time linear in the text.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # a presigned link opens a file by itself, and so does a DSN with a password, whatever stands in it unescaped
        r"(\w{1,20}://[^\s?\"'<>]{1,2048}\?)[^\s\"'<>]+",
        r"(\w{1,20}://[^\s:/@\"']{0,256}:)(?:[^\s\"'/]{0,1024}|[^\s@\"']{0,1024}|[^@/\"'\n]{0,1024})(?=@)",
        r"\b((?:x-(?:amz|goog)-[a-z-]{1,40}|signature|awsaccesskeyid)=)[^\s&\"'<>]+",
        # name=value, "name": "value", and the header itself
        r"((?:password|token|secret|api[_-]?key)[\"']?\s{0,8}=\s{0,8}[\"']?)[^\s,;&\"']+",
        r"((?:password|token|secret|api[_-]?key|authorization)[\"']\s{0,8}:\s{0,8}[\"'])[^\"']+",
        r"(authorization\s{0,8}[:=]\s{0,8}(?:token |bearer |basic )?)[^\s,;\"']+",
        r"\b((?:token|bearer|basic|password|secret)(?:\s{0,8}:)?\s{1,8})(?=[^\s,;\"']{0,256}\d)[^\s,;\"']{6,}",
    )
)
_CODE = re.compile(r"\[(SYNCD-[A-Z0-9-]{1,40})\]")
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""Those of syslog(3), which `journalctl -p` filters by."""
_known_secrets: set[str] = set()
"""Those of former settings too: whoever still works with them may quote them."""
_QUIET_LOGGERS = ("httpx", "httpcore", "apscheduler", "sqlalchemy", "syncd.db.pool", "alembic")
"""Of libraries; a pool of ours logs as one of SQLAlchemy's, under its own name."""


class Scrubber:
    """Removes known secrets from texts, and every URL, DSN or header value that matches a pattern of secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        whole = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        known = {*whole, *(password for secret in whole for password in _passwords(secret))}
        self._secrets = sorted(known, key=len, reverse=True)

    def scrub(self, text: str) -> str:
        """The text with REMOVED in place of secrets. Control characters stay; see visible()."""
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{REMOVED}", text)
        return text

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """As a structlog processor: scrubs every name and value of the event, at any depth."""
        return {self.scrub(str(name)): self._clean(value) for name, value in event.items()}

    def _clean(self, value: object) -> object:
        if isinstance(value, dict):
            return {self.scrub(str(name)): self._clean(element) for name, element in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(element) for element in value]
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        return self.scrub(str(value))  # NaN and infinities too: JSON has none


def _passwords(secret: str) -> list[str]:
    """The password inside a DSN, as written and decoded; errors may quote it without the DSN."""
    user, _, password = secret.partition("://")[2].rpartition("@")[0].partition(":")
    named = re.findall(r"password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&]+))", secret)  # as keyword or parameter
    found = [password, *("".join(each) for each in named)]
    found += [*map(unquote, found), *(re.sub(r"\\(.)", r"\1", each) for each in found)]
    return [each for each in found if len(each) >= SHORTEST_PASSWORD and each != user]


def configure(level: str, style: Literal["auto", "console", "json"], secrets: Iterable[str], **always: str) -> None:
    """Send all log lines, our own and those of libraries, through one scrubber to standard error, or to the journal.

    `level` is a name of the logging module; `style` "auto" means text on a terminal, fields in the journal, and JSON
    elsewhere. `always` goes into each line that is not text.
    """
    is_console = style == "console" or (style == "auto" and sys.stderr.isatty())
    is_journal = style == "auto" and not is_console and systemd.is_journal(sys.stderr)
    _known_secrets.update(secrets)
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # format_exc_info writes no local variables, on purpose: they hold keys
    final: list[structlog.types.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        Scrubber(_known_secrets),
        *([] if is_console else [_Always(always)]),
        _renderer(is_console=is_console, is_journal=is_journal),
    ]
    handler = _JournalHandler() if is_journal else logging.StreamHandler(sys.stderr)
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


def _renderer(*, is_console: bool, is_journal: bool) -> structlog.types.Processor:
    if is_journal:
        return _journal_entry
    return _one_line if is_console else structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module; `log.info("downloaded", transcript_id=...)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class _Always:
    """Adds what is true of every line, and the code of the error that the line tells of (docs/failures.md)."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        codes = [found[1] for value in event.values() if isinstance(value, str) and (found := _CODE.search(value))]
        return {**self._values, **({"code": codes[0]} if codes else {}), **event}


class _JournalHandler(logging.Handler):
    """Sends what _journal_entry made."""

    def emit(self, record: logging.LogRecord) -> None:
        systemd.send_to_journal(self.format(record).encode("latin-1"))


def _journal_entry(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """An entry of the journal, its bytes as characters: a formatter answers text.

    Every name and value of the event is a field, so that `journalctl TRANSCRIPT_ID=...` finds it.
    """
    level, exception = str(event.pop("level", "info")), event.pop("exception", None)
    told = {name: value for name, value in event.items() if name not in ("timestamp", "workspace", "code")}
    entry = {
        "MESSAGE": _text(told, exception),
        "PRIORITY": str(_PRIORITIES.get(level, _PRIORITIES["info"])),
        "SYSLOG_IDENTIFIER": "syncd",
        **{name: str(value) for name, value in event.items() if name != "timestamp"},
    }
    return systemd.entry(entry).decode("latin-1")


def _one_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """A line of text: time, level, event, and the rest as name=value."""
    moment, level = event.pop("timestamp", ""), event.pop("level", "")
    return f"{str(moment)[11:19]} {level!s:<7} {_text(event, event.pop('exception', None))}"


def _text(event: Mapping[str, object], exception: object) -> str:
    """The event, and the rest as name=value."""
    rest = " ".join(f"{visible(name)}={visible(str(value))}" for name, value in event.items() if name != "event")
    line = visible(str(event.get("event", ""))) + (f"  {rest}" if rest else "")
    # indented, so that the text of an exception cannot forge a line
    return "\n    ".join([line, *map(visible, str(exception).split("\n"))]) if exception else line


def visible(text: str) -> str:
    """The text with control characters escaped, so that a name with a newline cannot forge a line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
