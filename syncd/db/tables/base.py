"""What the tables have in common: their two schemas, and which column type each Python type has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, Generic, TypeVar, get_args
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import SchemaItem

from syncd.core.transcript import ContentState, FileKind, Stage

CONTROL = "syncd"
DATA = "recall"
metadata = MetaData()

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


_TYPES: Mapping[object, Any] = {  # Any: an SQL type, or its class
    bool: Boolean,
    bytes: LargeBinary,
    datetime: DateTime(timezone=True),
    float: Double,
    int: Integer,
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
    UUID: Uuid,
}


@dataclass(frozen=True)
class _Declared:
    """A column that has no name yet."""

    items: tuple[SchemaItem, ...]
    options: dict[str, Any]  # Any: those of Column

    def named(self, key: str, python_type: object) -> Column[Any]:  # Any: its own type
        """The column of this attribute; what was not said follows from its annotation."""
        kinds = set(get_args(python_type) if isinstance(python_type, UnionType) else [python_type])
        said: dict[str, Any] = {"name": key, "nullable": NoneType in kinds} | self.options
        if "type_" not in said:
            (kind,) = kinds - {NoneType}
            said["type_"] = _TYPES[kind]
        return Column(*self.items, **said)


def column(*items: SchemaItem, **options: Any) -> Any:  # a column of the type that is annotated
    """Declare a column, with what `sqlalchemy.Column` takes and the annotation does not say.

    It is annotated as ColumnClause: mypy hides a Column from whoever reads it from a class.
    """
    return _Declared(items, options)


class Base:
    """A table. Its attributes are the columns; its docstring is the table's comment in the database.

    A subclass stands for its table in every statement. It is written like one of SQLAlchemy's declarative classes,
    and needs no ORM. `schema` is the table's schema, `storage` its storage parameters.
    """

    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[SchemaItem, ...]] = ()
    """Constraints and indexes."""
    __table__: ClassVar[Table]

    def __init_subclass__(cls, *, schema: str, storage: Mapping[str, str] | None = None) -> None:
        columns = {
            key: vars(cls)[key].named(key, *get_args(annotation)) for key, annotation in cls.__annotations__.items()
        }
        items = (*columns.values(), *cls.__table_args__)
        cls.__table__ = Table(
            cls.__tablename__, metadata, *items, schema=schema, comment=cls.__doc__, postgresql_with=storage
        )
        for key, made in columns.items():
            setattr(cls, key, made)

    @classmethod
    def __clause_element__(cls) -> Table:
        """What SQLAlchemy takes the class for."""
        return cls.__table__
