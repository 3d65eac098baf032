"""All contenders in turns, and what their runs say together."""

from collections.abc import Mapping, Sequence
from statistics import median

from bench.databases import Databases
from bench.ingest.contenders import Peer, Run, run_peer, run_syncd
from bench.recall import Served

OWN = "syncd"
Runs = Mapping[str, Sequence[Run]]
"""Of each contender its runs, in the order of turns: those of one place in the order belong together."""


def take_turns(databases: Databases, served: Served, peers: Sequence[Peer], runs: int) -> Runs:
    """So many runs of each: syncd in one process, and those of the peers that are installed."""
    found: dict[str, list[Run]] = {}
    for _ in range(runs):
        found.setdefault(OWN, []).append(run_syncd(databases, served))
        for peer in peers:
            if peer.is_installed:
                found.setdefault(peer.name, []).append(run_peer(databases, served, peer))
    return found


def in_processes(databases: Databases, served: Served, counts: Sequence[int], runs: int) -> Runs:
    """So many runs of syncd, in each of these numbers of processes."""
    found: dict[str, list[Run]] = {}
    for _ in range(runs):
        for count in counts:
            found.setdefault(str(count), []).append(run_syncd(databases, served, count))
    return found


def rates(found: Runs, amount: int) -> dict[str, float]:
    """Of each contender, how much of this amount in a second: the median of its runs."""
    return {name: round(median(amount / run.seconds for run in runs)) for name, runs in found.items()}


def ratios(found: Runs) -> dict[str, float]:
    """So many times as fast as each other is syncd in one process: the median of the ratios within each run."""
    return {
        f"ratio_{name}": round(median(map(_ratio, found[OWN], runs)), 3)
        for name, runs in found.items()
        if name != OWN
    }


def _ratio(own: Run, other: Run) -> float:
    return other.seconds / own.seconds


def used(found: Runs, words: int) -> dict[str, dict[str, float]]:
    """Of each contender: processor seconds of its processes and of Postgres, and bytes kept per word."""
    return {
        name: {
            "cpu_s": round(median(run.cpu_s for run in runs), 2),
            "postgres_cpu_s": round(median(run.postgres_cpu_s for run in runs), 2),
            "kept_bytes_per_word": round(median(run.kept_bytes for run in runs) / words, 1),
        }
        for name, runs in found.items()
    }
