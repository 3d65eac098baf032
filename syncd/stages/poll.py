"""Ask Recall about one transcript and write down the answer."""

from syncd.core import transcript
from syncd.core.artifact import Artifact, Links
from syncd.core.lease import Lease
from syncd.core.verdict import Verdict, after_failing, after_observing
from syncd.db import queue, transcripts, verdicts, workspaces
from syncd.db.engine import Engine, database_now
from syncd.errors import NotFound, RecallError, SyncdError, Unstorable
from syncd.log import get_logger
from syncd.recall.api import RecallApi

log = get_logger(__name__)


def poll(
    engine: Engine, api: RecallApi, lease: Lease, send_by: float, limit: int, jitter: float
) -> tuple[Lease, Links] | None:
    """One retrieve, paid for by whoever took the lease, and sent by `send_by` (monotonic seconds) or not at all.

    Answers the lease, one stage further on, and fresh links where the transcript is finished; None where the row
    has been settled. Raises LeaseLost. `limit` is the retrieve limit, calls a minute.
    """
    try:
        artifact, links = api.retrieve(lease.transcript_id, send_by)
        verdict = after_observing(artifact, links, lease, jitter)
        lease = _write(engine, lease, artifact, links, verdict)
    except (RecallError, Unstorable) as error:
        refuse(engine, lease, error, limit, jitter)
        return None
    return (lease, links) if verdict.goes_on else None


def _write(engine: Engine, lease: Lease, artifact: Artifact, links: Links, verdict: Verdict) -> Lease:
    with engine.begin() as connection:
        verdicts.close_call(connection, lease)
        is_new = transcripts.observe(connection, lease.workspace, artifact, lease.taken_at)
        queue.saw(connection, lease.transcript_id)
        if artifact.status == transcript.DONE and links.transcript and not links.provider_data:
            transcripts.mark_no_provider_data(connection, lease.transcript_id)
        if workspaces.resume(connection, lease.workspace):
            log.info("the workspace is no longer paused", workspace=lease.workspace)
        if verdict.goes_on:
            lease = queue.advance(connection, lease, verdict)
        else:
            verdicts.apply(connection, lease, verdict)
    if is_new:
        log.info("observed", transcript_id=lease.transcript_id, status=artifact.status, provider=artifact.provider)
    return lease


def refuse(engine: Engine, lease: Lease, error: SyncdError, limit: int, jitter: float) -> None:
    """Settle a row whose turn failed, and pause whom the refusal concerns. Raises LeaseLost."""
    verdict = after_failing(error, lease, jitter)
    with engine.begin() as connection:  # of its own: what the call cost and said holds even where the lease is lost
        verdicts.close_call(connection, lease, error)
        verdicts.pause(connection, lease, error, limit, database_now(connection))
        if isinstance(error, NotFound):  # an answer, so the key works
            workspaces.resume(connection, lease.workspace)
    with engine.begin() as connection:
        verdicts.apply(connection, lease, verdict)
    log.warning(
        "the look failed",
        transcript_id=lease.transcript_id,
        reason=str(error),
        end=verdict.payload_state,
        next_try_in_s=None if verdict.is_end else round(verdict.wait_s, 1),
    )
