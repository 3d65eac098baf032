"""Columns that hold the words of an enum, and the descriptions of tables."""

from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from syncd.core.transcript import ContentState
from syncd.db.engine import Connection, database_now
from syncd.db.tables import metadata
from syncd.db.tables.recall import Transcripts


def test_a_column_of_words_is_read_as_the_enum(connection: Connection) -> None:
    id_ = uuid4()
    values = {"transcript_id": id_, "workspace": "default", "first_seen_at": database_now(connection)}
    connection.execute(insert(Transcripts).values(values | {"metadata": {"a": 1}}))
    columns = (Transcripts.payload_state, Transcripts.provider_data_state, Transcripts.metadata)
    row = connection.execute(select(*columns).where(Transcripts.transcript_id == id_)).one()
    assert row == (ContentState.PENDING, None, {"a": 1})
    assert isinstance(row[0], ContentState)


def test_a_word_that_is_not_of_the_enum_is_refused_when_it_is_read(connection: Connection) -> None:
    id_ = uuid4()
    values = {"transcript_id": id_, "workspace": "default", "first_seen_at": database_now(connection)}
    connection.execute(insert(Transcripts).values(values))
    connection.execute(update(Transcripts).values(payload_state="elsewhere"))
    with pytest.raises(ValueError, match="elsewhere"):
        connection.execute(select(Transcripts.payload_state)).all()


def test_every_table_is_described_by_its_docstring() -> None:
    assert {table.name for table in metadata.sorted_tables if not table.comment} == set()
