"""What the queue has planned at which threshold, and what is brought forward."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from syncd.db.engine import Connection, Engine
from syncd.db.polling import thresholds
from tests.db.conftest import Tracked

Planned = Callable[..., list[UUID]]


@pytest.fixture
def planned(connection: Connection, tracked: Tracked, now: datetime) -> Planned:
    """Rows polled so long ago and due so much later, planned with such a threshold."""

    def plan(
        count: int = 1, ago_s: float = 0.0, gap_s: float = 100.0, threshold_s: float | None = 1.0, also: str = ""
    ) -> list[UUID]:
        ids = tracked(count)
        connection.exec_driver_sql(
            "update syncd.queue set threshold_s = %s, last_seen_at = %s - %s * interval '1 s',"
            f" due_at = %s + (%s - %s) * interval '1 s' {also} where transcript_id = any(%s)",
            (threshold_s, now, ago_s, now, gap_s, ago_s, ids),
        )
        return ids

    return plan


def gap_s(connection: Connection, id_: UUID) -> float:
    query = "select extract(epoch from due_at - last_seen_at) from syncd.queue where transcript_id = %s"
    return float(connection.exec_driver_sql(query, (id_,)).scalar_one())


def test_demand_is_what_would_be_polled_at_a_threshold_of_one(connection: Connection, planned: Planned) -> None:
    planned(3, gap_s=100.0, threshold_s=1.0)
    planned(5, gap_s=100.0, threshold_s=4.0)  # at a quarter of the threshold, twice as often
    planned(1, gap_s=0.0, threshold_s=1.0)  # no more often than ten times a second
    assert thresholds.demand(connection, "default") == pytest.approx(0.03 + 0.1 + 10.0)
    assert thresholds.demand(connection, "other") == 0.0


def test_who_waits_for_another_reason_is_not_counted(
    connection: Connection, planned: Planned, tracked: Tracked
) -> None:
    tracked(5)
    planned(5, threshold_s=None)
    assert thresholds.demand(connection, "default") == 0.0


def test_gaps_are_shortened_with_the_root_of_the_threshold(
    connection: Connection, planned: Planned, now: datetime
) -> None:
    (id_,) = planned(gap_s=100.0, threshold_s=16.0)
    assert thresholds.bring_forward(connection, "default", 1.0, now) == 1
    assert gap_s(connection, id_) == pytest.approx(25.0)
    assert thresholds.bring_forward(connection, "default", 1.0, now) == 0
    assert thresholds.demand(connection, "default") == pytest.approx(0.04)  # which is as before


@pytest.mark.parametrize(
    ("case", "is_sooner"),
    [
        ({"threshold_s": 16.0}, True),
        ({"threshold_s": 2.1}, True),
        ({"threshold_s": 1.9}, False),
        ({"threshold_s": 1.0}, False),
        ({"threshold_s": 0.1}, False),
        ({"threshold_s": None}, False),
        ({"threshold_s": 16.0, "ago_s": 200.0}, False),
        ({"threshold_s": 16.0, "also": ", lease_token = 7, lease_until = now() + interval '1 minute'"}, False),
    ],
    ids=["far higher", "higher", "hardly", "the same", "lower", "after an error", "due already", "in hand"],
)
def test_only_rows_planned_with_a_much_higher_threshold_are_brought_forward(
    connection: Connection, planned: Planned, now: datetime, case: dict[str, object], is_sooner: bool
) -> None:
    (id_,) = planned(**case)
    before = connection.exec_driver_sql("select * from syncd.queue").mappings().one()
    assert thresholds.bring_forward(connection, "default", 1.0, now) == is_sooner
    after = connection.exec_driver_sql("select * from syncd.queue").mappings().one()
    assert (before == after) is not is_sooner
    assert gap_s(connection, id_) <= 100.0


def test_bringing_forward_does_not_wait(
    connection: Connection, planned: Planned, now: datetime, engine: Engine
) -> None:
    locked, free = planned(2, threshold_s=16.0)
    with engine.connect() as other, other.begin():
        other.exec_driver_sql("select 1 from syncd.queue where transcript_id = %s for update", (locked,))
        assert thresholds.bring_forward(connection, "default", 1.0, now) == 1
    assert (gap_s(connection, locked), gap_s(connection, free)) == (100.0, 25.0)


def test_other_workspaces_keep_their_due_times(connection: Connection, planned: Planned, now: datetime) -> None:
    planned(threshold_s=16.0)
    assert thresholds.bring_forward(connection, "other", 1.0, now) == 0
