"""The simulator at a tiny size: every policy, every table, and the same numbers for the same seed."""

import json
import re
from functools import partial
from pathlib import Path

import pytest

from bench.polling import pictures, runs, scenarios, workload
from bench.polling.baselines import Queue, every
from bench.polling.conditions import Conditions
from bench.polling.result import Result
from bench.polling.runs import POLICIES
from bench.polling.scenarios import SCENARIOS, SYNCD, Scenario, Target
from bench.polling.table import BOUND, as_json, markdown, terminal
from bench.polling.workspace import syncd

TINY = Scenario(
    "tiny",
    "a flood of thirty, and three minutes of a day",
    partial(workload.flood, backlog=30, hours=0.05),
    targets=(Target("mean", lambda found: found[SYNCD].lags().mean, 600.0),),
)


@pytest.fixture(scope="module")
def found() -> dict[str, Result]:
    """Results of all policies."""
    return {name: policy(TINY.workload(0), Conditions()) for name, policy in POLICIES.items()}


def test_every_policy_finds_what_has_finished_and_none_finds_it_before(found: dict[str, Result]) -> None:
    for name, result in found.items():
        assert len(result.detections) > 30, name
        assert all(each.lag_s >= 0.0 for each in result.detections), name
        assert result.retrieves > 0, name
    assert found[SYNCD].unseen == 0
    assert found[SYNCD].lists > 0


def test_with_the_same_calls_nobody_is_better_than_who_knows_every_finishing_time(found: dict[str, Result]) -> None:
    least = found[scenarios.CLAIRVOYANT_RETRIEVES].lags().mean
    for name in (scenarios.RETRIEVES, scenarios.INFORMED_RETRIEVES, *scenarios.BASELINES):
        assert found[name].lags().mean >= least, name


def test_the_same_seed_gives_the_same_run(found: dict[str, Result]) -> None:
    assert syncd(TINY.workload(0), Conditions()) == found[SYNCD]


def test_one_queue_serves_several_workspaces() -> None:
    results = Queue([workload.light(0, 0.02), workload.tiny(0, 0.5)], every(5.0), Conditions()).run()
    assert [result.unseen for result in results] == [0, 0]


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(page_size=5),
        Conditions(share=0.2),
        Conditions(has_list=False),
        Conditions(is_informed=True),
        Conditions(guess_factor=10),
        Conditions(list_lag_s=2),
    ],
    ids=str,
)
def test_every_condition_has_a_run(conditions: Conditions) -> None:
    result = syncd(TINY.workload(1), conditions)
    assert result.detections
    assert (result.lists > 0) is conditions.has_list


def test_runs_of_a_scenario_are_the_same_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    light = Scenario("W1", "light", partial(workload.light, hours=0.02), (SYNCD, scenarios.EVERY_30))
    monkeypatch.setattr(runs, "SCENARIOS", [light])
    options = runs.Options(jobs=1, names=("W1",))
    [results] = runs.results(options).values()
    assert list(results) == [SYNCD, scenarios.EVERY_30]
    assert results[SYNCD] == syncd(light.workload(0), Conditions())


def test_every_scenario_has_a_name_of_its_own_and_policies_that_there_are() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    assert {policy for scenario in SCENARIOS for policy in scenario.policies} <= set(POLICIES)


def test_results_become_tables_and_a_picture(found: dict[str, Result], tmp_path: Path) -> None:
    bounds_s = {"tiny": 0.5}
    lines = list(terminal([TINY], {"tiny": found}, bounds_s, with_targets=True))
    assert sum(line.lstrip().startswith(tuple(POLICIES)) for line in lines) == len(POLICIES)
    assert any(line.startswith("  met") for line in lines)
    assert "Targets: mean <= 600" in "\n".join(markdown([TINY], {"tiny": found}, bounds_s))
    assert json.loads(as_json(0, {"tiny": found}, bounds_s))["mean_lag_s"]["tiny"][BOUND] == 0.5
    pictures.draw_lags(tmp_path / "picture.svg", "Tiny", found)
    assert (tmp_path / "picture.svg").read_text(encoding="utf-8").count("<polyline") == len(pictures.STYLES)


def test_shares_become_a_picture(found: dict[str, Result], tmp_path: Path) -> None:
    names = [scenario.name for by_share in scenarios.SHARES.values() for scenario in by_share.values()]
    pictures.draw_shares(tmp_path / "shares.svg", dict.fromkeys(names, found), dict.fromkeys(names, 0.5))
    lines = re.findall('points="([^"]*)"', (tmp_path / "shares.svg").read_text(encoding="utf-8"))
    assert [len(line.split()) for line in lines] == [len(scenarios.SHARE_NAMES) + 1] * 6
