"""A backlog that is being loaded: live transcripts are polled, listed and loaded past it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from syncd.core.queue.lease import Lease
from syncd.core.transcript import Stage
from syncd.worker import pools
from syncd.worker.in_flight import InFlight
from tests.pipeline.harness import DRAIN_S, Harness
from tests.pipeline.listing import BRIEF, IS_DONE, WAITS, Listed, of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def nothing_of_it_is_read(harness: Harness) -> Iterator[None]:
    """The backlog can be downloaded, and waits to be read until the block ends."""
    reading = harness.worker._backlog_context.reading
    assert isinstance(reading, threading.Semaphore)
    for _ in range(pools.BACKLOG_READS):
        assert reading.acquire(blocking=False)
    try:
        yield
    finally:
        reading.release(pools.BACKLOG_READS)


def loaded(harness: Harness, ids: list[UUID]) -> int:
    return sum(harness.transcript(id_)["payload_state"] == "loaded" for id_ in ids)


def test_polls_go_on_while_files_of_the_backlog_wait(harness: Harness) -> None:
    """They have more files than there are slots."""
    backlog = harness.track(*of(BRIEF, 9))
    with nothing_of_it_is_read(harness):
        for _ in range(2):
            harness.worker.claim_due()
            harness.until(lambda: len(harness.worker._pools.polls) == 0)
        assert len(harness.worker._pools.backlog) == 9
        waits, live = harness.see(WAITS, BRIEF)
        harness.change(
            "update syncd.queue set due_at = clock_timestamp() where transcript_id = any(%s)", [waits, live]
        )
        assert harness.worker.claim_due() == 2
        harness.until(lambda: harness.worker.in_flight_count == 9)
        assert (harness.retrieves(waits), loaded(harness, [live]), loaded(harness, backlog)) == (1, 1, 0)
    harness.until(lambda: harness.worker.in_flight_count == 0)
    assert loaded(harness, backlog) == 9


def test_windows_are_read_while_the_backlog_is_full_and_the_scan_waits(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "FETCHED_SHARE", 1)
    harness = listed(page_size=20)
    backlog = harness.track(*of(BRIEF, 60))
    with nothing_of_it_is_read(harness):
        assert harness.worker.read_list_page() == 20
        live = harness.see(*of(IS_DONE, 3))
        harness.worker._planner._not_before = 0.0
        assert harness.worker.read_list_page() == 3
        harness.until(lambda: harness.worker.in_flight_count == 20)
        assert loaded(harness, live) == 3
        harness.worker._planner._not_before = 0.0
        assert harness.worker.read_list_page() == 0  # nothing else waits but the backlog
        assert harness.worker.claim_due() == 0
        assert [query["status_code"] for query in harness.lists()] == ["done"] * 2
    harness.until(lambda: harness.worker.in_flight_count == 0)
    harness.pages(3)
    assert loaded(harness, backlog) == 60


def test_a_drain_releases_the_backlog_that_waits(listed: Listed) -> None:
    harness = listed()
    harness.track(*of(BRIEF, 30))
    with nothing_of_it_is_read(harness):
        assert harness.worker.read_list_page() == 30
        assert harness.worker.drain(0.0) == 30
        assert len(harness.rows("select * from syncd.queue where lease_holder is null")) == 30


def test_the_lowest_rank_runs_first_and_equal_ones_in_order() -> None:
    begin, done, ran = threading.Event(), threading.Event(), list[int]()

    def run(number: int) -> Callable[[], None]:
        return lambda: ran.append(number)

    in_flight = InFlight(1, "test")
    in_flight.start(_lease(0), partial(_wait, begin))
    for token, rank in ((1, 5.0), (2, 3.0), (3, 3.0), (4, 9.0)):
        in_flight.start(_lease(token), run(token), rank)
    in_flight.start(_lease(9), done.set, 99.0)
    begin.set()
    assert done.wait(DRAIN_S)
    in_flight.close()
    assert ran == [2, 3, 1, 4]


def _wait(event: threading.Event) -> None:
    assert event.wait(DRAIN_S)


def _lease(token: int) -> Lease:
    return Lease(uuid4(), "default", token, Stage.POLL, NOW, NOW, NOW + timedelta(days=1))
