"""What a process knows about how long things take, and what becomes of it when the database is away."""

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
        tally = durations.read(connection, "default")[stratum]
    return sum(tally.finished), sum(tally.exposure_s)


def test_lessons_are_written_down_once_for_the_class_and_its_provider(engine: Engine) -> None:
    observations = Observations(engine, "default")
    observations.record([FINISHED, WAITS])
    observations.refresh()
    observations.refresh()
    assert counted(engine, SHORT) == counted(engine, Stratum("deepgram_async")) == pytest.approx((1.0, 20.0))


def test_a_process_plans_with_what_the_others_have_learned(engine: Engine) -> None:
    one, other = Observations(engine, "default"), Observations(engine, "default")
    before = other.policy.curves.of(SHORT).quantile(0.5)
    one.record([FINISHED] * 100)
    one.refresh()
    assert other.policy.curves.of(SHORT).quantile(0.5) == before
    other.refresh()
    after = other.policy.curves.of(SHORT).quantile(0.5)
    assert after == one.policy.curves.of(SHORT).quantile(0.5) < before
    assert after < 11.0


def test_learning_leaves_the_price_alone_and_a_price_what_was_learned(engine: Engine) -> None:
    observations = Observations(engine, "default")
    observations.price(7.0)
    observations.record([FINISHED] * 100)
    observations.refresh()
    assert observations.policy.threshold_s == 7.0
    learned = observations.policy.curves
    observations.price(3.0)
    assert (observations.policy.threshold_s, observations.policy.curves) == (3.0, learned)


def test_what_could_not_be_written_down_is_kept_for_the_next_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    observations = Observations(engine, "default")
    observations.record([FINISHED] * 3)

    def fail(*_: object) -> None:
        observations.record([FINISHED])  # somebody learns meanwhile
        raise exc.OperationalError("write", None, OSError("the connection is lost"))

    monkeypatch.setattr(durations, "write_hazards", fail)
    with pytest.raises(exc.OperationalError):
        observations.refresh()
    monkeypatch.undo()
    observations.refresh()
    assert counted(engine, SHORT) == pytest.approx((4.0, 40.0))


def test_a_database_that_is_away_costs_no_lesson(engine: Engine, database_url: str) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    observations = Observations(away, "default")
    observations.record([FINISHED])
    with pytest.raises(exc.OperationalError):
        observations.refresh()
    observations._engine = engine
    observations.refresh()
    assert counted(engine, SHORT) == pytest.approx((1.0, 10.0))
    away.dispose()


def test_nothing_is_lost_between_threads(engine: Engine) -> None:
    observations = Observations(engine, "default")

    def learn() -> None:
        for _ in range(200):
            observations.record([FINISHED])

    threads = [threading.Thread(target=learn) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        observations.refresh()
    observations.refresh()
    assert counted(engine, SHORT) == pytest.approx((800.0, 8000.0))
