"""Decisions about the two files of a finished transcript: downloaded, read, loaded, or still missing.

Theory of operation. Each file has a content state of its own and ends by itself; the row leaves the queue with the
last one that ends. A file is stored before it is loaded, and once both are stored the rest costs no call. A download
that fails ends nothing at first: FilesTried lets the row wait and asks for fresh links, the wait doubling. Three
things end a file without its content: it is too large; it was tried UNPROVEN_FILE_TRIES times and the deadline is
over; or it cannot be read, and the same bytes came again (is_confirmed_unreadable), for a cut-off body or the page of
a proxy looks just like that. While most downloads fail, the circuit breaker of the file store keeps rows from trying
and from paying for fresh links; then they lose no attempt. What happens here is registered with `decide` in
decide.py.

Sources: docs/recall-api.md, Links; docs/adr/0004-exact-bytes-first.md; docs/adr/0010-unconfirmed-ends.md. The numbers
say theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd import errors
from syncd.core.polling.policy import Policy
from syncd.core.polling.poll_index import spread, until_next_try
from syncd.core.queue.decide import PAUSED_GAP_S, decide
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.queue.outcome import FileState, Outcome, RowChange, Step
from syncd.core.queue.refusal import store_trouble_of
from syncd.core.rate_limit.retry_after import wait_asked_for
from syncd.core.transcript import ContentState, FileKind, Stage

UNCONFIRMED_GAPS_S = (15.0, 45.0)
"""A file that cannot be read is believed to be so after the same bytes came once more after each of these gaps. A
judgement (docs/adr/0010-unconfirmed-ends.md): longer than a proxy answers with a page of its own while it is
deployed."""
MOST_UNCONFIRMED = 16
"""Digests that are remembered for a row: those of two files in UNPROVEN_FILE_TRIES tries."""
UNPROVEN_FILE_TRIES = 8
"""After so many tries in a row bytes are believed whose end nothing proves, and past the deadline a file is given up.
A judgement (docs/adr/0010-unconfirmed-ends.md): with the waits between them they take two minutes or more."""
PROMPT_S = 0.001
"""A fresh link in place of one that expired is asked for at once, the first time."""
DOWNLOAD_CEILING_S = 3600.0
"""The longest wait between two downloads of one file; a judgement: 168 tries in the 7 days of
DOWNLOAD_DEADLINE. Every try has a fresh link."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The exact bytes of a file arrived; they are stored with this."""

    kind: FileKind


@dataclass(frozen=True, slots=True)
class DownloadFailed:
    """A file could not be downloaded."""

    kind: FileKind
    error: errors.DownloadError
    before: Sequence[errors.DownloadError] = ()
    """Of the other file, in the same run: trouble of the store counts once for both."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file says is in the tables; they are written with this."""

    kind: FileKind
    is_empty: bool
    word_count: int | None = None
    """Of the transcript file; for the log."""
    note: str | None = None
    """What was not read of it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The exact bytes of a file are stored, and cannot be read."""

    kind: FileKind
    reason: str


@dataclass(frozen=True, slots=True)
class FilesTried:
    """Every file was tried, as far as there are links to them."""

    failures: Sequence[errors.DownloadError] = ()


@decide.register
def _(what: Downloaded, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """Once the bytes of all files are stored, the rest costs no call."""
    others = (state for kind, state in lease.known.files.items() if kind != what.kind)
    is_last = all(state not in (None, ContentState.PENDING) for state in others)
    row = RowChange(Step.ADVANCE, Stage.LOAD) if is_last else RowChange()
    return Outcome(row, {what.kind: FileState(ContentState.STORED)}, store_resumes=_is_in_doubt(lease))


@decide.register
def _(what: DownloadFailed, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """The end of one file, where the error is its end; nothing where it is worth another try."""
    state = _end_of_file(what.error, lease, now)
    outcome = Outcome() if state is None else _file_ended(what.kind, FileState(state, str(what.error)), lease)
    trouble = store_trouble_of(what.error, is_probe=lease.store is StoreHealth.PROBED)
    is_answer = trouble is None and not isinstance(what.error, errors.OriginRefused)
    is_counted = any(store_trouble_of(error, is_probe=False) is not None for error in what.before)
    counts = None if is_counted else trouble
    return replace(outcome, store_trouble=counts, store_resumes=is_answer and _is_in_doubt(lease))


@decide.register
def _(what: Loaded, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    state = FileState(ContentState.EMPTY if what.is_empty else ContentState.LOADED, what.note)
    ended = _file_ended(what.kind, state, lease)
    return replace(ended, word_count=what.word_count, store_resumes=_is_in_doubt(lease))


@decide.register
def _(what: Unreadable, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    return _file_ended(what.kind, FileState(ContentState.UNREADABLE, what.reason), lease)


@decide.register
def _(what: FilesTried, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """A link that expired is asked for again at once the first time; that is nobody's fault."""
    if not lease.known.has_open_file:
        return Outcome(RowChange(Step.LEAVE))
    unconfirmed = [failure.sha256 for failure in what.failures if isinstance(failure, errors.UnconfirmedFile)]
    is_the_stores = _is_the_stores(what.failures, lease)
    wait_s = _until_next_download(what.failures, unconfirmed, lease, jitter)
    if is_the_stores:
        wait_s = spread(PAUSED_GAP_S, jitter)
    row = RowChange(
        Step.WAIT,
        Stage.DOWNLOAD,
        max(wait_s, *(wait_asked_for(failure.retry_after_s) for failure in what.failures), 0.0),
        reason=" ".join(dict.fromkeys(map(str, what.failures))) or "A file is still missing.",
        attempts=lease.attempts + (not is_the_stores),
        unconfirmed=(*lease.unconfirmed, *unconfirmed)[-MOST_UNCONFIRMED:],
    )
    return Outcome(row)


def is_confirmed_unreadable(sha256: str, is_proven_whole: bool, lease: Lease) -> bool:
    """Whether a file that cannot be read really is so, and was not cut short or mistaken for something else.

    The same whole bytes once more after each of UNCONFIRMED_GAPS_S prove it; bytes whose end nothing proves are
    believed after many tries, and never at first sight.
    """
    if is_proven_whole and lease.unconfirmed.count(sha256) >= len(UNCONFIRMED_GAPS_S):
        return True
    return bool(lease.unconfirmed) and lease.attempts + 1 >= UNPROVEN_FILE_TRIES


def leaves_store_untried(what: object, lease: Lease, outcome: Outcome) -> bool:
    """Whether the half-open probe of the file store ends without an answer of it: another row may try at once."""
    if lease.store is not StoreHealth.PROBED or outcome.row.step not in (Step.WAIT, Step.LEAVE):
        return False
    was_tried = isinstance(what, FilesTried) and bool(what.failures)
    return not was_tried and outcome.store_trouble is None and not outcome.store_resumes


def _is_in_doubt(lease: Lease) -> bool:
    """Whether an answer of the file store matters to its circuit breaker; one that is sound is not written to."""
    return lease.stage == Stage.DOWNLOAD and lease.store in (StoreHealth.DOUBTED, StoreHealth.PROBED)


def _is_the_stores(failures: Sequence[errors.DownloadError], lease: Lease) -> bool:
    """Whether the row only waits for the store to answer: its breaker says when it tries again."""
    is_paused = lease.store in (StoreHealth.PROBED, StoreHealth.PAUSED)
    return is_paused and any(store_trouble_of(failure, is_probe=True) is not None for failure in failures)


def _end_of_file(error: errors.DownloadError, lease: Lease, now: datetime) -> ContentState | None:
    if isinstance(error, errors.FileTooLarge):
        return ContentState.TOO_LARGE
    is_tried = lease.attempts + 1 >= UNPROVEN_FILE_TRIES
    return ContentState.UNAVAILABLE if is_tried and now >= lease.pending_until else None


def _file_ended(kind: FileKind, file: FileState, lease: Lease) -> Outcome:
    """The row leaves the queue with the last file that ends."""
    after = lease.with_files({kind: file.state})
    outcome = Outcome(files={kind: file}).with_events(lease)
    return outcome if after.known.has_open_file else replace(outcome, row=RowChange(Step.LEAVE))


def _until_next_download(
    failures: Sequence[errors.DownloadError], unconfirmed: Sequence[str], lease: Lease, jitter: float
) -> float:
    if lease.attempts == 0 and any(isinstance(failure, errors.LinkExpired) for failure in failures):
        return PROMPT_S
    wait_s = until_next_try(lease.attempts + 1, jitter, DOWNLOAD_CEILING_S)
    seen = max((lease.unconfirmed.count(sha256) for sha256 in unconfirmed), default=None)
    if seen is None:
        return wait_s
    return max(wait_s, spread(UNCONFIRMED_GAPS_S[min(seen, len(UNCONFIRMED_GAPS_S) - 1)], jitter))
