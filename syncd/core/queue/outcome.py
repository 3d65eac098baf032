"""The one place where a status or an error becomes what happens next.

Everything here is a table of rules over values: what was seen or what went wrong, the lease, and a jitter in 0..1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import singledispatch

from syncd import errors
from syncd.core import transcript
from syncd.core.polling import poll_index
from syncd.core.polling.observation import stratum_of
from syncd.core.polling.policy import Policy
from syncd.core.polling.provider import give_up_after
from syncd.core.queue.lease import Lease
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, Stage

NOT_FOUND_GAPS_S = (15.0, 45.0)
"""A 404 is believed after it has been seen once more after each of these gaps."""
UNKNOWN_STATUS_FLOOR_S = 60.0
UNCONFIRMED_GAPS_S = (15.0, 45.0)
"""A file that cannot be read is believed to be so after the same bytes came once more after each of these gaps."""
MOST_UNCONFIRMED = 16
UNPROVEN_FILE_TRIES = 8
PROMPT_S = 0.001
DOWNLOAD_CEILING_S = 3600.0
DOWNLOAD_DEADLINE = timedelta(days=7)
"""Recall keeps recordings for 7 days where the account says nothing else."""
LINK_DEADLINE = timedelta(hours=24)
"""How long a finished transcript may go without any link before it is called unavailable."""
MINIMUM_WATCH = timedelta(hours=1)
"""However old a transcript is when it is tracked, it is watched for this long at least."""

OUTAGE_GRACE = timedelta(days=30)
"""How long after its deadline a row is kept when Recall could not be asked; an outage is no answer."""
EXPIRED_LEASES_AT_ONCE = 3
EXPIRED_LEASE_WAIT_S = 60.0
EXPIRED_LEASE_CEILING_S = 3600.0
FORBIDDEN_GAPS_S = (60.0, 600.0, 3600.0)
"""A 403 that comes again for the same row is about that row, which must not stop all the others every minute."""

PAUSES_S: dict[type[errors.WorkspaceFault], float] = {
    errors.KeyRefused: 60.0,
    errors.CreditExhausted: 300.0,
    errors.Forbidden: 60.0,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to a row next: another stage after a wait, or its end."""

    stage: Stage | None
    """None is the end: the row leaves the queue and `payload_state` names how."""
    wait_s: float = 0.0
    payload_state: ContentState | None = None
    """Written to recall.transcripts; None leaves it as it is."""
    reason: str | None = None
    """In words for the operator and the analyst. Holds no secret."""
    attempts: int = 0
    not_found_count: int = 0
    pending_until: datetime | None = None
    """The new deadline; None leaves it as it is."""
    unconfirmed: tuple[str, ...] = ()
    expired_lease_count: int = 0
    forbidden_count: int = 0

    @property
    def is_end(self) -> bool:
        """Whether the row is finished with."""
        return self.stage is None

    @property
    def goes_on(self) -> bool:
        """Whether the worker that holds the row goes on with it at once."""
        return self.stage is not None and self.wait_s == 0.0


def after_expired_leases(lease: Lease, jitter: float) -> Verdict | None:
    """What to do with a row whose workers keep getting lost: let it wait, longer each time; None: go on with it.

    It may be the transcript that brings them down. It is never given up for that, but it must not bring down every
    process in turn either.
    """
    if lease.expired_lease_count < EXPIRED_LEASES_AT_ONCE:
        return None
    extra = lease.expired_lease_count - EXPIRED_LEASES_AT_ONCE
    wait_s = poll_index.spread(min(EXPIRED_LEASE_WAIT_S * 2.0 ** min(extra, 10), EXPIRED_LEASE_CEILING_S), jitter)
    reason = f"{lease.expired_lease_count} leases in a row ran out while it was worked on."
    return replace(
        _again(lease, wait_s, reason, attempts=lease.attempts), expired_lease_count=lease.expired_lease_count
    )


def after_observing(artifact: Artifact, links: Links, lease: Lease, policy: Policy, jitter: float) -> Verdict:
    """What an observed artifact means. A finished transcript with a link goes on to its download at once."""
    if artifact.status == transcript.FAILED:
        why = f": {artifact.sub_code}" if artifact.sub_code else ", and gives no sub code"
        return _end(ContentState.FAILED, f"Recall reports that the transcription failed{why}")
    if artifact.status == transcript.DELETED:
        return _end(ContentState.DELETED, artifact.sub_code)
    if artifact.status == transcript.DONE:
        return _after_done(links, lease, jitter)
    return _after_unfinished(artifact, lease, policy, jitter)


def _after_done(links: Links, lease: Lease, jitter: float) -> Verdict:
    is_first = lease.stage == Stage.POLL
    failed = 0 if is_first else lease.attempts  # looks that failed say nothing about the files
    if links.transcript is not None:
        until = lease.taken_at + DOWNLOAD_DEADLINE if is_first else None
        return Verdict(Stage.DOWNLOAD, attempts=failed, pending_until=until, unconfirmed=lease.unconfirmed)
    reason = "finished, but Recall gives no link to the file yet"
    until = lease.taken_at + LINK_DEADLINE if is_first else lease.pending_until
    if lease.taken_at >= until:
        return _end(ContentState.UNAVAILABLE, "finished, but Recall never gave a link to the file")
    wait_s = poll_index.until_next_try(failed + 1, jitter)
    return Verdict(
        Stage.DOWNLOAD, wait_s, reason=reason, attempts=failed + 1, pending_until=until, unconfirmed=lease.unconfirmed
    )


def _after_unfinished(artifact: Artifact, lease: Lease, policy: Policy, jitter: float) -> Verdict:
    created_at = min(artifact.created_at or lease.tracked_at, lease.taken_at)  # whatever clock Recall has
    give_up = give_up_after(artifact.provider)
    until = max(created_at + give_up, lease.tracked_at + MINIMUM_WATCH)
    until = min(until, lease.tracked_at + give_up)  # a creation time in the future must not keep a row for ever
    if lease.taken_at >= until:
        hours = give_up.total_seconds() / 3600
        return _end(
            ContentState.ABANDONED, f"still {artifact.status!r} after the {hours:.0f} h its provider is given"
        )
    age_s = max(0.0, (lease.taken_at - created_at).total_seconds())
    left_s = until_deleted(artifact.expires_at, created_at, lease.taken_at)
    wait_s = policy.next_poll(stratum_of(artifact), age_s, left_s, jitter)
    if artifact.status != transcript.PROCESSING:
        wait_s = max(wait_s, poll_index.spread(UNKNOWN_STATUS_FLOOR_S, jitter))
    return Verdict(Stage.POLL, wait_s, pending_until=until)


def until_deleted(expires_at: datetime | None, created_at: datetime, now: datetime) -> float:
    """Seconds until Recall deletes a transcript: as it says, or else as accounts have it by default."""
    return ((expires_at or created_at + DOWNLOAD_DEADLINE) - now).total_seconds()


@singledispatch
def after_failing(error: errors.SyncdError, lease: Lease, jitter: float) -> Verdict:
    """What an error means for the row it happened to. Whose fault it is decides whether it costs an attempt.

    By default it is the moment's: try later, until long after the deadline, or until it if Recall did answer.
    """
    grace = timedelta(0) if isinstance(error, errors.BadAnswer | errors.Unstorable) else OUTAGE_GRACE
    if lease.taken_at >= lease.pending_until + grace:
        return _given_up(error, lease)
    attempts = lease.attempts + 1
    return _again(lease, poll_index.until_next_try(attempts, jitter), str(error), attempts=attempts)


@after_failing.register
def _(error: errors.WorkspaceFault, lease: Lease, jitter: float) -> Verdict:
    return _again(lease, poll_index.spread(pause_of(error), jitter), str(error), attempts=lease.attempts)


@after_failing.register
def _(error: errors.Forbidden, lease: Lease, jitter: float) -> Verdict:
    if lease.forbidden_count >= len(FORBIDDEN_GAPS_S) and lease.taken_at >= lease.pending_until:
        return _given_up(error, lease)
    wait_s = FORBIDDEN_GAPS_S[min(lease.forbidden_count, len(FORBIDDEN_GAPS_S) - 1)]
    again = _again(lease, poll_index.spread(wait_s, jitter), str(error), attempts=lease.attempts)
    return replace(again, forbidden_count=lease.forbidden_count + 1)


@after_failing.register
def _(error: errors.Throttled, lease: Lease, jitter: float) -> Verdict:
    return _again(lease, poll_index.spread(1.0, jitter), str(error), attempts=lease.attempts)


@after_failing.register
def _(error: errors.NotFound, lease: Lease, jitter: float) -> Verdict:
    seen = lease.not_found_count + 1
    if seen > len(NOT_FOUND_GAPS_S):
        state = ContentState.DELETED if lease.is_observed else ContentState.MISSING
        return _end(state, f"{error} Asked {seen} times.")
    wait_s = poll_index.spread(NOT_FOUND_GAPS_S[seen - 1], jitter)
    return _again(lease, wait_s, str(error), attempts=lease.attempts, not_found_count=seen)


def after_downloading_failed(error: errors.DownloadError, lease: Lease) -> ContentState | None:
    """The end of one file, where the error is its end; None where it is worth another try."""
    if isinstance(error, errors.FileTooLarge):
        return ContentState.TOO_LARGE
    is_tried = lease.attempts + 1 >= UNPROVEN_FILE_TRIES
    return ContentState.UNAVAILABLE if is_tried and lease.taken_at >= lease.pending_until else None


def believes_unreadable(sha256: str, is_proven_whole: bool, lease: Lease) -> bool:
    """Whether a file that cannot be read really is so, and was not cut short or mistaken for something else.

    The same whole bytes once more after each of UNCONFIRMED_GAPS_S prove it; bytes whose end nothing proves are
    believed after many tries, and never at first sight.
    """
    if is_proven_whole and lease.unconfirmed.count(sha256) >= len(UNCONFIRMED_GAPS_S):
        return True
    return bool(lease.unconfirmed) and lease.attempts + 1 >= UNPROVEN_FILE_TRIES


def after_fetching(
    states: Iterable[ContentState | None],
    failures: Sequence[errors.DownloadError],
    lease: Lease,
    jitter: float,
) -> Verdict:
    """What happens to a row whose files were fetched and read as far as they could be.

    `states` are those of its files, None for one that is not decided yet. A link that died is asked for again at
    once the first time; it is nobody's fault.
    """
    if all(state is not None and state.is_end for state in states):
        return Verdict(None)
    attempts = lease.attempts + 1
    unconfirmed = [failure.sha256 for failure in failures if isinstance(failure, errors.UnconfirmedFile)]
    reason = " ".join(dict.fromkeys(map(str, failures))) or "A file is still missing."
    return Verdict(
        Stage.DOWNLOAD,
        _until_next_download(failures, unconfirmed, lease, jitter),
        reason=reason,
        attempts=attempts,
        unconfirmed=(*lease.unconfirmed, *unconfirmed)[-MOST_UNCONFIRMED:],
    )


def _until_next_download(
    failures: Sequence[errors.DownloadError], unconfirmed: Sequence[str], lease: Lease, jitter: float
) -> float:
    if lease.attempts == 0 and any(isinstance(failure, errors.LinkDead) for failure in failures):
        return PROMPT_S
    wait_s = poll_index.until_next_try(lease.attempts + 1, jitter, DOWNLOAD_CEILING_S)
    seen = max((lease.unconfirmed.count(sha256) for sha256 in unconfirmed), default=None)
    if seen is None:
        return wait_s
    return max(wait_s, poll_index.spread(UNCONFIRMED_GAPS_S[min(seen, len(UNCONFIRMED_GAPS_S) - 1)], jitter))


def pause_of(error: errors.WorkspaceFault) -> float:
    """Seconds the workspace pauses before one call may try again."""
    return PAUSES_S.get(type(error), 60.0)


def _again(lease: Lease, wait_s: float, reason: str, *, attempts: int, not_found_count: int | None = None) -> Verdict:
    """The same stage again. An error that says nothing about the id leaves the suspicion of a 404 as it was."""
    return Verdict(
        lease.stage,
        wait_s,
        reason=reason,
        attempts=attempts,
        not_found_count=lease.not_found_count if not_found_count is None else not_found_count,
        unconfirmed=lease.unconfirmed,
    )


def _given_up(error: errors.SyncdError, lease: Lease) -> Verdict:
    return _end(ContentState.ABANDONED if lease.stage == Stage.POLL else ContentState.UNAVAILABLE, str(error))


def _end(state: ContentState, reason: str | None) -> Verdict:
    return Verdict(None, payload_state=state, reason=reason)
