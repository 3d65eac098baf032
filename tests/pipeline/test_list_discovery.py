"""Discovery: transcripts that nobody handed in."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from recall_emulator import Faults, Scenario
from syncd.db.engine import Engine
from syncd.db.reports.overview import overview
from syncd.pipeline.list_plan import Discovery
from tests.pipeline.harness import DRAIN_S
from tests.pipeline.listing import (
    BRIEF,
    HAS_FAILED,
    IS_DELETED,
    IS_DONE,
    WAITS,
    Listed,
    list_state,
    of,
    restarted,
    since,
)


def test_nobody_is_discovered_unless_that_is_wanted(listed: Listed) -> None:
    harness = listed()
    for scenario in (*of(IS_DONE, 3), *of(WAITS, 3)):
        harness.emulator.add(scenario)
    harness.pages(2)
    assert harness.lists() == []
    harness.see(*of(IS_DONE, 2))
    harness.page()
    assert len(harness.lists()) == 1
    assert harness.row("select count(*) from recall.transcripts")["count"] == 2


def test_those_created_after_the_given_time_are_discovered_and_no_others(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0))
    scenarios = {
        name: replace(scenario, transcript_id=uuid.uuid4())
        for name, scenario in {
            "loaded": IS_DONE,
            "failed": HAS_FAILED,
            "deleted": IS_DELETED,
            "pending": WAITS,
        }.items()
    }
    for scenario in (*scenarios.values(), *of(replace(IS_DONE, created=-7200.0), 3)):
        harness.emulator.add(scenario)
    harness.page()
    assert harness.row("select count(*) from recall.transcripts")["count"] == 4
    for state, scenario in scenarios.items():
        row = harness.transcript(scenario.transcript_id)
        assert (row["payload_state"], harness.retrieves(scenario.transcript_id)) == (state, 0)
        assert row["provider"] == "deepgram_async"
    assert harness.waiting(scenarios["pending"].transcript_id)["is_observed"] is True
    assert [set(query) for query in harness.lists()] == [{"created_at_after"}]


def test_without_a_given_time_only_what_comes_after_the_first_start_is_discovered(
    listed: Listed, engine: Engine
) -> None:
    harness = listed(discovery=Discovery(True))
    harness.emulator.add(IS_DONE)
    harness.page()
    assert harness.rows("select * from recall.transcripts") == []
    later = harness.emulator.add(Scenario())
    harness.change("update syncd.list_states set discovered_at = discovered_at - interval '31 s'")
    with restarted(harness, engine, Discovery(True)) as another:
        another.page()
    assert [row["transcript_id"] for row in harness.rows("select transcript_id from recall.transcripts")] == [later]


def test_discovery_goes_on_after_a_restart(listed: Listed, engine: Engine) -> None:
    discovery = since(3600.0)
    harness = listed(discovery=discovery, page_size=2)
    ids = [harness.emulator.add(scenario) for scenario in of(BRIEF, 5)]
    harness.page()
    harness.worker.drain(DRAIN_S)
    with restarted(harness, engine, discovery) as another:
        another.pages(4)
    queries = harness.lists()
    assert len(queries) == len({query.get("cursor") for query in queries}) == 3
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_later_pass_discovers_later_ones_and_looks_back_a_little(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0))
    harness.page()
    assert harness.page() == 0
    assert len(harness.lists()) == 1  # a pass every half a minute
    harness.change("update syncd.list_states set discovered_at = discovered_at - interval '31 s'")
    began_at = list_state(harness)["discovered_at"]
    late = harness.emulator.add(IS_DONE)  # created before the first pass, and shown by the list only now
    assert harness.page() == 1
    assert harness.transcript(late)["payload_state"] == "loaded"
    after = datetime.fromisoformat(harness.lists()[1]["created_at_after"])
    assert after == began_at - timedelta(minutes=10)


def test_discovery_whose_place_is_unknown_begins_anew_and_misses_nobody(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0), page_size=2)
    ids = [harness.emulator.add(scenario) for scenario in of(BRIEF, 5)]
    harness.page()
    harness.change("update syncd.list_states set discover_url = discover_url || 'gone'")
    harness.page()
    harness.change("update syncd.list_states set paused_until = clock_timestamp()")
    harness.pages(4)
    queries = harness.lists()
    assert ["cursor" in query for query in queries] == [False, True, False, True, True]
    assert len({query["created_at_after"] for query in queries}) == 1
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_discovery_behind_what_ends_tls_finds_everything(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0), page_size=20, faults=Faults(foreign_next="http://inner.example:8000"))
    for scenario in of(WAITS, 91):
        harness.emulator.add(scenario)
    harness.pages(20)
    assert harness.row("select count(*) from recall.transcripts")["count"] == 91
    shown = harness.row("select * from recall.sync_freshness")
    assert (shown["discovery_cut_short_at"], shown["discovery_cut_short_reason"]) == (None, None)


def test_a_pass_that_was_cut_short_is_shown_until_one_is_whole(
    listed: Listed, capsys: pytest.CaptureFixture[str]
) -> None:
    harness = listed(discovery=since(3600.0), faults=Faults(odd_entry_first=1))
    for scenario in of(WAITS, 3):
        harness.emulator.add(scenario)
    harness.page()
    flaw = "1 of 3 entries of a page are no transcripts, or come twice"
    shown = harness.row("select * from recall.sync_freshness")
    assert shown["discovery_cut_short_reason"] == flaw
    with harness.engine.begin() as connection:
        (told,) = overview(connection).cut_short_discoveries
    assert (told.workspace, told.cut_short_at, told.reason) == ("default", shown["discovery_cut_short_at"], flaw)
    assert "a pass of discovery was cut short" in capsys.readouterr().out
    harness.change("update syncd.list_states set discover_paused_until = null")
    harness.page()
    assert harness.row("select * from recall.sync_freshness")["discovery_cut_short_at"] is None
    with harness.engine.begin() as connection:
        assert overview(connection).cut_short_discoveries == []
