"""How fast finished files become rows: `python -m bench.ingest`, with `--help` for its options.

The files come over loopback HTTP into a Postgres with its default durability (bench/databases.py), once by syncd, in
one process and in several, and once by each of the other tools that are installed (`make bench` installs them). Whole
processes are timed, from their start to their exit. All take turns within a run, and ratios are taken within a run.
Prints one line of JSON, with medians.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.databases import Databases, databases
from bench.ingest import profile
from bench.ingest.contenders import DLT, PEERS
from bench.ingest.turns import in_processes, rates, ratios, take_turns, used
from bench.recall import Corpus, serving

FILES_OF = ("deepgram_async", "aws_transcribe_streaming")
"""One whose file is a single message, and one that sends thousands, most of them preliminary."""
MORE, PAGES = 2, 8
"""So many times more files for several processes, on so many pages of the list."""
SMALLER, MANY = 40, 10
"""So many times fewer words in a small transcript, and so many times more of them."""


@dataclass(frozen=True)
class Options:
    """What is measured: the files, how many runs, and with how many processes."""

    count: int = 40
    words: int = 9000
    runs: int = 3
    processes: Sequence[int] = (1, 2, 4)
    is_profile: bool = False


def main(options: Options) -> Mapping[str, object]:
    """Run everything; what to print."""
    with databases() as server:
        return {
            "bench": "ingest",
            "runs": options.runs,
            **_transcripts(server, options),
            **_processes(server, options),
            "small": _small(server, options),
            "providers": _providers(server, options),
        }


def _transcripts(server: Databases, options: Options) -> dict[str, object]:
    with serving(Corpus(options.count, options.words)) as served:
        found = take_turns(server, served, PEERS, options.runs)
    return {
        "words": served.words,
        "raw_bytes": served.bytes,
        **{f"{name}_words_per_s": rate for name, rate in rates(found, served.words).items()},
        **ratios(found),
        "used": used(found, served.words),
    }


def _processes(server: Databases, options: Options) -> dict[str, object]:
    """A process claims all that has finished on a page, so that the work has to be on several pages."""
    count = options.count * MORE
    with serving(Corpus(count, options.words, page_size=max(count // PAGES, 1))) as served:
        found = in_processes(server, served, options.processes, options.runs)
    return {"processes": rates(found, served.words), "used_by_processes": used(found, served.words)}


def _small(server: Databases, options: Options) -> dict[str, object]:
    corpus = Corpus(options.count * MANY, max(options.words // SMALLER, 1))
    with serving(corpus) as served:
        found = take_turns(server, served, (), options.runs)
    rate = rates(found, corpus.count)["syncd"]
    return {"transcripts": corpus.count, "words_each": corpus.words, "syncd_transcripts_per_s": rate}


def _providers(server: Databases, options: Options) -> dict[str, object]:
    found: dict[str, object] = {}
    for provider in FILES_OF:
        with serving(Corpus(options.count, options.words, provider)) as served:
            runs = take_turns(server, served, (DLT,), options.runs)
        megabytes = {f"{name}_mb_per_s": round(rate / 1e6, 2) for name, rate in rates(runs, served.bytes).items()}
        found[provider] = {"raw_bytes": served.bytes, **megabytes, **ratios(runs)}
    return found


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the arguments, those of the process where None. Exits where they cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=Options.count, help="transcripts")
    parser.add_argument("--words", type=int, default=Options.words, help="words in each")
    parser.add_argument("--runs", type=int, default=Options.runs)
    parser.add_argument("--processes", type=int, nargs="*", default=Options.processes, help="how many at once")
    parser.add_argument("--profile", action="store_true", help="print where one process spends its time, instead")
    given = parser.parse_args(arguments)
    return Options(given.count, given.words, given.runs, tuple(given.processes), given.profile)


if __name__ == "__main__":
    options = parse()
    print(json.dumps(profile.main(Corpus(options.count, options.words)) if options.is_profile else main(options)))
