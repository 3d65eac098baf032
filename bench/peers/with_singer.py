"""Singer's target-postgres behind the cheapest tap there can be: it puts each file into a record as it came.

A record is a transcript, and its utterances one `jsonb`. With a record for each utterance, or for each word, the
target is 3 and 11 times slower. Its own settings are what somebody has who changes none: INSERT, and columns about
the load in every row. With `--fastest` it has its fastest ones.

`with_singer.py [--fastest] DATABASE_URL < addresses.json`
"""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

SCHEMA = {
    "type": "SCHEMA",
    "stream": "transcripts",
    "key_properties": ["id"],
    "schema": {"type": "object", "properties": {"id": {"type": "string"}, "utterances": {"type": "array"}}},
}


WITHOUT_EXTRAS = {"use_copy": True, "add_record_metadata": False, "activate_version": False}
"""COPY in place of INSERT, and no columns about the load itself."""


def configuration(url: str) -> dict[str, object]:
    """The target's settings that it has no default for, or one that suits nobody else."""
    return {
        "sqlalchemy_url": url.replace("postgresql://", "postgresql+psycopg://"),
        "default_target_schema": "loaded",
    }


def main(database_url: str, *, is_fastest: bool) -> int:
    """Write all messages to the target; its exit code."""
    given = json.load(sys.stdin)
    settings = configuration(database_url) | (WITHOUT_EXTRAS if is_fastest else {})
    Path("config.json").write_text(json.dumps(settings), encoding="utf-8")
    target = [str(Path(sys.executable).with_name("target-postgres")), "--config", "config.json"]
    with subprocess.Popen(target, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:  # noqa: S603  ours
        assert process.stdin is not None
        process.stdin.write(json.dumps(SCHEMA).encode() + b"\n")
        for id_, url in zip(given["ids"], given["urls"], strict=True):
            with urllib.request.urlopen(url) as answer:  # noqa: S310  an address that the benchmark has given
                head = f'{{"type":"RECORD","stream":"transcripts","record":{{"id":"{id_}","utterances":'
                process.stdin.write(head.encode() + answer.read() + b"}}\n")
        process.stdin.close()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1], is_fastest="--fastest" in sys.argv))
