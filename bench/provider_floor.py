"""What a provider's file costs at least: `python -m bench.provider_floor`.

Of one file each of two providers, 9,000 words: processor time to read it into rows, and that of Postgres for the COPY
of these rows alone, with the messages as `jsonb` as they are kept, as `json`, which Postgres only looks through, and
without them. Nothing else is done: no download, no other table, no commit of ours. Prints one line of JSON, seconds.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psutil
from msgspec import Raw, structs

from bench.databases import databases
from bench.stack import Emulator, Scenario
from syncd.core.reading.provider_file import RawPart
from syncd.core.reading.vendors import read_provider_content
from syncd.db.content import provider_parts
from syncd.db.engine import Connection, make_engine

FLOOR_PROVIDERS = ("deepgram_async", "aws_transcribe_streaming")
FLOOR_WORDS, FLOOR_TIMES = 9000, 10


def main() -> dict[str, Any]:
    """Read and copy a file of each; the figures."""
    with databases() as server, server.fresh() as url:
        engine = make_engine(url)
        with Emulator() as emulator, engine.connect() as connection:
            found = {provider: _figures(connection, emulator, provider) for provider in FLOOR_PROVIDERS}
        engine.dispose()
    return {"bench": "provider_floor", "providers": found}


def _figures(connection: Connection, emulator: Emulator, provider: str) -> dict[str, float]:
    file = (
        emulator.expected(emulator.add(Scenario(words=FLOOR_WORDS, seed=1, provider=provider))).provider_data or b""
    )
    parts, heard, _ = read_provider_content(file, provider)
    without = [structs.replace(part, raw=Raw(b"null")) for part in parts if isinstance(part, RawPart)]

    def copy(rows: Any) -> Callable[[], None]:  # parts, as read
        return lambda: _copy(connection, rows, heard)

    read_s = _mean_s(lambda: read_provider_content(file, provider), time.process_time)
    used = _used_by_server(connection)
    figures = {"bytes": len(file), "read_s": read_s, "copy_jsonb_s": _mean_s(copy(parts), used)}
    connection.exec_driver_sql("alter table recall.provider_parts alter column data type json")
    figures |= {"copy_json_s": _mean_s(copy(parts), used), "copy_without_s": _mean_s(copy(without), used)}
    connection.rollback()
    return figures


def _copy(connection: Connection, parts: Any, heard: Any) -> None:
    with connection.begin_nested() as only_here:
        id_ = uuid4()
        connection.exec_driver_sql(
            "insert into recall.transcripts (transcript_id, workspace, first_seen_at) values (%s, 'bench', now())",
            (id_,),
        )
        provider_parts.replace_parts(connection, id_, parts, heard)
        only_here.rollback()


def _used_by_server(connection: Connection) -> Callable[[], float]:
    """Processor seconds of the server process behind a connection, so far."""
    process = psutil.Process(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())
    return lambda: sum(process.cpu_times()[:2])


def _mean_s(act: Callable[[], object], clock: Callable[[], float]) -> float:
    act()
    began = clock()
    for _ in range(FLOOR_TIMES):
        act()
    return round((clock() - began) / FLOOR_TIMES, 3)


if __name__ == "__main__":
    print(json.dumps(main()))
