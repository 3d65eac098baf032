"""The real command in a process of its own, forked from one that has imported syncd already.

It does what `python -m syncd` does, but for the second of imports; tests/cli/test_start.py starts the command itself.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import syncd.cli.run as run_command
from syncd.cli import main
from syncd.cli.app import COMMANDS

TIMEOUT_S = 280.0
"""Below the time-out of a test, so that the command is ended and what it said is shown."""
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["__main__", *(f"syncd.cli.{name}" for name in COMMANDS)])


def run(
    arguments: Sequence[str], environment: Mapping[str, str], directory: Path, stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name, stream) for stream in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin, encoding="utf-8")
        process = _SERVER.Process(target=_command, args=(arguments, dict(environment), directory, files))
        process.start()
        process.join(TIMEOUT_S)
        is_late = process.exitcode is None
        if is_late:
            process.kill()
            process.join()
        output, errors = (file.read_text(encoding="utf-8") if file.exists() else "" for file in files[1:])
        code = process.exitcode
        process.close()
    if is_late or code is None:
        raise subprocess.TimeoutExpired(list(arguments), TIMEOUT_S, output, errors)
    return subprocess.CompletedProcess(list(arguments), code, output, errors)


def _command(arguments: Sequence[str], environment: dict[str, str], directory: Path, files: list[Path]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    for number, file in enumerate(files):
        os.dup2(os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    # the streams are those of the new process, and buffered as they are for a pipe
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.argv = ["syncd", *arguments]
    vars(run_command)["STARTED_AT"] = time.monotonic()  # from where --timeout counts
    main()
