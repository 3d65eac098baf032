"""docs/schema.txt: what analysts can see, without a word of explanation, for a test to compare."""

import hashlib
from collections.abc import Iterator

from tools.describe.catalog import Catalog, Column, Index, Policy, Relation

FINGERPRINT_LENGTH = 8
_HEAD = """\
What analysts see of schema recall, without comments. Written by make docs; do not edit.
After a change of it, say in CHANGELOG.md under Analysts what changed, and put the new fingerprint there.
"""


def schema_dump(catalog: Catalog) -> str:
    """Tables, views and functions in the order of their names."""
    blocks = ["\n".join(_relation(catalog, relation)) for relation in catalog.relations]
    blocks += [f"function {made.name}({made.arguments}) returns {made.result}" for made in catalog.functions]
    return _HEAD + "\n" + "\n\n".join(blocks) + "\n"


def fingerprint(dump: str) -> str:
    """A few digits that change with the schema."""
    return hashlib.sha256(dump.removeprefix(_HEAD).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def _relation(catalog: Catalog, relation: Relation) -> Iterator[str]:
    yield f"{relation.kind} {relation.name}"
    for column in catalog.columns_of(relation.name):
        yield f"    {_column(column, relation.kind)}"
    for made in catalog.constraints_of(relation.name):
        yield f"    {made.definition}"
    for index in catalog.indexes_of(relation.name):
        yield f"    {_index(index)}"
    if relation.has_row_security:
        yield "    row level security"
    for policy in catalog.policies_of(relation.name):
        yield f"    {_policy(policy)}"


def _column(column: Column, kind: str) -> str:
    required = "not null" if kind == "table" and not column.is_nullable else None
    return " ".join(filter(None, [column.name, column.type, required, column.filled]))


def _index(index: Index) -> str:
    unique = "unique index" if index.is_unique else "index"
    included = f" include ({', '.join(index.included)})" if index.included else ""
    condition = f" where {index.condition}" if index.condition else ""
    return f"{unique} {index.name} {index.method} ({', '.join(index.columns)}){included}{condition}"


def _policy(policy: Policy) -> str:
    return f"policy {policy.name} for {policy.command} to {policy.roles} using {policy.condition}"
