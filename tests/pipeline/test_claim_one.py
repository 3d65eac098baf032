"""One transcript that is asked for by its id: paid for like all others, from the reserve too."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from recall_emulator import Scenario
from syncd.core.polling.claim_order import Turn
from syncd.core.queue.limits import WorkerLimits
from syncd.core.transcript import Stage
from syncd.db.engine import Engine, conninfo
from syncd.pipeline.claim import Blocker, BlockerKind, Claimed, claim_due, claim_one
from tests.pipeline.harness import Harness

LIMITS = WorkerLimits("default", 120, 0, 8, 60.0, 5.0, "a person")
"""A burst of four calls, one of which is the reserve."""


def claimed(engine: Engine, id_: UUID, limits: WorkerLimits = LIMITS) -> Claimed:
    answer = claim_one(engine, limits, id_)
    assert isinstance(answer, Claimed), answer
    return answer


def blocker_of(engine: Engine, id_: UUID, limits: WorkerLimits = LIMITS) -> Blocker:
    answer = claim_one(engine, limits, id_)
    assert isinstance(answer, Blocker)
    return answer


def one_call_left(harness: Harness) -> None:
    harness.rows("update syncd.budgets set tokens = 1, refreshed_at = clock_timestamp() returning 1")


def test_it_is_leased_before_it_is_due_and_paid_for(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.rows("update syncd.queue set due_at = clock_timestamp() + interval '1 hour' returning 1")
    (lease,) = claimed(harness.engine, id_).leases
    assert (lease.transcript_id, lease.stage) == (id_, Stage.POLL)
    assert harness.row("select lease_holder, lease_token from syncd.queue") == {
        "lease_holder": "a person",
        "lease_token": lease.token,
    }
    assert harness.row("select call_id from syncd.calls")["call_id"] == lease.token
    assert harness.row("select call_count from syncd.budgets")["call_count"] == 1


def test_the_last_call_is_left_over_by_regular_polls_and_paid_for_a_person(harness: Harness) -> None:
    id_, _ = harness.track(Scenario(), Scenario())
    claimed(harness.engine, uuid4())  # the budget has a row from now on
    one_call_left(harness)
    assert claim_due(harness.engine, LIMITS, 8, Turn()).leases == []
    one_call_left(harness)
    assert len(claimed(harness.engine, id_).leases) == 1


def test_where_no_call_is_free_nothing_is_leased(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    claimed(harness.engine, uuid4())
    harness.rows("update syncd.budgets set tokens = 0, refreshed_at = clock_timestamp() returning 1")
    blocker = blocker_of(harness.engine, id_, replace(LIMITS, retrieve_limit=2))
    assert blocker.kind == BlockerKind.NO_CALL
    assert "The retrieve budget has no call free: 1 of its 2 calls a minute are taken" in blocker.reason
    assert harness.row("select lease_token from syncd.queue where transcript_id = %s", id_)["lease_token"] is None


def test_files_to_load_cost_nothing_even_in_a_pause(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    claimed(harness.engine, uuid4())
    harness.rows("update syncd.budgets set paused_until = clock_timestamp() + interval '1 hour' returning 1")
    harness.rows("update syncd.queue set stage = 'load' where transcript_id = %s returning 1", id_)
    (lease,) = claimed(harness.engine, id_).leases
    assert lease.stage == Stage.LOAD
    assert harness.row("select call_count from syncd.budgets")["call_count"] == 1


def test_one_that_nobody_tracks_is_tracked_and_kept_where_it_cannot_be_paid_for(harness: Harness) -> None:
    claimed(harness.engine, uuid4())
    harness.rows("update syncd.budgets set paused_until = clock_timestamp() + interval '1 hour' returning 1")
    id_ = uuid4()
    assert blocker_of(harness.engine, id_).kind == BlockerKind.NO_CALL
    assert harness.transcript(id_)["payload_state"] == "pending"


def test_a_row_that_somebody_is_writing_may_be_free_in_a_moment(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    with harness.engine.begin() as connection:
        connection.exec_driver_sql("select from syncd.queue for update")
        assert blocker_of(harness.engine, id_) == Blocker(BlockerKind.NO_CALL, "Another process is writing its row.")
    assert len(claimed(harness.engine, id_).leases) == 1


@pytest.mark.parametrize(
    ("prepare", "kind"),
    [
        (lambda harness: harness.turns(), BlockerKind.ENDED),
        (
            lambda harness: harness.rows("update recall.transcripts set workspace = 'acme' returning 1"),
            BlockerKind.ELSEWHERE,
        ),
        (
            lambda harness: harness.rows(
                "update syncd.queue set lease_token = 1, lease_until = clock_timestamp() + interval '1 m' returning 1"
            ),
            BlockerKind.HELD,
        ),
    ],
)
def test_what_is_in_the_way(harness: Harness, prepare: Callable[[Harness], object], kind: BlockerKind) -> None:
    (id_,) = harness.track(Scenario())
    prepare(harness)
    assert blocker_of(harness.engine, id_).kind == kind


def test_a_lease_that_ran_out_is_claimed_anew(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.rows(
        "update syncd.queue set lease_token = 1, lease_until = clock_timestamp() - interval '1 s' returning 1"
    )
    (lease,) = claimed(harness.engine, id_).leases
    assert (
        lease.expired_lease_count,
        harness.row("select expired_lease_count from syncd.queue")["expired_lease_count"],
    ) == (1, 1)


def test_others_are_told_to_watch_a_lease_of_a_row_that_was_not_due(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    with psycopg.connect(conninfo(harness.engine), autocommit=True) as listener:
        listener.execute("listen syncd_wake")
        claimed(harness.engine, id_)
        assert [hint.payload for hint in listener.notifies(timeout=60, stop_after=1)] == ["default"]
