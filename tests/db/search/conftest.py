"""Load meetings, and search them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from syncd.core.reading.talk_time import reckon
from syncd.db.content import utterances
from syncd.db.engine import Connection, psycopg_connection
from tests.db.search.meetings import T0, Load, meeting


@pytest.fixture
def load(connection: Connection) -> Load:
    """Loads a meeting from its utterances: texts, or pairs of a text and its language. One word a second."""

    def load_one(
        *turns: str | tuple[str, str | None],
        number: int = 1,
        speakers: Sequence[str] = ("Ada", "Bo"),
        **columns: object,
    ) -> UUID:
        id_ = UUID(int=number)
        row = {"workspace": "default", "created_at": T0, "provider": "rev_async", "options": "{}"} | columns
        psycopg_connection(connection).execute(
            "insert into recall.transcripts (transcript_id, first_seen_at, workspace, created_at, provider, options)"
            " values (%s, now(), %s, %s, %s, %s)",
            (id_, row["workspace"], row["created_at"], row["provider"], row["options"]),
        )
        payload = meeting(turns, speakers)
        utterances.replace_utterances(connection, id_, payload, reckon(payload))
        return id_

    return load_one


@pytest.fixture
def search(connection: Connection) -> Callable[..., list[Any]]:
    """Queries recall.search; further arguments by name."""

    def ask(query: str | None, **arguments: object) -> list[Any]:
        named = "".join(f", {name} => %({name})s" for name in arguments)
        return list(
            connection.exec_driver_sql(
                f"select * from recall.search(%(query)s{named})", {"query": query, **arguments}
            )
        )

    return ask
