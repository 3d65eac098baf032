"""Ask Recall about one transcript and settle its answer."""

from syncd.core.queue.decide import Answer
from syncd.core.queue.lease import Lease
from syncd.core.reading.artifact import Links
from syncd.core.transcript import PAID_STAGES
from syncd.errors import RecallError, Unstorable
from syncd.pipeline.context import Context


def retrieve(context: Context, lease: Lease, send_by: float) -> tuple[Lease, Links]:
    """One retrieve, paid for by whoever claimed the lease, and sent by `send_by` (monotonic seconds) or not at all.

    Answers the lease after it, and fresh links where the transcript is finished. Raises LeaseLost.
    """
    if lease.is_settled or lease.stage not in PAID_STAGES:
        return lease, Links()
    try:
        artifact, links = context.api.retrieve(lease.transcript_id, send_by)
        return context.settle(lease, Answer(artifact, links)), links
    except (RecallError, Unstorable) as error:
        return context.settle(lease, error), Links()
