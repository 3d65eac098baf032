"""Every benchmark, one after another: `python -m bench`, or some of them: `python -m bench ingest storage`.

`python -m bench --help` lists their names.

Each is a module whose last line is a JSON document. They are collected in bench/results.json, from which
`python -m bench.document` renews docs/benchmarks.md. Exits with 1 where one has failed; its old result then stays.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.ingest.contenders import PEERS, Peer

RESULTS = Path(__file__).with_name("results.json")
SUITE: Mapping[str, Sequence[str]] = {
    "ingest": ["bench.ingest"],
    "profile": ["bench.ingest", "--profile"],
    "storage": ["bench.storage"],
    "large": ["bench.large"],
    "provider_floor": ["bench.provider_floor"],
    "backlog": ["bench.backlog"],
    "search": ["bench.search"],
    "growth": ["bench.growth", "4000000"],
    "bloat": ["bench.bloat"],
    "idle": ["bench.idle"],
    "idle_discovering": ["bench.idle", "60", "discover"],
    "outbox": ["bench.outbox"],
    "budget": ["bench.budget"],
    "kills": ["bench.kills"],
    "lag": ["bench.lag", "1", "4"],
    "lag_of_four": ["bench.lag", "4", "4"],
    "polling": ["bench.polling"],
}
"""The name of each in the results, and its module with its arguments."""

Results = dict[str, Any]  # JSON, of another shape for each benchmark


def main(names: Sequence[str], path: Path = RESULTS, commands: Mapping[str, Sequence[str]] = SUITE) -> int:
    """Run these and keep what they print; the exit code."""
    failed = []
    for line in without(names):
        print(line, flush=True)
    for name in names:
        began_s = time.monotonic()
        result = run(commands[name])
        took_s = round(time.monotonic() - began_s)
        print(f"{name}: {'failed' if result is None else 'done'} after {took_s} s", flush=True)
        if result is None:
            failed.append(name)
        else:
            keep(path, name, result | {"took_s": took_s})
    return 1 if failed else 0


def without(names: Iterable[str], peers: Iterable[Peer] = PEERS) -> Iterator[str]:
    """What is left out of these, for lack of another tool, and how to install it."""
    missing = [peer.name for peer in peers if not peer.is_installed]
    if "ingest" in names and missing:
        yield f"ingest: without {' and '.join(missing)}, which is not installed; `make bench` installs it"


def run(command: Sequence[str]) -> Results | None:
    """What a benchmark says in its last line; None where it fails, or says nothing in JSON."""
    done = subprocess.run(  # noqa: S603  our own modules
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, check=False
    )
    sys.stdout.write(done.stdout)
    if done.returncode:
        return None
    try:
        found = json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def keep(path: Path, name: str, result: Results) -> None:
    """Put one result into the file, with the machine it comes from."""
    results = read(path)
    results[name] = result | {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    }
    ordered = {known: results[known] for known in (*SUITE, *results) if known in results}
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def read(path: Path = RESULTS) -> Results:
    """All results so far."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    assert isinstance(found, dict)
    return found


def chosen(arguments: Sequence[str] | None = None) -> list[str]:
    """The names on the command line, or all. Exits where one is unknown, and says which there are."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of {', '.join(SUITE)}; all if not given")
    names: list[str] = parser.parse_args(arguments).names
    if unknown := sorted(set(names) - set(SUITE)):
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(SUITE)}")
    return names or list(SUITE)


if __name__ == "__main__":
    sys.exit(main(chosen()))
