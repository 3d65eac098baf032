import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from recall_emulator import Faults
from syncd.cli.emulator import emulator

COMMAND = "from syncd.cli import main; main()"
DEADLINE_SECONDS = 10.0

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start the verb in a process of its own, on free ports."""
    with ExitStack() as stack:

        def start(*flags: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", COMMAND, "emulator", "--port", "0", "--files-port", "0", *flags]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def environment(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read the environment lines that the verb prints on stderr."""
    assert process.stderr is not None
    found: dict[str, str] = {}
    deadline = threading.Timer(DEADLINE_SECONDS, process.kill)
    deadline.start()
    while "SYNCD_DOWNLOAD_ORIGINS" not in found:
        line = process.stderr.readline()
        assert line, "the verb ended without saying where it is"
        found |= dict(re.findall(r"(SYNCD_\w+)=(\S+)", line))
    deadline.cancel()
    return found


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(run: Run, tmp_path: Path, ending: signal.Signals) -> None:
    ids_file = tmp_path / "ids"
    process = run(
        "--transcripts", "3", "--over", "0", "--ids-file", str(ids_file), "--key", "k=space", "--error-first", "1"
    )
    told = environment(process)
    assert process.stdout is not None
    ids = [str(uuid.UUID(process.stdout.readline().strip())) for _ in range(3)]
    url = f"{told['SYNCD_API_URL']}/api/v1/transcript/{ids[0]}/"
    key = {"Authorization": f"Token {told['SYNCD_API_KEY']}"}
    assert [httpx.get(url, headers=key, trust_env=False).status_code for _ in range(2)] == [503, 200]
    assert told["SYNCD_API_KEY"] == "k"
    assert told["SYNCD_DOWNLOAD_ORIGINS"] != told["SYNCD_API_URL"]
    assert ids_file.read_text().split() == ids
    process.send_signal(ending)
    assert process.wait(DEADLINE_SECONDS) == 0


def test_a_taken_port_is_told_in_one_line(run: Run) -> None:
    first = run()
    port = environment(first)["SYNCD_API_URL"].rpartition(":")[2]
    _, told = run("--port", port).communicate(timeout=DEADLINE_SECONDS)
    assert "Cannot listen" in told
    assert "Traceback" not in told


def test_every_fault_has_a_flag() -> None:
    app = typer.Typer()
    app.command()(emulator)
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).output
    for field in fields(Faults):
        assert f"--{field.name.replace('_', '-')}" in shown
