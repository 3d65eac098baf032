"""What is told of an outage: each kind once, its end once; and when the process leaves."""

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from syncd import errors
from syncd.service import outage
from syncd.service.outage import REFUSED_S, UNPROVEN_S, Outage
from syncd.worker import lasting
from syncd.worker.lasting import STANDS_S, STUCK_S


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic time, moved by hand."""
    now = [1000.0]
    for module in (outage, lasting):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_each_kind_is_told_once_and_the_end_once(clock: list[float]) -> None:
    met = Outage()
    with capture_logs() as logs:
        met.wrote()
        for _ in range(3):
            met.met(errors.DatabaseAway())
            met.met(errors.DatabaseReadOnly())
        assert met.is_on
        met.wrote()
        met.wrote()
        met.met(errors.DatabaseAway())
    assert [(line["log_level"], line["event"], line.get("reason")) for line in logs] == [
        ("error", "waiting for the database", str(errors.DatabaseAway())),
        ("error", "waiting for the database", str(errors.DatabaseReadOnly())),
        ("warning", "the database is back", None),
        ("error", "waiting for the database", str(errors.DatabaseAway())),
    ]


def busy(lasted_s: float = 0.0) -> errors.DatabaseBusy:
    error = errors.DatabaseBusy("A lock.")
    error.lasted_s = lasted_s
    return error


def test_a_deadlock_or_a_short_lock_is_no_outage(clock: list[float]) -> None:
    met = Outage()
    met.met(busy(), "flush")
    clock[0] += STUCK_S  # nothing says that it lasts: the job runs again later
    assert not met.look(0.0)
    met.met(busy(STUCK_S - 1), "claim")
    met.came_through("claim")
    clock[0] += STUCK_S
    assert not met.look(STUCK_S - 0.1)
    clock[0] += STANDS_S
    met.met(busy(), "flush")  # another one, long after the first
    assert (met.look(0.0), met.is_on) == (False, False)


def test_a_lock_that_lasts_is_told_once_and_its_end_once(clock: list[float]) -> None:
    met = Outage()
    with capture_logs() as logs:
        for _ in range(10):
            met.met(busy(), "claim")
            met.look(0.0)
            met.wrote()  # the heartbeat needs no table that is locked
            clock[0] += STUCK_S / 5
        met.came_through("claim")
        assert met.is_on
        met.wrote()
        met.look(0.0)
    assert [(line["log_level"], line["event"]) for line in logs if line["log_level"] != "debug"] == [
        ("error", "waiting for the database"),
        ("warning", "the database is back"),
    ]
    assert f"held up for {STUCK_S:.0f} s or longer. A lock. [SYNCD-DB-STUCK]" in str(logs)


def test_what_was_tried_for_long_before_it_was_raised_is_told_without_another_try(clock: list[float]) -> None:
    met = Outage()
    met.met(busy(STUCK_S * 2 / 3), "run")
    assert not met.look(0.0)
    clock[0] += STUCK_S / 3
    assert (met.look(0.0), met.look(0.0), met.is_on) == (True, False, True)
    clock[0] += STANDS_S  # nobody tries it any more: another process may have done it
    met.look(0.0)
    met.wrote()
    assert not met.is_on


def test_a_statement_without_an_answer_is_told_until_there_is_one(clock: list[float]) -> None:
    met = Outage()
    with capture_logs() as logs:
        assert [met.look(seconds) for seconds in (0.0, STUCK_S, STUCK_S + 1)] == [False, True, False]
        met.wrote()  # by another connection
        assert met.is_on
        assert not met.look(0.0)
        met.wrote()
    assert [line["event"] for line in logs] == ["waiting for the database", "the database is back"]
    assert "has not answered a statement for 30 s" in logs[0]["reason"]


@pytest.mark.parametrize("error", [errors.DatabaseFull(), errors.DatabaseFault()])
def test_what_some_writes_meet_is_not_over_with_the_first_that_succeeds(
    clock: list[float], error: errors.SyncdError
) -> None:
    met = Outage()
    met.met(error)
    clock[0] += UNPROVEN_S - 1
    met.wrote()
    assert met.is_on
    clock[0] += 1
    met.wrote()
    assert not met.is_on


@pytest.mark.parametrize("between", [None, errors.DatabaseAway()])
def test_a_login_that_stays_refused_ends_the_process(clock: list[float], between: errors.SyncdError | None) -> None:
    met, refused = Outage(), errors.LoginRefused()
    met.met(refused)
    clock[0] += REFUSED_S - 1
    met.met(refused)
    assert met.leaves_for is None
    if between is not None:
        met.met(between)
    clock[0] += 1
    met.met(refused)
    assert met.leaves_for is (None if between else refused)


def test_a_login_that_is_accepted_again_starts_the_time_anew(clock: list[float]) -> None:
    met, refused = Outage(), errors.LoginRefused()
    met.met(refused)
    met.wrote()
    clock[0] += REFUSED_S
    met.met(refused)
    assert met.leaves_for is None
