"""The ends of a run: what is left to do for the row, and what becomes of it after lost workers and faults of ours."""

from collections.abc import Sequence
from dataclasses import replace

from syncd.core.queue.decide import Answer, LeasesExpired
from syncd.core.queue.files import FilesTried
from syncd.core.queue.lease import Lease
from syncd.db.engine import transact
from syncd.db.queue import leases
from syncd.errors import DownloadError, SyncdError, Unstorable
from syncd.pipeline.context import Context


def wait_after_expired_leases(context: Context, lease: Lease) -> Lease:
    """Let a row wait whose leases ran out again and again. Raises LeaseLost."""
    return context.settle(lease, LeasesExpired()) if lease.expired_lease_count else lease


def settle(context: Context, lease: Lease, failures: Sequence[DownloadError]) -> None:
    """End the lease after every file was tried. Raises LeaseLost."""
    if not lease.is_settled:
        context.settle(lease, FilesTried(failures))


def unexpected(error: Exception) -> SyncdError:
    """A fault of ours, for the row that it happened to. The log has the details."""
    return SyncdError(f"Unexpected {type(error).__name__}; the log has the details.")


def fail(context: Context, lease: Lease, error: SyncdError) -> None:
    """End the lease after a fault of ours; the row goes on at the stage it had come to. Raises LeaseLost."""
    context.settle(transact(context.engine, lambda connection: leases.current(connection, lease)), error)


def settle_listed(context: Context, lease: Lease, answer: Answer) -> Lease:
    """What the page showed, written; answers the lease after it. Raises LeaseLost."""
    try:
        return context.settle(lease, answer)
    except Unstorable as error:
        fail(context, lease, error)
        return replace(lease, is_settled=True)
