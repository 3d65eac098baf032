"""How long transcripts took: counted together, aged slowly, and told by a view."""

import math
import random
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.core.polling.strata import HALF_LIFE, Stratum, Tally, first_guess
from syncd.core.polling.survival import BINS
from syncd.db.engine import Connection, Engine
from syncd.db.polling import durations
from syncd.db.rate_limit import workspaces
from tests.db.conftest import Tracked

DEEPGRAM, SHORT, OTHER = Stratum("deepgram_async"), Stratum("deepgram_async", "short"), Stratum("rev_async")


def seen(*ages_s: float, waiting_s: float = 0.0) -> Tally:
    """Some finished at these ages, and one waits still."""
    tally = Tally()
    for age_s in ages_s:
        tally.count(0.0, age_s, has_finished=True)
    tally.count(0.0, waiting_s, has_finished=False)
    return tally


def totals(connection: Connection, stratum: Stratum = DEEPGRAM) -> tuple[float, float]:
    tally = durations.read_durations(connection, "default").get(stratum, Tally())
    return sum(tally.finished), sum(tally.exposure_s)


def test_observations_of_two_processes_add_up(connection: Connection, now: datetime) -> None:
    durations.add(connection, "default", {DEEPGRAM: seen(10.0, 40.0), SHORT: seen(10.0)}, now)
    durations.add(connection, "default", {DEEPGRAM: seen(10.0, waiting_s=100.0), OTHER: seen(9.0)}, now)
    durations.add(connection, "default", {}, now)
    read = durations.read_durations(connection, "default")
    assert set(read) == {DEEPGRAM, SHORT, OTHER}
    assert totals(connection) == pytest.approx((3.0, 160.0))
    assert totals(connection, SHORT) == pytest.approx((1.0, 10.0))
    assert durations.read_durations(connection, "other") == {}


def test_processes_that_write_at_the_same_time_lose_nothing_and_do_not_wait_for_each_other(
    engine: Engine, connection: Connection, now: datetime
) -> None:
    classes = [DEEPGRAM, SHORT, OTHER]

    def write(number: int) -> None:
        observations = {each: seen(10.0) for each in random.Random(number).sample(classes, 3)}
        for _ in range(5):
            with engine.begin() as own:
                durations.add(own, "default", observations, now)
                durations.age(own, "default", now)
                durations.write_hazards(own, "default", durations.curves(own, "default"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in classes:
        assert totals(connection, each) == pytest.approx((30.0, 300.0))


def test_what_was_seen_counts_half_after_a_while(connection: Connection, now: datetime) -> None:
    durations.add(connection, "default", {DEEPGRAM: seen(10.0, 40.0)}, now)
    durations.age(connection, "default", now + timedelta(minutes=9))
    assert totals(connection) == pytest.approx((2.0, 50.0))  # not for every minute
    durations.age(connection, "default", now + HALF_LIFE)
    assert totals(connection) == pytest.approx((1.0, 25.0))
    durations.age(connection, "default", now + HALF_LIFE)  # another process, at the same time
    assert totals(connection) == pytest.approx((1.0, 25.0))
    durations.add(connection, "default", {DEEPGRAM: seen(10.0)}, now + HALF_LIFE)
    durations.age(connection, "default", now + 2 * HALF_LIFE)
    assert totals(connection) == pytest.approx((1.0, 17.5))
    durations.age(connection, "default", now)  # a clock that was stepped backwards
    assert totals(connection) == pytest.approx((1.0, 17.5))


def test_many_small_steps_age_like_a_large_one(connection: Connection, now: datetime) -> None:
    durations.add(connection, "default", {DEEPGRAM: seen(10.0, 40.0)}, now)
    for step in range(1, 97):
        durations.age(connection, "default", now + step * HALF_LIFE / 96)
    assert totals(connection) == pytest.approx((1.0, 25.0))


def view(connection: Connection) -> dict[tuple[str, str | None], Mapping[str, Any]]:
    rows = connection.exec_driver_sql("select * from recall.sync_durations").mappings()
    return {(row["provider"], row["recording_length"]): dict(row) for row in rows}


def flush(connection: Connection, now: datetime, observations: Mapping[Stratum, Tally]) -> None:
    """As a process does every minute."""
    workspaces.register(connection, "default")
    durations.add(connection, "default", observations, now)
    durations.write_hazards(connection, "default", durations.curves(connection, "default"))


@pytest.mark.parametrize("seed", range(2))
def test_the_view_tells_the_quantiles_that_syncd_plans_with(connection: Connection, now: datetime, seed: int) -> None:
    rng = random.Random(seed)
    classes = [DEEPGRAM, SHORT, OTHER, Stratum("meeting_captions", "long"), Stratum("vendor_of_tomorrow_async")]
    observations = {
        each: seen(*[rng.lognormvariate(rng.uniform(2, 8), 0.8) for _ in range(rng.choice([1, 30, 300]))])
        for each in classes
    }
    flush(connection, now, observations)
    shown, curves = view(connection), durations.curves(connection, "default")
    assert set(shown) == {(each.provider, each.length) for each in classes}
    for each in classes:
        row = shown[each.provider or "", each.length]
        assert float(row["n"]) == sum(observations[each].finished)
        for name, share in (("p50_s", 0.5), ("p90_s", 0.9), ("p99_s", 0.99)):
            assert float(row[name]) == pytest.approx(curves.of(each).quantile(share), rel=0.01, abs=0.06)


def test_where_nearly_nothing_was_seen_the_view_tells_the_first_guess(connection: Connection, now: datetime) -> None:
    tally = Tally()
    tally.count(0.0, 0.01, has_finished=False)
    flush(connection, now, {DEEPGRAM: tally})
    (row,) = view(connection).values()
    guess = first_guess("deepgram_async")
    assert guess is not None
    assert float(row["n"]) == 0.0
    assert float(row["p50_s"]) == pytest.approx(guess.quantile(0.5), rel=0.01)
    assert float(row["p99_s"]) == pytest.approx(guess.quantile(0.99), rel=0.01)


def test_one_that_never_finishes_has_no_quantile_and_breaks_nothing(connection: Connection, now: datetime) -> None:
    flush(connection, now, {DEEPGRAM: seen(waiting_s=1e12)})
    assert len(view(connection)) == 1
    connection.exec_driver_sql("update syncd.durations set hazard = 0")
    (row,) = view(connection).values()
    assert (row["p50_s"], row["p90_s"], row["p99_s"]) == (None, None, None)


def test_the_view_counts_who_waits_still(connection: Connection, now: datetime, tracked: Tracked) -> None:
    flush(connection, now, {DEEPGRAM: seen(1.0), SHORT: seen(1.0), OTHER: seen(1.0)})
    for count, provider, length, stage in [
        (3, "deepgram_async", "short", "poll"),
        (2, "deepgram_async", None, "poll"),
        (1, "deepgram_async", "short", "download"),
        (4, "meeting_captions", None, "poll"),
    ]:
        connection.exec_driver_sql(
            "update syncd.queue set provider = %s, recording_length = %s, stage = %s where transcript_id = any(%s)",
            (provider, length, stage, tracked(count)),
        )
    tracked(5, workspace="other")
    connection.exec_driver_sql("update syncd.queue set provider = 'deepgram_async' where workspace = 'other'")
    counts = {who: row["still_waiting"] for who, row in view(connection).items()}
    assert counts == {("deepgram_async", None): 5, ("deepgram_async", "short"): 3, ("rev_async", None): 0}


def test_each_workspace_has_counts_of_its_own(connection: Connection, now: datetime) -> None:
    durations.add(connection, "a", {DEEPGRAM: seen(1.0)}, now)
    durations.add(connection, "b", {DEEPGRAM: seen(100.0)}, now)
    a, b = (durations.curves(connection, name).of(DEEPGRAM).quantile(0.5) for name in "ab")
    assert a < b < math.inf
    rows = connection.exec_driver_sql("select count(*), count(distinct workspace) from syncd.durations").one()
    assert tuple(rows) == (2 * BINS, 2)


def test_counts_that_are_halved_for_years_come_to_nothing(connection: Connection, now: datetime) -> None:
    durations.add(connection, "default", {DEEPGRAM: seen(10.0)}, now)
    for step in range(1, 30):
        durations.age(connection, "default", now + step * 50 * HALF_LIFE)
    assert totals(connection) == (0.0, 0.0)
