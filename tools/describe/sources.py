"""dbt/models/sources.yml: the tables and views as sources of a dbt project, with descriptions and tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from syncd.core.transcript import ContentState, FileKind
from tools.describe.catalog import Catalog, Column, Relation, listed_values

SOURCE = "recall"
_STATES = [str(state) for state in ContentState]
_VALUES = {
    ("transcripts", "payload_state"): _STATES,
    ("transcripts", "provider_data_state"): _STATES,
    ("payloads", "kind"): [str(kind) for kind in FileKind],
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """Which column tells how old the newest row is, and from when on that is worth a word."""

    column: str
    warn_after_h: int
    error_after_h: int


# Long enough for a night; a weekend without meetings warns, and three days of silence are an error.
_FRESHNESS = {"transcripts": Freshness("loaded_at", 24, 72), "events": Freshness("occurred_at", 24, 72)}
_HEAD = f"""\
# The tables and views that syncd keeps. Written by make docs; do not edit.
version: 2

sources:
  - name: {SOURCE}
    description: Transcripts of Recall.ai, kept by syncd.
    database: "{{{{ var('syncd_database', target.database) }}}}"
    schema: "{{{{ var('syncd_schema', 'recall') }}}}"
    tables:
"""


def dbt_sources(catalog: Catalog) -> str:
    """The whole file."""
    lines = [line for relation in catalog.relations for line in _relation(catalog, relation)]
    return _HEAD + "\n".join(lines) + "\n"


def _relation(catalog: Catalog, relation: Relation) -> Iterator[str]:
    yield f"      - name: {relation.name}"
    yield f"        description: {_quoted(relation.purpose)}"
    if freshness := _FRESHNESS.get(relation.name):
        yield "        config:"
        yield f"          loaded_at_field: {freshness.column}"
        yield "          freshness:"
        yield f"            warn_after: {{count: {freshness.warn_after_h}, period: hour}}"
        yield f"            error_after: {{count: {freshness.error_after_h}, period: hour}}"
    yield "        columns:"
    for column in catalog.columns_of(relation.name):
        yield f"          - name: {column.name}"
        yield f"            description: {_quoted(column.description)}"
        yield f"            data_type: {_quoted(column.type)}"
        tests = list(_tests(catalog, column))
        if tests:
            yield "            data_tests:"
            yield from (f"              {line}" for line in tests)


def _tests(catalog: Catalog, column: Column) -> Iterator[str]:
    primary = catalog.primary_key(column.relation)
    if column.name in primary:
        yield "- not_null"
    if primary == [column.name] or any(
        made.columns == [column.name] for made in catalog.constraints_of(column.relation, "unique")
    ):
        yield "- unique"
    if values := _accepted(catalog, column):
        yield "- accepted_values:"
        yield "    arguments:"
        yield f"      values: {json.dumps(values)}"
    for made in catalog.constraints_of(column.relation, "foreign key"):
        if made.columns == [column.name]:
            yield "- relationships:"
            yield "    arguments:"
            yield f"      to: source('{SOURCE}', '{made.target}')"
            yield f"      field: {made.target_columns[0]}"


def _accepted(catalog: Catalog, column: Column) -> list[str]:
    """The only values a column may have, known from the code or from a check."""
    for made in catalog.constraints_of(column.relation, "check"):
        listed = listed_values(made.definition)
        if listed and listed[0] == column.name:
            return listed[1]
    return _VALUES.get((column.relation, column.name), [])


def _quoted(text: str) -> str:
    """A string as YAML reads it; braces would be Jinja to dbt."""
    return json.dumps(text.replace("{{", "{ {").replace("{%", "{ %"), ensure_ascii=False)
