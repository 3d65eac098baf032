"""The path of one transcript: claim -> retrieve -> download -> load -> settle. This page shows all of it.

A worker claims due rows and pays for their calls (claim.py), then runs this for each, in a thread of its own; files
are fetched in other threads than calls are made in, so that no paid call waits for a file. Every step decides what
happened (core/queue/decide.py) and writes the outcome in one transaction, fenced by the lease; a settled lease makes
the steps after it do nothing. A crash between any two statements leaves a row that another process claims when the
lease runs out, and that goes on at its stage.
"""

from collections.abc import Callable

from syncd.core.queue.decide import Answer
from syncd.core.queue.lease import Lease
from syncd.core.reading.artifact import Links
from syncd.db.engine import transact
from syncd.db.queue import leases
from syncd.pipeline.context import Context, MemoryTaken, Postponed
from syncd.pipeline.download import download_and_load
from syncd.pipeline.load import load_stored
from syncd.pipeline.retrieve import retrieve
from syncd.pipeline.settle import settle, settle_listed, wait_after_expired_leases


def run_path(context: Context, lease: Lease, send_by: float, fetch: Callable[[Lease, Links], None]) -> bool:
    """Take a claimed transcript as far as it goes; its call is sent by `send_by` (monotonic seconds) or not at all.

    `fetch` runs the rest of the path, `run_from_links`, now or later; answers whether it was left that. Raises
    LeaseLost, and Postponed.
    """
    lease = wait_after_expired_leases(context, lease)
    lease = load_stored(context, lease)
    lease, links = retrieve(context, lease, send_by)
    if not lease.is_settled:
        fetch(lease, links)
    return not lease.is_settled


def run_listed(context: Context, lease: Lease, answer: Answer) -> None:
    """The path of a transcript that a page of the list showed at its end. Raises LeaseLost, and Postponed."""
    run_from_links(context, settle_listed(context, lease, answer), answer.links)


def run_from_links(context: Context, lease: Lease, links: Links) -> None:
    """The rest of the path, from fresh links on: those of a retrieve, or of a page of the list.

    Raises LeaseLost, and Postponed.
    """
    try:
        lease, failures = download_and_load(context, lease, links)
    except MemoryTaken:
        raise Postponed(links) from None
    settle(context, lease, failures)


def resume(context: Context, lease: Lease, links: Links) -> None:
    """Go on with a run that was postponed, wherever it had come to. Raises LeaseLost."""
    run_from_links(context, transact(context.engine, lambda connection: leases.current(connection, lease)), links)
