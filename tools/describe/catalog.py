"""What stands in schema `recall`, as the database tells it. The same on every supported version of Postgres."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import psycopg
from psycopg.rows import class_row

SQL = Path(__file__).with_name("sql")
# What views and other functions call, and people do not.
INTERNALS = frozenset(
    {
        *("chunks_of", "freshness_of", "may_hold", "sees_workspace"),
        *(
            "search_lower",
            "search_marks",
            "search_match",
            "search_place",
            "search_signs",
            "search_text",
            "search_vector",
            "word_time",
        ),
    }
)
_LISTED = re.compile(r"\((\w+) = ANY \(ARRAY\[(.+?)\]\)\)")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view."""

    name: str
    kind: str
    has_row_security: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and how it is filled where nobody does."""

    relation: str
    name: str
    type: str
    is_nullable: bool
    filled: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key or a check; the target is where a foreign key points."""

    relation: str
    kind: str
    columns: list[str]
    target: str | None
    target_columns: list[str]
    definition: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no key has brought along."""

    relation: str
    name: str
    method: str
    is_unique: bool
    columns: list[str]
    included: list[str]
    condition: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Who sees which rows."""

    relation: str
    name: str
    command: str
    roles: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Function:
    """A function that may be called."""

    name: str
    arguments: str
    result: str
    purpose: str


class _Part(Protocol):
    @property
    def relation(self) -> str: ...


Row = TypeVar("Row")
Part = TypeVar("Part", bound=_Part)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All of it, in the order of the names."""

    relations: list[Relation]
    columns: list[Column]
    constraints: list[Constraint]
    indexes: list[Index]
    policies: list[Policy]
    functions: list[Function]

    def columns_of(self, relation: str) -> list[Column]:
        """The columns of a table or view, in their order."""
        return _of(relation, self.columns)

    def constraints_of(self, relation: str, *kinds: str) -> list[Constraint]:
        """The keys and checks of a table; of some kinds, or all."""
        return [made for made in _of(relation, self.constraints) if not kinds or made.kind in kinds]

    def indexes_of(self, relation: str) -> list[Index]:
        """The indexes of a table, without those of its keys."""
        return _of(relation, self.indexes)

    def policies_of(self, relation: str) -> list[Policy]:
        """The policies of a table."""
        return _of(relation, self.policies)

    def primary_key(self, relation: str) -> list[str]:
        """The columns of the primary key; none for a view."""
        return next((key.columns for key in self.constraints_of(relation, "primary key")), [])

    def relation(self, name: str) -> Relation:
        """The table or view of that name. Raises KeyError."""
        return {relation.name: relation for relation in self.relations}[name]


def read_catalog(url: str) -> Catalog:
    """Read the catalog of a migrated database."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path to pg_catalog")  # so that every name outside of it is written in full
        return Catalog(
            relations=_read(connection, "relations", Relation),
            columns=_read(connection, "columns", Column),
            constraints=_read(connection, "constraints", Constraint),
            indexes=_read(connection, "indexes", Index),
            policies=_read(connection, "policies", Policy),
            functions=[made for made in _read(connection, "functions", Function) if made.name not in INTERNALS],
        )


def listed_values(condition: str) -> tuple[str, list[str]] | None:
    """The column and the values of `column in ('one', 'two')`, as Postgres writes it; None for anything else."""
    found = _LISTED.search(condition)
    return (found[1], re.findall(r"'([^']*)'::text", found[2])) if found else None


def _read(connection: psycopg.Connection, name: str, kind: type[Row]) -> list[Row]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute((SQL / f"{name}.sql").read_bytes()).fetchall()


def _of(relation: str, parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.relation == relation]
