"""The least that keeps the files: gzip, one COPY, one commit. Nothing is read, and nothing can be asked.

`with_copy.py DATABASE_URL < addresses.json`, in our own environment
"""

import gzip
import json
import sys
import urllib.request
import uuid

import psycopg


def main(database_url: str) -> None:
    """Copy all of them."""
    given = json.load(sys.stdin)
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("create table files (id uuid primary key, content bytea)")
        with cursor.copy("copy files from stdin (format binary)") as copy:
            copy.set_types(["uuid", "bytea"])
            for id_, url in zip(given["ids"], given["urls"], strict=True):
                with urllib.request.urlopen(url) as answer:  # noqa: S310  an address that the benchmark has given
                    copy.write_row((uuid.UUID(id_), gzip.compress(answer.read(), compresslevel=6)))


if __name__ == "__main__":
    main(sys.argv[1])
