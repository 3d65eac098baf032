"""See what is left to do for a transcript, and end its lease: it is finished with, or it waits for another try."""

from collections.abc import Sequence

from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import after_expired_leases, after_fetching
from syncd.db import outcomes
from syncd.db.content import transcripts
from syncd.db.engine import Engine
from syncd.db.rate_limit import calls
from syncd.errors import DownloadError
from syncd.log import get_logger

log = get_logger(__name__)


def put_off(engine: Engine, lease: Lease, jitter: float) -> bool:
    """Let a row wait that seems to bring down whoever works on it; whether it has to. Raises LeaseLost."""
    verdict = after_expired_leases(lease, jitter)
    if verdict is None:
        return False
    with engine.begin() as connection:
        calls.refund(connection, lease.token)
        outcomes.apply(connection, lease, verdict)
    log.error("put off", transcript_id=lease.transcript_id, reason=verdict.reason, next_try_in_s=verdict.wait_s)
    return True


def finish(engine: Engine, lease: Lease, failures: Sequence[DownloadError], jitter: float) -> None:
    """Settle a row whose files were fetched and read as far as they could be. Raises LeaseLost."""
    with engine.begin() as connection:
        states = transcripts.states(connection, lease.transcript_id, is_locked=True)
        verdict = after_fetching(states.values(), failures, lease, jitter)
        outcomes.apply(connection, lease, verdict)
    if verdict.is_end:
        log.info("finished", transcript_id=lease.transcript_id, **{str(kind): s for kind, s in states.items()})
