"""The demo, as a newcomer runs it: twice in a row, and nothing is left running."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest


def left_running(directory: str) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        command = " ".join(process.info["cmdline"] or [])
        if directory in command or directory in (process.info["cwd"] or ""):
            found.append(command)
    return found


@pytest.mark.long
@pytest.mark.timeout(700)  # it runs the whole demo twice, with a time-out for each
@pytest.mark.usefixtures("in_memory")
def test_the_demo_works_twice_and_leaves_nothing_running() -> None:
    with tempfile.TemporaryDirectory(prefix="syncd-demo-") as directory:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-m", "syncd", "demo", "--directory", f"{directory}/demo"],
                env={"PATH": os.environ["PATH"], "HOME": directory, "SYNCD_API_KEY": "of-somebody-else"},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        assert "36 of 36 have reached their end" in done.stdout
        for answer in (r"done +loaded +32", r"deleted +deleted +1", r"failed +provider_connection_failed +failed +1"):
            assert re.search(answer, done.stdout), done.stdout
        assert left_running(directory) == []
        explore = done.stdout.rsplit("Go on exploring:", 1)[1].split()
        again = subprocess.run(
            [sys.executable, "-m", "syncd", *explore[1:], "--", "-Atc", "select count(*) from recall.transcripts"],
            env={"PATH": os.environ["PATH"], "HOME": directory},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert again.stdout.strip() == "36", again.stderr
        assert left_running(directory) == []
        assert Path(directory, "demo", "daemon.log").stat().st_size > 0
