"""What every benchmark runs in: a throwaway Postgres, an emulated Recall, and ids that are tracked already.

The one place of bench/ that imports the emulator.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import uuid
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from recall_emulator import Emulator, EmulatorOptions, Scenario, mixed_scenarios
from recall_emulator.meeting import make_meeting
from recall_emulator.payload import transcript_of, written
from recall_emulator.timestamps import timestamp
from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.db.queue import tracking
from syncd.embedded import running

__all__ = [
    "DAEMON",
    "Emulator",
    "EmulatorOptions",
    "Scenario",
    "daemons",
    "fullest_minute",
    "hand_in",
    "loaded_at",
    "make_meeting",
    "mixed_scenarios",
    "reap",
    "stack",
    "timestamp",
    "transcript_of",
    "written",
]

DAEMON = [sys.executable, "-m", "syncd", "run"]
STOP_S = 30.0
"""How long a daemon may take to stop."""


def fullest_minute(at: Sequence[float]) -> int:
    """The most of these moments, seconds, that lie within one minute."""
    at = sorted(at)
    return max((bisect_left(at, start + 60) - n for n, start in enumerate(at)), default=0)


@contextlib.contextmanager
def stack(options: EmulatorOptions, scenarios: Sequence[Scenario]) -> Iterator[tuple[Emulator, dict[str, str]]]:
    """The emulator, and the environment for a daemon that talks to it."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        running(Path(directory) / "postgres") as url,
        Emulator(options) as emulator,
    ):
        engine = make_engine(url)
        schema.migrate(engine)
        engine.dispose()
        hand_in(emulator, url, scenarios)
        yield (
            emulator,
            {
                "PATH": os.environ["PATH"],
                "SYNCD_DATABASE_URL": url,
                "SYNCD_API_URL": emulator.api_url,
                "SYNCD_API_KEY": "demo-key",
                "SYNCD_DOWNLOAD_ORIGINS": emulator.files_url,
                "SYNCD_LOG_LEVEL": "error",
            },
        )


def hand_in(emulator: Emulator, url: str, scenarios: Sequence[Scenario]) -> list[uuid.UUID]:
    """Add them to the emulator and track them; their ids."""
    ids = [emulator.add(scenario) for scenario in scenarios]
    engine = make_engine(url)
    with engine.begin() as connection:
        tracking.track(connection, ids, "default")
    engine.dispose()
    return ids


def loaded_at(url: str) -> dict[uuid.UUID, float]:
    """When each was loaded of which no file is missing, seconds since the epoch."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select transcript_id, extract(epoch from loaded_at)::float8 from recall.transcripts"
            " where payload_state in ('loaded', 'empty') and provider_data_state in ('loaded', 'none')"
        )
        return dict(rows.fetchall())


@contextlib.contextmanager
def daemons(count: int, environment: dict[str, str]) -> Iterator[None]:
    """So many `syncd run`, stopped in the end, and killed if they do not stop."""
    started = [subprocess.Popen(DAEMON, env=environment) for _ in range(count)]  # noqa: S603  our own command
    try:
        yield
    finally:
        for daemon in started:
            daemon.terminate()
        for daemon in started:
            reap(daemon)


def reap(daemon: subprocess.Popen[bytes]) -> None:
    """Wait for the end of one that was told to stop; kill it where it does not."""
    try:
        daemon.wait(STOP_S)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
