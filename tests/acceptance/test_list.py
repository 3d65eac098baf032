"""The real command, reading the list: everything arrives, is true, and costs no call more than the limit."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario, mixed_scenarios
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., CompletedProcess[str]]
Recall = Callable[..., tuple[Emulator, dict[str, str]]]

IS_DONE = Scenario(created=-90.0, finishes_after=60.0, words=20)


def of(scenario: Scenario, count: int) -> list[Scenario]:
    return [replace(scenario, transcript_id=uuid4()) for _ in range(count)]


@pytest.fixture
def recall() -> Iterator[Recall]:
    """A Recall with options of its own, and the settings that lead to it."""
    with ExitStack() as stack:

        def make(**options: Any) -> tuple[Emulator, dict[str, str]]:
            limits = {"retrieve_limit": 100_000, "list_limit": 100_000}
            emulator = stack.enter_context(Emulator(EmulatorOptions(**limits | options)))
            addresses = {"SYNCD_API_URL": emulator.api_url, "SYNCD_DOWNLOAD_ORIGINS": emulator.files_url}
            return emulator, addresses | {"SYNCD_LIST_LIMIT": "60000"}

        yield make


def tracked(syncd: Command, emulator: Emulator, scenarios: list[Scenario], settings: dict[str, str]) -> None:
    for scenario in scenarios:
        emulator.add(scenario)
    done = syncd("track", "-", stdin="\n".join(str(scenario.transcript_id) for scenario in scenarios), **settings)
    assert done.returncode == 0, done.stderr


def lists(emulator: Emulator) -> list[int]:
    return [request.status for request in emulator.requests() if request.route == "list"]


def test_transcripts_of_all_kinds_arrive_by_pages_and_retrieves_and_every_row_is_true(
    syncd: Command, recall: Recall, database_url: str
) -> None:
    emulator, settings = recall(page_size=20, page_order="random", list_lag_seconds=0.5)
    scenarios = [
        replace(scenario, deleted_after=None)
        for scenario in mixed_scenarios(70, over_seconds=2.0, seed=11)
        if scenario.finishes_after is not None
        and scenario.end not in ("quarantined", "not_found")
        and scenario.hostile != "not_json"  # it takes a minute to be sure of that
    ]
    tracked(syncd, emulator, scenarios, settings)
    done = syncd("run", "--until-idle", "--timeout", "240", **settings)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)
    assert lists(emulator)
    assert {request.status for request in emulator.requests()} == {200}
    for line in done.stderr.splitlines():
        json.loads(line)


def test_a_backlog_arrives_by_pages_where_retrieves_are_scarce(
    syncd: Command, recall: Recall, database_url: str
) -> None:
    emulator, settings = recall(page_size=50, retrieve_limit=60, list_limit=60)
    scenarios = of(IS_DONE, 110)
    tracked(syncd, emulator, scenarios, settings)
    limits = {"SYNCD_RETRIEVE_LIMIT": "60", "SYNCD_LIST_LIMIT": "60"}
    done = syncd("run", "--until-idle", "--timeout", "240", **settings | limits)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)
    assert sum(request.route == "retrieve" for request in emulator.requests()) < 60
    assert {request.status for request in emulator.requests()} == {200}


@pytest.mark.parametrize(
    "options",
    [
        {"list_refused": True},
        {"faults": (Faults(error_every=4), Faults(odd_entry_every=2), Faults(double_entry_every=3))},
        {"faults": Faults(foreign_next="http://127.0.0.1:9", looping_next=True)},
    ],
    ids=["refused", "errors", "foreign next"],
)
def test_a_list_that_cannot_be_relied_on_loses_nothing(
    syncd: Command, recall: Recall, database_url: str, options: dict[str, Any]
) -> None:
    emulator, settings = recall(page_size=7, **options)
    scenarios = of(replace(IS_DONE, faults=Faults()), 30)
    tracked(syncd, emulator, scenarios, settings)
    done = syncd("run", "--until-idle", "--timeout", "240", **settings)
    assert done.returncode == 0, done.stderr[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)


def test_with_a_list_limit_of_nothing_the_list_is_not_read(syncd: Command, recall: Recall, database_url: str) -> None:
    emulator, settings = recall()
    scenarios = of(IS_DONE, 30)
    tracked(syncd, emulator, scenarios, settings)
    done = syncd("run", "--until-idle", "--timeout", "240", **settings | {"SYNCD_LIST_LIMIT": "0"})
    assert done.returncode == 0, done.stderr[-2000:]
    assert lists(emulator) == []
    assert_everything_is_true(database_url, emulator, scenarios)


def test_what_nobody_handed_in_is_discovered_and_loaded_and_what_is_older_is_not(
    syncd: Command, recall: Recall, database_url: str
) -> None:
    emulator, settings = recall(page_size=10)
    scenarios = of(IS_DONE, 25)
    for scenario in (*scenarios, *of(replace(IS_DONE, created=-7200.0), 5)):
        emulator.add(scenario)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    discovery = {"SYNCD_DISCOVER": "true", "SYNCD_CREATED_AFTER": since}
    with psycopg.connect(database_url, autocommit=True) as connection:
        # an id that waits keeps the command going until all pages are read
        connection.execute("select recall.track(%s)", (uuid4(),))
        done = syncd("run", "--until-idle", "--timeout", "20", **settings | discovery)
        assert done.returncode == 75
        connection.execute("delete from syncd.queue")
        connection.execute("delete from recall.transcripts where payload_state = 'pending'")
    assert_everything_is_true(database_url, emulator, scenarios)
    assert len(lists(emulator)) >= 3


def test_two_daemons_share_the_list_and_everything_arrives_once(
    environment: dict[str, str], syncd: Command, recall: Recall, database_url: str
) -> None:
    emulator, settings = recall(page_size=10, list_limit=30)
    scenarios = of(replace(IS_DONE, finishes_after=92.0), 60)
    tracked(syncd, emulator, scenarios, settings)
    command = [sys.executable, "-m", "syncd", "run", "--until-idle", "--timeout", "240"]
    own = environment | settings | {"SYNCD_LIST_LIMIT": "30"}
    daemons = [subprocess.Popen(command, env=own, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for daemon in daemons:
        _, said = daemon.communicate(timeout=260)
        assert daemon.returncode == 0, said[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)
    assert 429 not in lists(emulator)
