"""Those that wait, many at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.polling.list_plan import Unseen
from syncd.core.polling.strata import Stratum
from syncd.core.queue.outcome import RowChange, ShownWaiting, Step
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import DONE, PROCESSING, Stage
from syncd.db.content import transcripts
from syncd.db.engine import Connection
from syncd.db.polling import waiting
from tests.db.conftest import Claimed, Tracked

AN_HOUR = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=1)

Shown = Callable[..., UUID]


@pytest.fixture
def shown(connection: Connection, tracked: Tracked, now: datetime) -> Shown:
    """A row that Recall has shown, created an hour and polled a minute ago; columns may be set otherwise."""

    def show(status: str = PROCESSING, created_at: datetime | None = None, **columns: object) -> UUID:
        (id_,) = tracked()
        created_at = created_at or now - AN_HOUR
        transcripts.observe_artifact(connection, "default", artifact(id_, status, created_at), now - A_MINUTE)
        values = {"is_observed": True, "created_at": created_at, "last_seen_at": now - A_MINUTE, "threshold_s": 1.0}
        values["listed_at"] = now - A_MINUTE
        for name, value in (values | {"provider": "deepgram_async"} | columns).items():
            connection.exec_driver_sql(f"update syncd.queue set {name} = %s where transcript_id = %s", (value, id_))
        return id_

    return show


def artifact(id_: UUID, status: str, created_at: datetime) -> Artifact:
    return Artifact(id_, status, created_at=created_at, status_updated_at=created_at, provider="deepgram_async")


def column(connection: Connection, name: str, id_: UUID) -> object:
    return connection.exec_driver_sql(f"select {name} from syncd.queue where transcript_id = %s", (id_,)).scalar_one()


def windowed(now: datetime) -> tuple[datetime, datetime]:
    return now - 2 * AN_HOUR, now


# What a page is planned with


def test_those_seen_come_in_order_of_their_creation(connection: Connection, shown: Shown, now: datetime) -> None:
    for hours in (2, 3, 1):
        shown(created_at=now - hours * AN_HOUR, recording_length="long")
    seen = waiting.seen(connection, "default", 1.0)
    assert {each.stratum for each in seen} == {Stratum("deepgram_async", "long")}
    assert [each.created_s for each in seen] == pytest.approx(
        [(now - hours * AN_HOUR).timestamp() for hours in (3, 2, 1)]
    )
    assert [each.seen_s for each in seen] == pytest.approx([(now - A_MINUTE).timestamp()] * 3)


@pytest.mark.parametrize(
    "columns",
    [
        {"threshold_s": None},
        {"stage": "download"},
        {"last_seen_at": None},
        {"created_at": None},
        {"workspace": "other"},
        {"absent_at": datetime.fromisoformat("2026-01-01T00:00Z")},
        {"lease_token": 7},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_who_does_not_concern_a_window_is_not_planned_with(
    connection: Connection, shown: Shown, columns: dict[str, object]
) -> None:
    id_ = shown()
    for name, value in columns.items():
        connection.exec_driver_sql(f"update syncd.queue set {name} = %s where transcript_id = %s", (value, id_))
    assert waiting.seen(connection, "default", 1.0) == []


def test_a_page_of_finished_ones_that_did_not_show_it_counts_like_a_poll(
    connection: Connection, shown: Shown, now: datetime
) -> None:
    shown(absent_from_done_at=now)
    shown(absent_from_done_at=now - AN_HOUR)
    seen_s = sorted(each.seen_s for each in waiting.seen(connection, "default", 1.0))
    assert seen_s == [pytest.approx((now - A_MINUTE).timestamp()), pytest.approx(now.timestamp())]


def test_a_share_of_them_stands_for_all(connection: Connection, shown: Shown) -> None:
    for _ in range(60):
        shown()
    counts = [len(waiting.seen(connection, "default", share)) for share in (0.0, 0.5, 1.0)]
    assert (counts[0], counts[2]) == (0, 60)
    assert 12 < counts[1] < 48


def test_the_unseen_are_counted_with_how_long_they_have_waited(
    connection: Connection, tracked: Tracked, shown: Shown
) -> None:
    assert waiting.unseen(connection, "default") == Unseen(0, 0.0)
    tracked(2)
    connection.exec_driver_sql("update syncd.queue set tracked_at = clock_timestamp() - interval '30 s'")
    tracked(2)
    shown()
    tracked(3, workspace="other")
    unseen = waiting.unseen(connection, "default")
    assert unseen.count == 4
    assert unseen.wait_s == pytest.approx(15.0, abs=2.0)


def test_only_the_newest_of_those_done_are_remembered(
    connection: Connection, shown: Shown, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_DONE", 3)
    for hours in (5, 1, 4, 2, 3):
        shown(DONE, now - hours * AN_HOUR)
    shown(PROCESSING, now)
    done_s = waiting.done_lately(connection, "default")
    assert done_s == [pytest.approx((now - hours * AN_HOUR).timestamp()) for hours in (3, 2, 1)]


def test_ours_are_those_of_the_workspace_finished_ones_too(
    connection: Connection, tracked: Tracked, shown: Shown
) -> None:
    mine, theirs = [*tracked(), shown(DONE)], tracked(1, workspace="other")
    connection.exec_driver_sql("delete from syncd.queue where transcript_id = any(%s)", ([mine[1]],))
    assert waiting.ours(connection, "default", [*mine, *theirs, uuid4()]) == set(mine)


def test_a_peek_takes_no_lease_and_passes_over_what_is_in_hand(
    connection: Connection, tracked: Tracked, claimed: Claimed, now: datetime
) -> None:
    (held,) = tracked()
    claimed(1)
    (free,) = tracked()
    later = now + A_SECOND
    assert [lease.transcript_id for lease in waiting.peek(connection, "default", [held, free], later)] == [free]
    assert column(connection, "lease_token", free) is None
    assert waiting.peek(connection, "other", [free], later) == []
    ran_out = {lease.transcript_id for lease in waiting.peek(connection, "default", [held, free], now + AN_HOUR)}
    assert ran_out == {held, free}


# What a page shows


def test_those_still_unfinished_wait_for_their_next_turn(connection: Connection, shown: Shown, now: datetime) -> None:
    ids = [shown(attempts=3, not_found_count=1, absent_at=now, last_error="it failed") for _ in range(2)]
    until = now + 2 * AN_HOUR
    judged = [
        ShownWaiting(
            replace(artifact(id_, status, now - AN_HOUR), recording_s=3600.0, provider="rev_async"),
            RowChange(Step.WAIT, Stage.POLL, wait_s, pending_until=until),
            threshold_s,
            is_first_shown=False,
        )
        for id_, status, wait_s, threshold_s in zip(
            ids, (PROCESSING, "in_review"), (5.0, 60.0), (0.25, None), strict=True
        )
    ]
    waiting.wait(connection, judged, now)
    rows = [
        connection.exec_driver_sql("select * from syncd.queue where transcript_id = %s", (id_,)).mappings().one()
        for id_ in ids
    ]
    for row, wait_s, threshold_s in zip(rows, (5.0, 60.0), (0.25, None), strict=True):
        assert (row["last_seen_at"], row["due_at"]) == (now, now + timedelta(seconds=wait_s))
        assert (row["provider"], row["recording_length"], row["pending_until"]) == ("rev_async", "long", until)
        assert row["threshold_s"] == threshold_s
        assert (row["attempts"], row["not_found_count"], row["absent_at"], row["last_error"]) == (0, 0, None, None)


def test_a_page_leaves_rows_in_hand_and_rows_that_are_further_on_as_they_are(
    connection: Connection, shown: Shown, now: datetime
) -> None:
    ids = [shown(lease_token=7, lease_until=now + AN_HOUR), shown(stage="download")]
    query = "select * from syncd.queue order by transcript_id"
    before = connection.exec_driver_sql(query).all()
    row = RowChange(Step.WAIT, Stage.POLL, 5.0, pending_until=now)
    shown_rows = [ShownWaiting(artifact(id_, PROCESSING, now), row, 1.0, is_first_shown=False) for id_ in ids]
    waiting.wait(connection, shown_rows, now)
    waiting.mark_absent(connection, "default", windowed(now), [], now)
    waiting.mark_absent_from_done(connection, "default", windowed(now), [], now)
    assert connection.exec_driver_sql(query).all() == before
    waiting.wait(connection, [], now)


# What a page does not show


def test_who_is_absent_from_the_window_has_left(connection: Connection, shown: Shown, now: datetime) -> None:
    gone, stays = shown(), shown()
    assert waiting.mark_absent(connection, "default", windowed(now), [stays], now) == 1
    assert (column(connection, "absent_at", gone), column(connection, "absent_at", stays)) == (now, None)
    assert waiting.mark_absent(connection, "default", windowed(now), [stays], now + A_SECOND) == 0
    assert column(connection, "absent_at", gone) == now  # whoever left first is asked about first


@pytest.mark.parametrize("column_", ["listed_at", "threshold_s"])
def test_a_row_that_no_page_has_shown_or_whose_last_poll_failed_cannot_be_absent(
    connection: Connection, shown: Shown, now: datetime, column_: str
) -> None:
    shown(**{column_: None})
    assert waiting.mark_absent(connection, "default", windowed(now), [], now) == 0


@pytest.mark.parametrize(
    ("columns", "has_absent"),
    [
        ({}, True),
        ({"created_at": -2 * AN_HOUR}, True),
        ({"created_at": 0 * AN_HOUR}, True),
        ({"created_at": -2 * AN_HOUR - A_SECOND}, False),
        ({"created_at": A_SECOND}, False),
        ({"last_seen_at": 0 * A_SECOND}, False),
        ({"last_seen_at": A_SECOND}, False),
        ({"last_seen_at": -A_SECOND, "lease_until": -A_SECOND}, True),
        ({"lease_until": A_SECOND}, False),
    ],
)
def test_absence_says_something_only_of_who_was_known_and_free_and_in_the_window(
    connection: Connection, shown: Shown, now: datetime, columns: dict[str, timedelta], has_absent: bool
) -> None:
    id_ = shown(**{name: now + offset for name, offset in columns.items()})
    assert waiting.mark_absent(connection, "default", windowed(now), [], now) == has_absent
    waiting.mark_absent_from_done(connection, "default", windowed(now), [], now)
    assert (column(connection, "absent_from_done_at", id_) == now) is has_absent


@pytest.mark.parametrize("column_", ["created_at", "last_seen_at"])
def test_who_was_never_shown_cannot_be_missed(
    connection: Connection, shown: Shown, now: datetime, column_: str
) -> None:
    id_ = shown()
    connection.exec_driver_sql(f"update syncd.queue set {column_} = null where transcript_id = %s", (id_,))
    assert waiting.mark_absent(connection, "default", windowed(now), [], now) == 0


def test_an_unknown_status_is_on_no_page_and_has_not_left(
    connection: Connection, shown: Shown, now: datetime
) -> None:
    id_ = shown("in_review", threshold_s=None)
    assert waiting.mark_absent(connection, "default", windowed(now), [], now) == 0
    waiting.mark_absent_from_done(connection, "default", windowed(now), [], now)
    assert column(connection, "absent_from_done_at", id_) == now


def test_an_older_state_never_overwrites_a_newer_one_however_late_it_is_observed(
    connection: Connection, tracked: Tracked, now: datetime
) -> None:
    (id_,) = tracked()
    began = artifact(id_, PROCESSING, now - AN_HOUR)
    done = replace(artifact(id_, DONE, now - AN_HOUR), status_updated_at=now - A_MINUTE)
    assert transcripts.observe_artifact(connection, "default", done, now)
    assert not transcripts.observe_artifact(connection, "default", began, now + A_MINUTE)
    assert connection.exec_driver_sql("select status from recall.transcripts").scalar_one() == DONE
    assert connection.exec_driver_sql("select status from recall.status_history").scalars().all() == [DONE]
