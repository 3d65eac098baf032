"""dlt, as its documentation shows it: JSON documents merged by key, every nested list a table of its own.

`with_dlt.py DATABASE_URL < addresses.json`
"""

import json
import re
import sys
import urllib.request
from collections.abc import Iterator

import dlt


def documents(ids: list[str], urls: list[str]) -> Iterator[dict[str, object]]:
    """Each file, read when its turn comes."""
    for id_, url in zip(ids, urls, strict=True):
        with urllib.request.urlopen(url) as answer:  # noqa: S310  an address that the benchmark has given
            yield {"id": id_, "content": json.load(answer)}


def credentials(url: str) -> str:
    """The URL with a password and a host, which dlt insists on; libpq prefers the host that its query names."""
    return re.sub("^(postgresql://[^@/:]+)@/", r"\1:none@localhost/", url)


def main(database_url: str) -> None:
    """Load all of them in one run of a pipeline."""
    given = json.load(sys.stdin)
    resource = dlt.resource(
        documents(given["ids"], given["urls"]), name="transcripts", write_disposition="merge", primary_key="id"
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=".",
        destination=dlt.destinations.postgres(credentials=credentials(database_url)),
        dataset_name="loaded",
    )
    pipeline.run(resource)


if __name__ == "__main__":
    main(sys.argv[1])
