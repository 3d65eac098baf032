"""Singer's target-postgres behind the cheapest tap there can be: it puts each file into a record as it came.

A record is a transcript, and its utterances one `jsonb`. With a record for each utterance, or for each word, the
target is 3 and 11 times slower; with `INSERT` in place of its own COPY, half as slow again.

`with_singer.py DATABASE_URL < addresses.json`
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


def configuration(url: str) -> dict[str, object]:
    """The target's settings. Columns about the load itself are left out, which is faster."""
    return {
        "sqlalchemy_url": url.replace("postgresql://", "postgresql+psycopg://"),
        "default_target_schema": "loaded",
        "use_copy": True,
        "add_record_metadata": False,
        "activate_version": False,
    }


def main(database_url: str) -> int:
    """Write all messages to the target; its exit code."""
    given = json.load(sys.stdin)
    Path("config.json").write_text(json.dumps(configuration(database_url)), encoding="utf-8")
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
    sys.exit(main(sys.argv[1]))
