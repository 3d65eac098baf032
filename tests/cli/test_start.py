"""What the command imports before it does anything: little, and of the commands only the one that was called."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

import syncd
from syncd.cli.app import COMMANDS, FORMER_NAMES

SLOW = {
    "alembic",
    "apscheduler",
    "asyncio",
    "h11",
    "httpcore",
    "httpx",
    "platformdirs",
    "psycopg",
    "rich",
    "sqlalchemy",
    "ssl",
    "structlog",
}
REPORT = """
import atexit, sys
sys.argv[0] = "syncd"
atexit.register(lambda: print("MODULES", *sys.modules, file=sys.stderr))
from syncd.cli import main
main()
"""

EACH_COMMAND = """
import os, sys
import alembic, apscheduler.schedulers.background, httpx, psycopg
import rich.progress, sqlalchemy, structlog, typer
for command in sys.argv[1:]:  # each in a process of its own, forked after what they share was imported
    if (process := os.fork()) == 0:
        sys.argv = ["syncd", command, "--help"]
        from syncd.cli import main
        try:
            main()
        except SystemExit as end:
            assert not end.code, end.code
        print("@" + command, *sys.modules, flush=True)
        os._exit(0)
    if os.waitpid(process, 0)[1] != 0:
        sys.exit(command)
"""


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which names its modules on stderr in the end."""
    return subprocess.run(
        [sys.executable, "-c", REPORT, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def modules(done: subprocess.CompletedProcess[str]) -> set[str]:
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("MODULES ")]
    return set(line.split()[1:])


def imported_commands(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {name for name in COMMANDS if f"syncd.cli.{name}" in modules(done)}


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [(["--version"], 0), (["--help"], 0), (["-h"], 0), ([], 2), (["--nonsense"], 2)],
)
def test_without_a_command_nothing_slow_and_no_command_is_imported(arguments: list[str], exit_code: int) -> None:
    done = start(*arguments)
    assert done.returncode == exit_code, done.stderr
    assert {name.partition(".")[0] for name in modules(done)} & SLOW == set()
    ours = {name for name in modules(done) if name.startswith("syncd")}
    assert {name for name in ours if not name.startswith("syncd.errors.")} == {
        "syncd",
        "syncd.cli",
        "syncd.cli.app",
        "syncd.cli.check",
        "syncd.cli.interrupt",
        "syncd.cli.streams",
        "syncd.errors",
        "syncd.network_faults",
    }


def test_a_command_imports_no_other_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EACH_COMMAND, *COMMANDS], capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith("@"))
    assert set(found) == {f"@{command}" for command in COMMANDS}
    for command in COMMANDS:
        names = found[f"@{command}"].split()
        assert {name for name in COMMANDS if f"syncd.cli.{name}" in names} == {command}
        assert f"usage: syncd {command} " in done.stdout.lower()


def test_the_daemon_imports_nothing_that_only_other_commands_need() -> None:
    report = "import sys, syncd.cli.run; print(*[name for name, module in sys.modules.items() if module])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, timeout=120, check=True)
    imported = done.stdout.split()
    unneeded = ("alembic", "click", "pygments", "rich", "sqlalchemy.orm")
    assert [name for name in imported if f"{name}.".startswith(tuple(f"{other}." for other in unneeded))] == []


def test_the_help_names_every_command_with_its_own_words() -> None:
    words = " ".join(start("--help").stdout.split())
    for name, help_ in COMMANDS.items():
        assert f" {name} {help_}" in words
        assert getattr(import_module(f"syncd.cli.{name}"), name).__doc__ == help_


def test_the_version_is_that_of_the_distribution() -> None:
    assert start("--version").stdout == f"syncd {version('syncd')}\n"
    assert syncd.__version__ == version("syncd")
    assert not hasattr(syncd, "__versions__")


def test_a_misspelt_command_is_told_the_right_one() -> None:
    done = start("polll")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'polll'. Did you mean 'poll'?" in done.stderr


@pytest.mark.parametrize(("old", "new"), FORMER_NAMES.items())
def test_a_former_name_still_works_and_says_what_the_command_is_called_now(old: str, new: str) -> None:
    done, named_anew = start(old, "not-an-id"), start(new, "not-an-id")
    assert imported_commands(done) == {new}
    assert done.stderr.splitlines()[0] == (
        f"syncd: `syncd {old}` is now `syncd {new}`; the next version drops the old name."
    )
    assert (done.returncode, done.stderr.splitlines()[1]) == (1, named_anew.stderr.splitlines()[0])
    assert f" {old} " not in start("--help").stdout


def test_a_known_error_is_one_sentence_and_its_exit_code() -> None:
    done = start("track")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("syncd: No ids.")
    assert done.stderr.count("\n") == 2  # the second line is that of the test
