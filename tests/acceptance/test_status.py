"""`syncd status`, with and without a live daemon, and what monitors get from it."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import psycopg.conninfo
import pytest

from recall_emulator import Emulator, Scenario
from tests.acceptance.test_signals import daemon, until
from tests.db.test_faults import raise_sql

Command = Callable[..., CompletedProcess[str]]


def test_without_a_daemon_that_is_the_first_thing_it_says(syncd: Command, emulator: Emulator) -> None:
    id_ = str(emulator.add(Scenario(finishes_after=None)))
    assert syncd("run", "--until-idle", SYNCD_API_KEY="demo-key").returncode == 0
    assert syncd("track", id_, SYNCD_API_KEY="").returncode == 0
    status = syncd("status", SYNCD_API_KEY="")
    assert status.stdout.startswith("daemon  default: No daemon is alive. The last one was seen at 20")
    assert syncd("explain", id_, SYNCD_API_KEY="").stdout.startswith(
        "No daemon is alive. The last one was seen at 20"
    )
    check = syncd("status", "--check", SYNCD_API_KEY="")
    assert check.stdout.startswith("SYNCD CRITICAL - default: No daemon is alive.")
    assert (check.returncode, check.stdout.count("\n")) == (2, 1)


def test_a_live_daemon_is_named_and_a_monitor_is_content(
    syncd: Command, environment: dict[str, str], emulator: Emulator, database_url: str, tmp_path: Path
) -> None:
    with (
        daemon(environment, tmp_path / "log") as process,
        psycopg.connect(database_url, autocommit=True) as connection,
    ):
        until(lambda: connection.execute("select 1 from syncd.processes").fetchone())
        assert f":{process.pid}:" in syncd("status").stdout.splitlines()[0]
        check = syncd("status", "--check", "--json")
        assert check.returncode == 0
        assert json.loads(check.stdout)["level"] == "OK"
        typos = {"SYNCD_REGOIN": "", "SYNCD_RETRIEVE_LIMIT": "lots", "SYNCD_API_URL": "nonsense"}
        check, status = syncd("status", "--check", **typos), syncd("status", **typos)
        assert (check.returncode, check.stdout.count("[SYNCD-SETTING]")) == (1, 3)
        assert check.stdout.startswith("SYNCD WARNING - Unknown setting SYNCD_REGOIN; did you mean")
        assert (status.returncode, status.stderr.count("[SYNCD-SETTING]")) == (0, 3)
        other = psycopg.conninfo.make_conninfo(database_url, user="nobody_of_that_name")
        check = syncd("status", "--check", SYNCD_DATABASE_URL=other)
        assert check.stdout.startswith("SYNCD CRITICAL - This command's own login")
        assert "whether a daemon is alive is not known. The database refuses" in check.stdout
        unserved = syncd("status", "--check", SYNCD_WORKSPACE="never")
        assert (unserved.returncode, unserved.stdout.startswith("SYNCD CRITICAL - never: No daemon")) == (2, True)
        connection.execute("select recall.track(gen_random_uuid(), 'acme')")
        connection.execute("update syncd.queue set due_at = now() - interval '1 hour' where workspace = 'acme'")
        connection.execute("update syncd.workspaces set pause_reason = 'Recall refused the API key (401).'")
        check = syncd("status", "--check", "--overdue", "60", "--json", SYNCD_LEASE_SECONDS="1")
    told = json.loads(check.stdout)
    assert (check.returncode, told["exit_code"]) == (2, 2)
    assert [(each["workspace"], each["what"].split(":")[0].split(",")[0]) for each in told["problems"]] == [
        ("acme", "No daemon is alive"),
        ("acme", "1 transcripts are due for more than 1 min"),
        ("default", "Paused"),
        (None, "SYNCD_LEASE_SECONDS"),
    ]


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"SYNCD_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}, 2, "SYNCD CRITICAL - The database"),
        (
            {"SYNCD_DATABASE_URL": "", "SYNCD_DATABSE_URL": "x"},
            3,
            "SYNCD UNKNOWN - Unknown setting SYNCD_DATABSE_URL",
        ),
    ],
)
def test_a_monitor_is_told_of_an_outage_and_of_a_wrong_setting(
    syncd: Command, settings: dict[str, str], code: int, words: str
) -> None:
    check = syncd("status", "--check", **settings)
    assert check.stdout.startswith(words)
    assert check.returncode == code


def test_an_error_of_the_database_that_is_none_of_ours_is_told_to_a_monitor_in_one_line(
    syncd: Command, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("alter table syncd.queue rename to renamed")
        connection.execute("create view syncd.queue as select * from syncd.renamed where 1 / 0 = 1")
    check = syncd("status", "--check")
    assert check.stdout == "SYNCD CRITICAL - The database reports an error: division by zero (SQLSTATE 22012)\n"
    assert (check.returncode, "Traceback" in check.stderr) == (2, False)


def test_a_monitor_is_told_that_the_database_refuses_what_a_live_daemon_loads(
    syncd: Command, environment: dict[str, str], emulator: Emulator, database_url: str, tmp_path: Path
) -> None:
    id_ = emulator.add(Scenario())
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(raise_sql("recall.utterance_data", "53100", 1000))
        with daemon(environment | {"SYNCD_HEARTBEAT_SECONDS": "1"}, tmp_path / "log"):
            until(lambda: connection.execute("select 1 from syncd.processes").fetchone())
            connection.execute("select recall.track(%s)", (id_,))
            refused = "select 1 from syncd.processes where state = 'paused' and reason like '%SYNCD-DB-FULL%'"
            until(lambda: connection.execute(refused).fetchone())
            check = syncd("status", "--check")
            assert check.returncode == 2
            assert check.stdout.startswith("SYNCD CRITICAL - default: Paused: The database has no room left")
            assert "SYNCD-DB-FULL" in syncd("status").stdout.splitlines()[0]
            connection.execute("drop trigger raise_error on recall.utterance_data")
            until(lambda: connection.execute("select 1 from syncd.processes where reason is null").fetchone())
            assert syncd("status", "--check").returncode == 0
