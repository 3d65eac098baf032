"""Reading stored files again: which ones, whether it may be done now, and the result for each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from syncd.core.transcript import READ_STATES, ContentState, FileKind
from syncd.errors import BadInput

EVERYTHING = "everything"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Selection:
    """Which stored files to read again; None does not restrict it."""

    since: datetime | None = None
    """Only files downloaded at this time or later; aware."""
    provider: str | None = None
    older_than: int | None = None
    """Only files last read by a parser below this version, or by none."""

    def __str__(self) -> str:
        """The options of `syncd reparse` that make it; equal selections give equal text."""
        options = {
            "--since": self.since and self.since.isoformat(),
            "--provider": self.provider,
            "--older-than-parser": self.older_than,
        }
        return " ".join(f"{name} {value}" for name, value in options.items() if value is not None) or EVERYTHING


def select(since: str | None, provider: str | None, older_than: int | None) -> Selection:
    """The selection of these options. Raises BadInput for a date or provider that cannot be one."""
    if provider is not None and (not provider.strip() or not provider.isprintable()):
        raise BadInput(f"{provider[:_SHOWN]!r} is no provider; one looks like deepgram_async.")
    return Selection(None if since is None else read_moment(since), provider, older_than)


def read_moment(text: str) -> datetime:
    """A date or a time in ISO 8601, in UTC; one without an offset is UTC already. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(
            f"{text[:_SHOWN]!r} is no date; one looks like 2026-01-31 or 2026-01-31T09:30:00+00:00."
        ) from None


def may_be_read(state: ContentState, is_waiting: bool) -> bool:
    """Whether a file in this state may be read again; `is_waiting`: its transcript is still in the queue.

    What a daemon is about to load is left to it, and an end such as `deleted` stays an end.
    """
    if not state.is_end:
        return not is_waiting
    return state in READ_STATES or state == ContentState.UNREADABLE


class RereadResult(StrEnum):
    """What became of one file."""

    READ = "read again"
    RECOVERED = "unreadable before and loaded now"
    UNREADABLE = "still unreadable"
    LOST = "loaded before and not readable any more"
    SKIPPED = "skipped"


def result_of(state: ContentState, is_read: bool) -> RereadResult:
    """What reading a file again came to, by the state it was in."""
    if is_read:
        return RereadResult.RECOVERED if state == ContentState.UNREADABLE else RereadResult.READ
    return RereadResult.LOST if state in READ_STATES else RereadResult.UNREADABLE


@dataclass(frozen=True, slots=True)
class Reread:
    """One file that was read again, or skipped."""

    transcript_id: UUID
    kind: FileKind
    result: RereadResult
    byte_count: int = 0
    reason: str | None = None


@dataclass(slots=True)
class RereadTotals:
    """What one run came to."""

    results: Counter[RereadResult] = field(default_factory=Counter)
    transcript_count: int = 0
    byte_count: int = 0

    def add(self, rereads: Iterable[Reread]) -> None:
        """Count one transcript and its files."""
        self.transcript_count += 1
        for reread in rereads:
            self.results[reread.result] += 1
            self.byte_count += reread.byte_count

    def __str__(self) -> str:
        """How many files came to what, those results only that there were."""
        return ", ".join(f"{count} {result}" for result in RereadResult if (count := self.results[result]))
