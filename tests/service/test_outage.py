"""What is told of an outage: each kind once, its end once; and when the process leaves."""

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from syncd import errors
from syncd.service import outage
from syncd.service.outage import REFUSED_S, UNPROVEN_S, Outage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic time, moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(outage, "time", SimpleNamespace(monotonic=lambda: now[0]))
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


def test_what_passes_is_no_outage(clock: list[float]) -> None:
    met = Outage()
    met.met(errors.DatabaseBusy())
    assert not met.is_on


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
