"""The command under what shells, cron jobs and monitors do to it: closed streams, other encodings, early ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

GONE = "GONE"
SYNCD = f"'{sys.executable}' -m syncd"


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        encoding="latin-1",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        (f"{SYNCD} grants <&- >&-", 0),
        (f"{SYNCD} grants 2>&- | grep -q syncd_analyst", 0),
        (f"{SYNCD} track 2>&- <&-", 1),
        (f"{SYNCD} nonsense <&- >&- 2>&-", 2),
        (f"{SYNCD} grants | true", 1),
        (f"{SYNCD} --help 2>&1 | true", 1),
        (f"{SYNCD} grants > /dev/full", 74),
        (f"{SYNCD} status --check > /dev/full", 3),
        (f"{SYNCD} status --check --overdue soon", 3),
        (f"mkdir '{GONE}' && cd '{GONE}' && rmdir '{GONE}' && SYNCD_STATE_DIR=here {SYNCD} status", 78),
    ],
)
def test_closed_streams_and_broken_pipes_are_no_fault(command: str, exit_code: int, tmp_path: Path) -> None:
    done = shell(command.replace(GONE, str(tmp_path / "gone")), SYNCD_DATABASE_URL="")
    assert (done.returncode, "Traceback" in done.stderr, "Exception" in done.stderr) == (exit_code, False, False)
    if exit_code == 74:
        assert done.stderr == "syncd: The output cannot be written: No space left on device. [SYNCD-OUTPUT]\n"
    if exit_code == 3 and ">" not in command:
        assert (done.stdout[:16], done.stdout.count("\n")) == ("SYNCD UNKNOWN - ", 1)


def test_a_closed_stream_is_not_given_to_a_connection(database_url: str) -> None:
    # what is printed on standard error would go to the server: the first file that is opened gets its number
    done = shell(f"{SYNCD} track - <&- 2>&-; {SYNCD} status >&- 2>&-", SYNCD_DATABASE_URL=database_url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_an_encoding_lacks_is_written_out(database_url: str, encoding: str) -> None:
    done = shell(
        f"{SYNCD} track '\u0142\u00e4\u4f60' 2>&1; {SYNCD} emulator --help",
        SYNCD_DATABASE_URL=database_url,
        PYTHONIOENCODING=encoding,
    )
    assert ("Traceback" in done.stdout + done.stderr, done.returncode) == (False, 0)
    if encoding == "latin-1":  # in place of ascii typer takes UTF-8
        assert "'\\u0142\u00e4\\u4f60' is no transcript id" in done.stdout


def test_an_interruption_has_its_exit_code_and_no_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ids")
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", "track", "--file", str(tmp_path / "ids")], stderr=subprocess.PIPE, text=True
    )
    with (tmp_path / "ids").open("w"):  # both sides wait here for each other
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120)[1] == ""
    assert process.returncode == 130


def test_an_interruption_that_was_ignored_stays_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ids")
    command = f"trap '' INT; exec {SYNCD} track --file '{tmp_path}/ids'"
    nowhere = {"PATH": os.environ["PATH"], "SYNCD_DATABASE_URL": "postgresql://u@127.0.0.1:1/d"}
    process = subprocess.Popen(["bash", "-c", command], env=nowhere, stderr=subprocess.PIPE, text=True)
    with (tmp_path / "ids").open("w"):
        process.send_signal(signal.SIGINT)
    assert "does not answer" in process.communicate(timeout=120)[1]
    assert process.returncode == 69
