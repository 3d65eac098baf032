"""`syncd grants` and then the daemon, as they are installed: printed, reviewed, run in psql, and at work."""

import subprocess
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import pytest

from recall_emulator import Emulator, Scenario
from syncd.embedded import program
from tests.db.roles import DatabaseRoles

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def roles(database_url: str) -> Iterator[DatabaseRoles]:
    roles = DatabaseRoles(database_url)
    yield roles
    roles.drop()


def options(roles: DatabaseRoles) -> list[str]:
    return [word for part, name in roles.names.items() for word in (f"--{part}", name)]


def in_psql(roles: DatabaseRoles, script: str) -> CompletedProcess[str]:
    return subprocess.run(
        [program("psql"), "--no-psqlrc", "--set", "ON_ERROR_STOP=1", roles.database_url],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_needs_no_database_and_no_settings(syncd: Command) -> None:
    printed = syncd("grants", SYNCD_DATABASE_URL="nonsense", SYNCD_NO_SUCH_SETTING="1")
    assert (printed.returncode, printed.stderr) == (0, "")
    for role in ("syncd_owner", "syncd_writer", "syncd_analyst"):
        assert f"'{role}'" in printed.stdout
    assert printed.stdout.endswith("commit;\n")
    assert "enable row level security" not in printed.stdout


def test_options_change_what_is_printed(syncd: Command) -> None:
    printed = syncd(
        *("grants", "--workspace", "acme", "--statement-timeout", "7", "--idle-timeout", "8", "--shared")
    ).stdout
    assert "set statement_timeout = '7s'" in printed
    assert "set idle_in_transaction_session_timeout = '8s'" in printed
    assert "workspace = 'acme'" in printed
    assert "from public" in syncd("grants").stdout
    assert "revoke temporary" not in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--owner", "me", "--writer", "me"), "must be three different roles"),
        (("--analyst", "x" * 64), "longer than the 63 bytes"),
    ],
)
def test_names_that_cannot_work_are_refused_in_one_sentence(
    syncd: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = syncd("grants", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("isolation", [(), ("--workspace", "default")], ids=["everything", "isolated"])
def test_psql_runs_it_and_each_command_works_for_the_role_it_is_meant_for(
    roles: DatabaseRoles, syncd: Command, emulator: Emulator, isolation: tuple[str, ...]
) -> None:
    done = in_psql(roles, syncd("grants", *options(roles), *isolation).stdout)
    assert done.returncode == 0, done.stderr
    roles.grant(*isolation[1:])  # again, and with passwords for servers that ask for one
    writer = {"SYNCD_DATABASE_URL": roles.url("writer")}
    ids = [str(emulator.add(scenario)) for scenario in (Scenario(), Scenario(provider="rev_async"))]
    assert syncd("track", *ids, **writer).returncode == 0
    ran = syncd("run", "--until-idle", "--timeout", "240", **writer)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "error" not in ran.stderr
    scenario = Scenario()
    emulator.add(scenario)
    assert syncd("poll", str(scenario.transcript_id), **writer).returncode == 0
    for command in (("status",), ("explain", ids[0])):
        assert syncd(*command, **writer).returncode == 0
    loaded = "select count(*) from recall.transcripts where payload_state = 'loaded'"
    assert roles.ask("analyst", loaded) == [(3,)]
    migrated = syncd("migrate", SYNCD_DATABASE_URL=roles.url("owner"))
    assert migrated.returncode == 0, migrated.stderr


def test_a_role_without_the_rights_for_a_command_is_told_so_in_one_sentence(
    roles: DatabaseRoles, syncd: Command
) -> None:
    roles.grant()
    for part, command, words in (
        ("writer", "migrate", "This role may not change the schema"),
        ("analyst", "migrate", "This role may not change the schema"),
        ("analyst", "run", "permission denied for schema syncd"),
        ("analyst", "status", "permission denied for schema syncd"),
    ):
        done = syncd(command, SYNCD_DATABASE_URL=roles.url(part))
        assert done.returncode == 78, (part, command)
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
