"""How fast a finished backlog arrives when the rate limit is out of the way: `python bench/throughput.py [count]`.

Everything is real but Recall: the daemon's own process, the embedded Postgres with its default durability, HTTP over
loopback. Prints one line; compare lines of one machine and one run only.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from syncd.db import intake, schema
from syncd.db.engine import make_engine
from syncd.demo.emulator import Emulator, EmulatorOptions, Script, mixed_world
from syncd.embedded import running

NO_LIMIT = 600_000


def backlog(count: int) -> list[Script]:
    """Finished transcripts of all kinds that have an end."""
    scripts = mixed_world(2 * count, over_seconds=0.0, seed=1)
    ending = [s for s in scripts if s.finishes_after is not None and s.end not in ("quarantined", "not_found")]
    return ending[:count]


def main(count: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        running(Path(directory) / "postgres") as url,
        Emulator(EmulatorOptions(retrieve_limit=NO_LIMIT)) as emulator,
    ):
        engine = make_engine(url)
        schema.migrate(engine)
        ids = [emulator.add(script) for script in backlog(count)]
        with engine.begin() as connection:
            intake.track(connection, ids, "default")
        environment = {
            "PATH": os.environ["PATH"],
            "SYNCD_DATABASE_URL": url,
            "SYNCD_API_URL": emulator.api_url,
            "SYNCD_API_KEY": "demo-key",
            "SYNCD_DOWNLOAD_ORIGINS": emulator.files_url,
            "SYNCD_RETRIEVE_LIMIT": str(NO_LIMIT),
            "SYNCD_LOG_LEVEL": "error",
        }
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "syncd", "run", "--until-idle"], env=environment, check=True)
        took = time.monotonic() - began
        retrieves = sum(request.route == "retrieve" for request in emulator.requests())
        engine.dispose()
    print(f"{count} transcripts in {took:.1f} s ({count / took:.0f}/s), {retrieves / count:.2f} retrieves each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
