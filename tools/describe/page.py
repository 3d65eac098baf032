"""docs/tables.md: every table, view and function on one page, with a diagram of how they hang together."""

import re
from collections.abc import Iterator

from tools.describe.arrangement import REFERENCES, Reference, arranged
from tools.describe.catalog import Catalog, Column, Constraint, Function, Index, Relation, listed_values

_HEAD = """\
# Tables

Everything in schema `recall` but for what views and other functions call, as it is described in the database itself.
Written by `make docs`; do not edit.
"""
_UNDER_THE_DIAGRAM = """\
The tables and their keys. A whole line is a foreign key, whose rows go when the transcript goes. A dotted line is a
column that names a row without one.
"""
_SHORT_TYPES = {"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp"}
_LONG = 80
_MARKUP = re.compile(r"[|*<]")
_NULL = re.compile(r" DEFAULT NULL::[\w ]+")
_RETURNS_TABLE = re.compile(r"TABLE\((.*)\)")


def tables_page(catalog: Catalog) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_contents(catalog), *_diagram(catalog), *_sections(catalog)])


def _contents(catalog: Catalog) -> Iterator[str]:
    purposes = {relation.name: relation.purpose for relation in catalog.relations}
    purposes |= {function.name: function.purpose for function in catalog.functions}
    for group in arranged(catalog):
        yield f"**{group.title}**\n"
        yield "| | |\n|---|---|"
        for name in group.names:
            yield f"| [{name}](#recall{name}) | {_cell(_first_sentence(purposes[name]))} |"
        yield ""


def _sections(catalog: Catalog) -> Iterator[str]:
    relations = {relation.name: relation for relation in catalog.relations}
    for group in arranged(catalog):
        yield f"## {group.title}\n"
        for name in group.names:
            yield f"### recall.{name}\n"
            if name in relations:
                yield from _relation(catalog, relations[name])
            for function in catalog.functions:
                if function.name == name:
                    yield from _function(function)


def _relation(catalog: Catalog, relation: Relation) -> Iterator[str]:
    yield f"{relation.kind.capitalize()}. {_cell(relation.purpose)}\n"
    yield from _columns(catalog.columns_of(relation.name), relation.kind == "table")
    yield ""
    sentences = [
        *map(_constraint, catalog.constraints_of(relation.name)),
        *map(_reference, [reference for reference in REFERENCES if reference.relation == relation.name]),
        *map(_quick, catalog.indexes_of(relation.name)),
    ]
    if sentences:
        yield "\n".join(f"- {sentence}" for sentence in sentences) + "\n"


def _columns(columns: list[Column], is_table: bool) -> Iterator[str]:
    """Of a view nobody knows whether a column may be null."""
    yield f"| column | type |{' null |' if is_table else ''} description |\n|---|---|---|{'---|' if is_table else ''}"
    for column in columns:
        null = f" {'yes' if column.is_nullable else 'no'} |" if is_table else ""
        yield f"| `{column.name}` | {_short(column.type)} |{null} {_cell(column.description)} |"


def _function(function: Function) -> Iterator[str]:
    yield f"Function. {_cell(function.purpose)}\n"
    arguments = _NULL.sub(" default null", _short(function.arguments)).replace(" DEFAULT ", " default ")
    columns = _RETURNS_TABLE.fullmatch(_short(function.result))
    result = f"table ({_on_lines(columns[1])})" if columns else _short(function.result)
    if len(arguments) > _LONG:
        arguments = _on_lines(arguments)
    yield f"```sql\nrecall.{function.name}({arguments}) returns {result}\n```\n"


def _on_lines(listed: str) -> str:
    return "\n    " + listed.replace(", ", ",\n    ") + "\n"


def _constraint(made: Constraint) -> str:
    columns = _list(made.columns)
    if made.kind == "foreign key":
        gone = "; goes with it" if "ON DELETE CASCADE" in made.definition else ""
        return f"Points at [recall.{made.target}](#recall{made.target}): {columns}{gone}."
    if made.kind == "check":
        return f"Always true: {_condition(made.definition.removeprefix('CHECK '))}."
    return f"{made.kind.capitalize()}: {columns}."


def _reference(reference: Reference) -> str:
    target = reference.target
    return f"Names a row of [recall.{target}](#recall{target}), without a foreign key: `{reference.by}`."


def _quick(index: Index) -> str:
    kind = "" if index.method == "btree" else f" ({index.method})"
    where = f", where {_condition(index.condition)}" if index.condition else ""
    only_one = "; no two alike" if index.is_unique else ""
    return f"Quick to find by {_list(index.columns)}{kind}{where}{only_one}."


def _condition(condition: str) -> str:
    listed = listed_values(condition)
    return f"`{listed[0]}` is {' or '.join(listed[1])}" if listed else f"`{condition}`"


def _list(columns: list[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _diagram(catalog: Catalog) -> Iterator[str]:
    yield "```mermaid\nerDiagram"
    for relation in catalog.relations:
        if relation.kind == "table":
            yield from _box(catalog, relation.name)
    for made in catalog.constraints:
        if made.kind == "foreign key":
            yield f'    {made.target} ||--o{{ {made.relation} : "{", ".join(made.columns)}"'
    for reference in REFERENCES:
        yield f'    {reference.target} |o..o{{ {reference.relation} : "{reference.by}"'
    yield f"```\n\n{_UNDER_THE_DIAGRAM}"


def _box(catalog: Catalog, table: str) -> Iterator[str]:
    primary = catalog.primary_key(table)
    foreign = {name for made in catalog.constraints_of(table, "foreign key") for name in made.columns}
    pointing = {reference.by for reference in REFERENCES if reference.relation == table}
    yield f"    {table} {{"
    for column in catalog.columns_of(table):
        marks = [mark for mark, names in (("PK", primary), ("FK", foreign)) if column.name in names]
        if marks or column.name in pointing:
            one_word = re.sub(r"\W+", "_", _short(column.type))
            yield f"        {one_word} {column.name} {', '.join(marks)}".rstrip()
    yield "    }"


def _short(types: str) -> str:
    for long, short in _SHORT_TYPES.items():
        types = types.replace(long, short)
    return types


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].removesuffix(".") + "."


def _cell(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text).replace("\n", " ")
