"""What every benchmark runs in: a throwaway Postgres, an emulated Recall, and ids that are tracked already."""

import contextlib
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from recall_emulator import Emulator, EmulatorOptions, Scenario
from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.db.queue import tracking
from syncd.embedded import running


def fullest_minute(at: Sequence[float]) -> int:
    """The most of these moments, seconds, that lie within one minute."""
    at = sorted(at)
    return max((bisect_left(at, start + 60) - n for n, start in enumerate(at)), default=0)


@contextlib.contextmanager
def world(options: EmulatorOptions, scripts: Sequence[Scenario]) -> Iterator[tuple[Emulator, dict[str, str]]]:
    """The emulator, and the environment for a daemon that talks to it."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        running(Path(directory) / "postgres") as url,
        Emulator(options) as emulator,
    ):
        engine = make_engine(url)
        schema.migrate(engine)
        ids = [emulator.add(script) for script in scripts]
        with engine.begin() as connection:
            tracking.track(connection, ids, "default")
        engine.dispose()
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
