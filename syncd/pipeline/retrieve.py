"""Ask Recall about one transcript and write down the answer."""

from syncd.core.polling.observation import observation_of
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Verdict, after_failing, after_observing
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import Stage
from syncd.db import outcomes
from syncd.db.engine import Engine, database_now
from syncd.db.rate_limit import budgets, workspaces
from syncd.errors import NotFound, RecallError, SyncdError, Unstorable
from syncd.log import get_logger
from syncd.pipeline.observations import Observations
from syncd.recall.api import RecallApi

log = get_logger(__name__)


def poll(
    engine: Engine,
    api: RecallApi,
    observations: Observations,
    lease: Lease,
    send_by: float,
    limit: int,
    jitter: float,
) -> tuple[Lease, Links] | None:
    """One retrieve, paid for by whoever took the lease, and sent by `send_by` (monotonic seconds) or not at all.

    Answers the lease, one stage further on, and fresh links where the transcript is finished; None where the row
    has been settled. Raises LeaseLost. `limit` is the retrieve limit, calls a minute.
    """
    try:
        artifact, links = api.retrieve(lease.transcript_id, send_by)
        policy = observations.policy
        verdict = after_observing(artifact, links, lease, policy, jitter)
        advanced = _write(engine, lease, artifact, links, verdict, policy.threshold_s)
        if lease.stage == Stage.POLL:
            observations.record(
                [observation_of(artifact, lease.since, lease.taken_at, was_seen=lease.last_seen_at is not None)]
            )
    except (RecallError, Unstorable) as error:
        refuse(engine, lease, error, limit, jitter)
        return None
    return (advanced, links) if verdict.goes_on else None


def _write(
    engine: Engine, lease: Lease, artifact: Artifact, links: Links, verdict: Verdict, threshold_s: float
) -> Lease:
    with engine.begin() as connection:
        outcomes.close_call(connection, lease.token)
        lease = outcomes.observe(connection, lease, artifact, links, verdict, threshold_s)
        if workspaces.resume(connection, lease.workspace):
            log.info("the workspace is no longer paused", workspace=lease.workspace)
    return lease


def refuse(engine: Engine, lease: Lease, error: SyncdError, limit: int, jitter: float) -> None:
    """Settle a row whose turn failed, and pause whom the refusal concerns. Raises LeaseLost."""
    verdict = after_failing(error, lease, jitter)
    with engine.begin() as connection:  # of its own: what the call cost and said holds even where the lease is lost
        outcomes.close_call(connection, lease.token, error)
        now = database_now(connection)
        outcomes.pause(connection, lease.workspace, budgets.RETRIEVE, limit, error, now)
        if isinstance(error, NotFound):  # an answer, so the key works
            workspaces.resume(connection, lease.workspace)
    with engine.begin() as connection:
        outcomes.apply(connection, lease, verdict)
    log.warning(
        "the look failed",
        transcript_id=lease.transcript_id,
        reason=str(error),
        end=verdict.payload_state,
        next_try_in_s=None if verdict.is_end else round(verdict.wait_s, 1),
    )
