"""What the tables have in common: their two schemas, and which column type each Python type has."""

from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import Boolean, DateTime, Dialect, Double, Integer, Table, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase

from syncd.core.transcript import ContentState, FileKind, Stage

CONTROL = "syncd"
DATA = "recall"

Word = TypeVar("Word", bound=StrEnum)


class EnumText(TypeDecorator[Word], Generic[Word]):
    """A text column whose values are the words of a StrEnum. Reading any other word raises ValueError."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Word | str | None, dialect: Dialect) -> str | None:
        """The word as plain text."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Word | None:
        """The text as a word."""
        return None if value is None else self.words(value)


class Base(DeclarativeBase):
    """A table; its docstring is the table's comment in the database."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy declares it as no ClassVar
        bool: Boolean,
        datetime: DateTime(timezone=True),
        float: Double,
        object: JSONB(none_as_null=True),
        str: Text,
        list[bool | None]: ARRAY(Boolean),
        list[float | None]: ARRAY(Double),
        list[int | None]: ARRAY(Integer),
        list[str | None]: ARRAY(Text),
        list[str]: ARRAY(Text),
        ContentState: EnumText(ContentState),
        FileKind: EnumText(FileKind),
        Stage: EnumText(Stage),
    }


def table_of(entity: type[Base]) -> Table:
    """The Core table behind a class, for what asks for one: COPY, grants, comments."""
    table = entity.__table__
    if not isinstance(table, Table):  # pragma: no cover: no class is mapped to anything else
        raise TypeError(entity)
    return table
