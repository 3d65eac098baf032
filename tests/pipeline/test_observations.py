"""The policy that a process has, and what becomes of its observations when the database is away."""

import threading

import pytest
from sqlalchemy import exc

from syncd.core.polling.observation import Observation
from syncd.core.polling.strata import Stratum
from syncd.db.engine import Engine, make_engine
from syncd.db.polling import durations
from syncd.pipeline.observations import Observations

SHORT = Stratum("deepgram_async", "short")
FINISHED = Observation(SHORT, 0.0, 10.0, has_finished=True)
WAITS = Observation(SHORT, 0.0, 10.0, has_finished=False)


def counted(engine: Engine, stratum: Stratum) -> tuple[float, float]:
    """What all processes have written down: finishes, and seconds of waiting."""
    with engine.begin() as connection:
        tally = durations.read_durations(connection, "default")[stratum]
    return sum(tally.finished), sum(tally.exposure_s)


def test_observations_are_flushed_once_for_the_stratum_and_its_provider(engine: Engine) -> None:
    observations = Observations(engine, "default")
    observations.record([FINISHED, None, WAITS])
    observations.flush()
    observations.flush()
    assert counted(engine, SHORT) == counted(engine, Stratum("deepgram_async")) == pytest.approx((1.0, 20.0))


def test_a_process_plans_with_what_the_others_have_flushed(engine: Engine) -> None:
    one, other = Observations(engine, "default"), Observations(engine, "default")
    before = other.policy.curves.of(SHORT).quantile(0.5)
    one.record([FINISHED] * 100)
    one.flush()
    assert other.policy.curves.of(SHORT).quantile(0.5) == before
    other.flush()
    after = other.policy.curves.of(SHORT).quantile(0.5)
    assert after == one.policy.curves.of(SHORT).quantile(0.5) < before
    assert after < 11.0


def test_a_flush_leaves_the_threshold_alone_and_a_threshold_the_curves(engine: Engine) -> None:
    observations = Observations(engine, "default")
    observations.set_threshold(7.0)
    observations.record([FINISHED] * 100)
    observations.flush()
    assert observations.policy.threshold_s == 7.0
    curves = observations.policy.curves
    observations.set_threshold(3.0)
    assert (observations.policy.threshold_s, observations.policy.curves) == (3.0, curves)


def test_what_could_not_be_written_is_kept_for_the_next_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    observations = Observations(engine, "default")
    observations.record([FINISHED] * 3)

    def fail(*_: object) -> None:
        observations.record([FINISHED])  # another thread records meanwhile
        raise exc.OperationalError("write", None, OSError("the connection is lost"))

    monkeypatch.setattr(durations, "write_hazards", fail)
    with pytest.raises(exc.OperationalError):
        observations.flush()
    monkeypatch.undo()
    observations.flush()
    assert counted(engine, SHORT) == pytest.approx((4.0, 40.0))


def test_a_database_that_is_away_costs_no_observation(engine: Engine, database_url: str) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    observations = Observations(away, "default")
    observations.record([FINISHED])
    with pytest.raises(exc.OperationalError):
        observations.flush()
    observations._engine = engine
    observations.flush()
    assert counted(engine, SHORT) == pytest.approx((1.0, 10.0))
    away.dispose()


def test_nothing_is_lost_between_threads(engine: Engine) -> None:
    observations = Observations(engine, "default")

    def record() -> None:
        for _ in range(200):
            observations.record([FINISHED])

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        observations.flush()
    observations.flush()
    assert counted(engine, SHORT) == pytest.approx((800.0, 8000.0))
