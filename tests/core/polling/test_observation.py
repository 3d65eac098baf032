from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from syncd.core.polling.observation import Observation, count, observation_of, stratum_of
from syncd.core.polling.strata import Stratum, Tally
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import DELETED, DONE, FAILED, PROCESSING
from tests.core.samples import NOW, TRANSCRIPT_ID

PROVIDER = "deepgram_async"


def at(age_s: float) -> datetime:
    """When the transcript was this old."""
    return NOW + timedelta(seconds=age_s)


def artifact(status: str, ended_s: float | None = None, **changes: object) -> Artifact:
    ended_at = None if ended_s is None else at(ended_s)
    plain = Artifact(UUID(TRANSCRIPT_ID), status, None, ended_at, created_at=NOW, provider=PROVIDER)
    return replace(plain, **changes)  # type: ignore[arg-type]  # names of fields


@pytest.mark.parametrize(
    ("shown", "since_s", "seen_s", "expected"),
    [
        pytest.param(artifact(PROCESSING, 0), 10, 30, (10, 30, False), id="it waits still"),
        pytest.param(artifact(PROCESSING, 0), -5, 30, (0, 30, False), id="nobody waits before the creation"),
        pytest.param(artifact("in_review", 0), 10, 30, (10, 30, False), id="an unknown status is no end"),
        pytest.param(artifact(DONE, 25), 10, 30, (10, 25, True), id="it finished in between"),
        pytest.param(artifact(DONE, 25), -5, 30, (0, 25, True), id="it finished in between, tracked before it began"),
        pytest.param(artifact(FAILED, 25), 10, 30, (10, 25, True), id="a failure is an end, too"),
        pytest.param(artifact(DONE, 30), 10, 30, (10, 30, True), id="it finished just now"),
        pytest.param(artifact(DONE, None), 10, 30, (10, 30, True), id="Recall does not say when it finished"),
        pytest.param(artifact(DONE, 1e6), 10, 30, (10, 30, True), id="it finished in the future"),
        pytest.param(artifact(DELETED, 25), 10, 30, None, id="a deletion"),
        pytest.param(artifact(DONE, 25, created_at=None), 10, 30, None, id="Recall does not say when it began"),
        pytest.param(artifact(DONE, 25, provider=None), 10, 30, None, id="nobody knows whose it is"),
    ],
)
@pytest.mark.parametrize("was_seen", [True, False])
def test_an_observation_says_what_was_shown_and_no_more(
    shown: Artifact, since_s: float, seen_s: float, was_seen: bool, expected: tuple[float, float, bool] | None
) -> None:
    found = observation_of(shown, at(since_s), at(seen_s), was_seen=was_seen)
    assert found == (None if expected is None else Observation(Stratum(PROVIDER), *expected))


@pytest.mark.parametrize("status", [DONE, FAILED])
@pytest.mark.parametrize("ended_s", [-5.0, 5.0, 9.999])
def test_one_that_had_finished_before_it_was_tracked_says_nothing(status: str, ended_s: float) -> None:
    assert observation_of(artifact(status, ended_s), at(10), at(30), was_seen=False) is None


def test_one_that_had_finished_before_it_was_seen_unfinished_did_so_right_after() -> None:
    found = observation_of(artifact(DONE, 5), at(10), at(30), was_seen=True)
    assert found == Observation(Stratum(PROVIDER), 10, 10, has_finished=True)


@pytest.mark.parametrize("was_seen", [True, False])
@pytest.mark.parametrize(
    ("created_s", "since_s", "seen_s"), [(1e6, 10, 30), (0, 30, 10), (20, 30, 10)], ids=["future", "back", "both"]
)
def test_clocks_that_disagree_add_no_exposure(
    created_s: float, since_s: float, seen_s: float, was_seen: bool
) -> None:
    for status in (PROCESSING, DONE):
        shown = artifact(status, None, created_at=at(created_s))
        found = observation_of(shown, at(since_s), at(seen_s), was_seen=was_seen)
        assert found is None or found.from_s == found.to_s


@pytest.mark.parametrize(
    ("recording_s", "length"), [(None, None), (0.0, "short"), (1799.9, "short"), (1800.0, "long"), (9000.0, "long")]
)
def test_an_observation_is_about_the_provider_and_the_length_of_the_recording(
    recording_s: float | None, length: str | None
) -> None:
    shown = artifact(DONE, 25, recording_s=recording_s)
    assert stratum_of(shown) == Stratum(PROVIDER, length)
    expected = observation_of(shown, at(10), at(30), was_seen=True)
    assert expected is not None
    assert expected.stratum == Stratum(PROVIDER, length)


def test_an_observation_counts_for_its_stratum_and_its_provider() -> None:
    short, tallies = Stratum(PROVIDER, "short"), dict[Stratum, Tally]()
    finished, waits = (
        Observation(short, 0.0, 10.0, has_finished=True),
        Observation(short, 0.0, 5.0, has_finished=False),
    )
    count(tallies, [finished, None, waits])
    count(tallies, [finished])
    assert set(tallies) == {short, Stratum(PROVIDER)}
    for tally in tallies.values():
        assert (sum(tally.finished), sum(tally.exposure_s)) == pytest.approx((2.0, 25.0))
