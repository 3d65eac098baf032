"""`python -m bench.ingest [--count N] [--words N] [--runs N] [--processes 1,2,4]`: how fast files become rows.

Finished transcripts come over loopback HTTP into a Postgres with its default durability (bench/databases.py). Whole
processes are timed, from their start to their exit. Within a run all take turns; ratios are taken within a run, and
the medians of the runs are printed, as one line of JSON.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.databases import databases
from bench.ingest.contenders import syncd
from bench.recall import Corpus, serving

PROCESSES = (1, 2, 4)


@dataclass(frozen=True)
class Options:
    """What is measured: the files, how many runs, and with how many processes."""

    corpus: Corpus = field(default_factory=Corpus)
    runs: int = 3
    processes: Sequence[int] = PROCESSES


def main(options: Options) -> str:
    """Run everything; the line to print."""
    found: dict[int, list[float]] = {count: [] for count in options.processes}
    with databases() as server, serving(options.corpus) as served:
        for _ in range(options.runs):
            for count, rates in found.items():
                rates.append(syncd(server, served, count))
    medians = {str(count): round(median(each)) for count, each in found.items()}
    line = {"bench": "ingest", "words": served.words, "raw_bytes": served.bytes, "processes": medians}
    return json.dumps({**line, "syncd_words_per_s": medians.get("1")})


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the arguments, those of the process where None. Exits where they cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest")
    parser.add_argument("--count", type=int, default=Corpus.count, help="transcripts")
    parser.add_argument("--words", type=int, default=Corpus.words, help="words in each")
    parser.add_argument("--runs", type=int, default=Options.runs)
    parser.add_argument("--processes", default="1,2,4", help="how many at once, with commas")
    given = parser.parse_args(arguments)
    counts = tuple(int(word) for word in given.processes.split(","))
    return Options(Corpus(given.count, given.words), given.runs, counts)


if __name__ == "__main__":
    print(main(parse()))
