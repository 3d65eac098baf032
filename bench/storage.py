"""What a word costs on the disk: `python -m bench.storage [transcripts words]`.

Finished transcripts are loaded as `python -m bench.ingest` does it, and every table of schema `recall` is measured
after a vacuum, with its indexes and what lies out of line (TOAST): the exact bytes, the utterances with their words
and times, the index of the search, the participants, and what there is for each transcript. Prints one line of JSON,
in bytes per word: for times with the noise of 32 bit floats, as the emulator writes them, and for times in hundredths
of a second, which pack better. Few words show mostly the eight kilobytes that every table begins with.
"""

import json
import sys
from collections.abc import Mapping
from typing import LiteralString

import psycopg

from bench.databases import Databases, databases
from bench.ingest.contenders import load
from bench.recall import Corpus, serving

SIZES: LiteralString = """
    select relname, pg_relation_size(c.oid), pg_indexes_size(c.oid),
        pg_total_relation_size(c.oid) - pg_relation_size(c.oid) - pg_indexes_size(c.oid)
    from pg_class as c
    where relkind = 'r' and relnamespace = 'recall'::regnamespace
    order by pg_total_relation_size(c.oid) desc, relname
"""
PARTS = ("rows", "indexes", "toast")
DECIMALS = 2
LEAST = 0.05
"""Bytes per word below which a table is not shown by itself."""


def main(count: int, words: int) -> Mapping[str, object]:
    """Load and measure; what to print."""
    with databases() as server:
        noisy, rounded = (measured(server, Corpus(count, words, decimals=each)) for each in (None, DECIMALS))
    return {"bench": "storage", "words": count * words, **noisy, "rounded_times": rounded}


def measured(server: Databases, corpus: Corpus) -> Mapping[str, object]:
    """Bytes per word of one corpus, by table."""
    with serving(corpus) as served, server.fresh() as url:
        load(server, url, served)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
            sizes = {name: [size / served.words for size in parts] for name, *parts in connection.execute(SIZES)}
    shown = {name: parts for name, parts in sizes.items() if sum(parts) >= LEAST}
    total = sum(map(sum, sizes.values()))
    tables = {
        name: {"all": round(sum(parts), 1), **dict(zip(PARTS, (round(part, 1) for part in parts), strict=True))}
        for name, parts in shown.items()
    }
    return {
        "raw_bytes_per_word": round(served.bytes / served.words, 1),
        "bytes_per_word": round(total, 1),
        "tables": tables,
        "other_tables": round(total - sum(map(sum, shown.values())), 1),
    }


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    print(json.dumps(main(*((given[0], given[1]) if given else (Corpus.count, Corpus.words)))))
