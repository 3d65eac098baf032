"""The real command, against a real Postgres and an emulated Recall: everything arrives, and is true."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from subprocess import CompletedProcess

import psycopg
import pytest

from recall_emulator import Emulator, Faults, Scenario, mixed_scenarios
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., CompletedProcess[str]]


def ending_scenarios(count: int) -> list[Scenario]:
    """Mixed scenarios without those that never end, and without those whose end takes a minute to be sure of."""
    scenarios = mixed_scenarios(count, over_seconds=3.0, seed=7)
    return [s for s in scenarios if s.finishes_after is not None and s.end not in ("quarantined", "not_found")]


def tracked(emulator: Emulator, syncd: Command, scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        emulator.add(scenario)
    done = syncd("track", "-", stdin="\n".join(str(scenario.transcript_id) for scenario in scenarios))
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_transcripts_of_all_kinds_arrive_and_every_row_is_true(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    scenarios = [replace(s, deleted_after=None) for s in ending_scenarios(100)]
    tracked(emulator, syncd, scenarios)
    done = syncd("run", "--until-idle", "--timeout", "240")
    assert done.returncode == 0, done.stderr[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)
    requests = emulator.requests()
    assert not [r for r in requests if r.status == 429]
    assert not [r for r in requests if r.listener == "files" and r.has_authorization]
    for line in done.stderr.splitlines():
        json.loads(line)


def test_a_finished_transcript_costs_one_retrieve_or_a_place_on_a_page(syncd: Command, emulator: Emulator) -> None:
    scenarios = [Scenario() for _ in range(20)]
    tracked(emulator, syncd, scenarios)
    assert syncd("run", "--until-idle").returncode == 0
    asked = [request.transcript_id for request in emulator.requests() if request.route == "retrieve"]
    pages = sum(request.route == "list" for request in emulator.requests())
    assert len(asked) == len(set(asked)) <= 20
    assert pages > 0 or len(asked) == 20


def test_where_a_share_of_the_limits_is_ours_every_report_says_how_many_calls(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    tracked(emulator, syncd, [Scenario()])
    limits = {"SYNCD_RETRIEVE_LIMIT": "300", "SYNCD_LIST_LIMIT": "60", "SYNCD_LIMIT_SHARE": "0.5"}
    assert syncd("run", "--until-idle", SYNCD_DISCOVER="true", **limits).returncode == 0
    with psycopg.connect(database_url) as connection:
        found = connection.execute("select route, limit_per_minute, assumed_limit from recall.sync_budget order by 1")
        assert found.fetchall() == [("list", 30, 30), ("retrieve", 150, 150)]
    shown = syncd("status").stdout
    assert "150 calls a minute" in shown
    assert "30 calls a minute" in shown


def test_without_the_list_it_costs_one_retrieve(syncd: Command, emulator: Emulator) -> None:
    tracked(emulator, syncd, [Scenario() for _ in range(20)])
    assert syncd("run", "--until-idle", SYNCD_LIST_LIMIT="0").returncode == 0
    assert [request.route for request in emulator.requests()].count("retrieve") == 20
    assert "list" not in {request.route for request in emulator.requests()}


def test_nothing_to_do_is_done_at_once(syncd: Command, emulator: Emulator) -> None:
    assert syncd("run", "--until-idle").returncode == 0
    assert emulator.requests() == []


def test_a_timeout_says_how_many_wait_and_why(syncd: Command, emulator: Emulator, database_url: str) -> None:
    tracked(emulator, syncd, [Scenario(finishes_after=None), Scenario(finishes_after=None), Scenario()])
    done = syncd("run", "--until-idle", "--timeout", "15")
    assert done.returncode == 75
    assert "2 transcripts still wait: 2 to poll (not finished by Recall)." in done.stderr
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(lease_token) from syncd.queue").fetchone() == (0,)


def test_a_refused_key_is_named_when_the_time_is_up(syncd: Command, emulator: Emulator) -> None:
    emulator.refuse_key("demo-key")
    tracked(emulator, syncd, [Scenario()])
    done = syncd("run", "--until-idle", "--timeout", "15")
    assert done.returncode == 75
    assert "The workspace is paused: Recall refused the API key (401)." in done.stderr


def test_sql_wakes_the_daemon_and_the_row_is_there_before_and_after(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    scenario = Scenario()
    emulator.add(scenario)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("select recall.track(%s)", (scenario.transcript_id,))
        query = "select status, payload_state from recall.transcripts"
        assert connection.execute(query).fetchone() == (None, "pending")
        assert syncd("run", "--until-idle").returncode == 0
        assert connection.execute(query).fetchone() == ("done", "loaded")


def test_bad_ids_are_named_by_line_and_the_good_ones_are_kept(
    syncd: Command, database_url: str, tmp_path: object
) -> None:
    good = [str(uuid.uuid4()) for _ in range(2)]
    done = syncd("track", "-", stdin=f"{good[0]}\n\n# a comment\nnot-an-id\n{good[1]}\n{good[0]}\n")
    assert done.returncode == 1
    assert "line 4: 'not-an-id' is no transcript id" in done.stderr
    assert "2 new" in done.stderr
    again = syncd("track", *good)
    assert (again.returncode, "0 new, 2 known already" in again.stderr) == (0, True)
    with psycopg.connect(database_url) as connection:
        ids = connection.execute("select transcript_id::text from recall.transcripts").fetchall()
    assert sorted(i for (i,) in ids) == sorted(good)


@pytest.mark.parametrize("settings", [{"SYNCD_API_KEY": ""}, {"SYNCD_REGION": "mars", "SYNCD_API_URL": ""}])
def test_a_missing_setting_is_one_sentence_and_exit_78(syncd: Command, settings: dict[str, str]) -> None:
    done = syncd("run", "--until-idle", **settings)
    assert done.returncode == 78
    assert done.stderr.count("\n") == 1
    assert "SYNCD_API" in done.stderr


def test_a_misspelt_setting_is_named_with_the_right_one(syncd: Command) -> None:
    done = syncd("run", "--until-idle", SYNCD_RETREIVE_LIMIT="3")
    assert done.returncode == 78
    assert "Unknown setting SYNCD_RETREIVE_LIMIT; did you mean SYNCD_RETRIEVE_LIMIT?" in done.stderr


@pytest.mark.parametrize(
    "command", [("run", "--until-idle"), ("track", "3f0c9a52-6d1e-4b7a-9c55-0d8e2a41b7f6"), ("status",)]
)
def test_no_command_works_on_a_database_without_the_schema(
    syncd: Command, empty_database_url: str, command: tuple[str, ...]
) -> None:
    done = syncd(*command, SYNCD_DATABASE_URL=empty_database_url)
    assert done.returncode == 78
    assert "Run: syncd migrate" in done.stderr
    assert syncd("migrate", SYNCD_DATABASE_URL=empty_database_url).returncode == 0
    assert syncd("status", SYNCD_DATABASE_URL=empty_database_url).returncode == 0


def test_status_tells_programs_and_people_the_same(syncd: Command, emulator: Emulator) -> None:
    assert syncd("migrate").returncode == 0  # makes the workspace known
    for scenario in (Scenario(), Scenario(end="failed"), Scenario(finishes_after=None)):
        assert syncd("poll", str(emulator.add(scenario))).returncode == 0
    told = json.loads(syncd("status", "--json").stdout)
    assert told["stages"] == {"poll": 1}
    assert told["statuses"] == {"done": 1, "failed": 1, "processing": 1}
    assert told["payload_states"] == {"failed": 1, "loaded": 1, "pending": 1}
    assert (told["events_last_day"], told["are_estimates"]) == ({"failed": 1, "ready": 1}, False)
    assert "retrieve" in {budget["route"] for budget in told["budgets"]}
    assert told["oldest_pending"]["stage"] == "poll"
    shown = syncd("status").stdout
    for words in ("unfinished at stage", "processing", "default/retrieve", told["oldest_pending"]["transcript_id"]):
        assert words in shown


def test_faults_of_all_kinds_delay_and_lose_nothing(syncd: Command, emulator: Emulator, database_url: str) -> None:
    faults = [
        Faults(error_first=2),
        Faults(reset_first=1),
        Faults(truncate_first=1, truncate_how="close"),
        Faults(html_first=1, listener="files"),
        Faults(session_died_first=1),
        Faults(slow_down_first=1),
        Faults(throttle_first=1),
    ]
    scenarios = [Scenario(faults=fault) for fault in faults]
    tracked(emulator, syncd, scenarios)
    done = syncd("run", "--until-idle", "--timeout", "240")
    assert done.returncode == 0, done.stderr[-2000:]
    assert_everything_is_true(database_url, emulator, scenarios)


def test_a_timeout_holds_even_where_no_server_answers(syncd: Command) -> None:
    patient = {"SYNCD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "SYNCD_DATABASE_WAIT_SECONDS": "3600"}
    done = syncd("run", "--timeout", "3", **patient)
    assert done.returncode in (69, 75)  # it came to its end at all


def test_a_timeout_holds_even_where_the_queue_is_locked(syncd: Command, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("lock table syncd.queue in access exclusive mode")
        done = syncd("run", "--until-idle", "--timeout", "4")
    assert done.returncode == 75
    assert "The time is up" in done.stderr  # and not that a lock was waited for in vain


def test_ids_tracked_before_the_first_run_belong_to_the_workspace_that_migrated(
    syncd: Command, emulator: Emulator, empty_database_url: str
) -> None:
    settings = {"SYNCD_DATABASE_URL": empty_database_url, "SYNCD_WORKSPACE": "acme"}
    assert syncd("migrate", **settings).returncode == 0
    scenario = Scenario()
    emulator.add(scenario)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("select recall.track(%s)", (scenario.transcript_id,))
        connection.execute("select recall.track(%s, 'typo')", (uuid.uuid4(),))
        assert syncd("run", "--until-idle", **settings).returncode == 0
        query = "select payload_state from recall.transcripts where transcript_id = %s"
        assert connection.execute(query, (scenario.transcript_id,)).fetchone() == ("loaded",)
    assert "unserved typo: 1 transcripts wait" in syncd("status", **settings).stdout


def test_a_status_word_of_recall_cannot_break_or_forge_the_overview(syncd: Command, emulator: Emulator) -> None:
    words = ["[/x]", "[bold red]x", "\x1b[2Jwiped\nforged"]
    for word in words:
        assert syncd("poll", str(emulator.add(Scenario(end=word)))).returncode == 0
    shown = syncd("status")
    assert shown.returncode == 0, shown.stderr
    for word in ("[/x]", "[bold red]x", r"\x1b[2Jwiped\nforged"):
        assert word in shown.stdout
    assert "\x1b" not in shown.stdout


def test_a_message_in_place_of_a_file_is_only_a_suspicion(syncd: Command, emulator: Emulator) -> None:
    tracked(emulator, syncd, [Scenario(faults=Faults(wrong_json_shape_first=1, listener="files"))])
    done = syncd("run", "--until-idle", "--timeout", "240")
    assert done.returncode == 0, done.stderr
    assert json.loads(syncd("status", "--json").stdout)["payload_states"] == {"loaded": 1}
