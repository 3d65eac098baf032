"""The SQL that gives three roles their rights. It is printed for a person to review, and needs no database."""

from pathlib import Path

from psycopg import sql
from sqlalchemy import Table

from syncd.core.admin.roles import Roles
from syncd.db.admin.schema import head_revision
from syncd.db.tables import DATA, DATA_TABLES
from syncd.db.tables.content import Payloads
from syncd.db.tables.descriptions import VIEWS
from syncd.db.tables.recall import Transcripts

_SQL = Path(__file__).parent / "sql" / "grants"
_SECRET_COLUMNS = ("content",)
"""Of recall.payloads: the exact bytes, which nobody has redacted."""
_TRANSCRIPTS, _PAYLOADS = Transcripts.__table__, Payloads.__table__


def grants(roles: Roles, *, is_shared: bool) -> str:
    """The whole script. `is_shared`: what everybody may do in this database is left as it is."""
    sections = [_section("roles", roles), _section("owner", roles), _section("writer", roles)]
    sections.append(_section("analyst", roles))
    sections.append(_section("everything" if roles.workspace is None else "isolation", roles))
    sections += [_policy(table, roles) for table in DATA_TABLES]
    if roles.workspace is not None:
        sections += [_ENABLE.format(table=_name(table)) for table in DATA_TABLES]
    sections.append(_section("passing", roles))
    if not is_shared:
        sections.append(_section("everybody", roles))
    sections.append(_section("proof", roles))
    return sql.Composed(sections).as_string()


_DROP = sql.SQL("drop policy if exists {analyst} on {table};\n")
_CREATE = sql.SQL("create policy {analyst} on {table} for select to {analyst} using ({rule});\n")
_ENABLE = sql.SQL("alter table {table} enable row level security;\n")
_OF_WORKSPACE = sql.SQL("workspace = {workspace}")
# Not `in`: a lookup of one transcript would first gather all that the analyst may see.
_OF_TRANSCRIPT = sql.SQL("exists (select from {transcripts} as own where own.transcript_id = {table}.transcript_id)")


def _policy(table: Table, roles: Roles) -> sql.Composed:
    """A policy has the name of its role, so that there is one for each role on each table."""
    analyst, name = sql.Identifier(roles.analyst), _name(table)
    return _DROP.format(analyst=analyst, table=name) + _CREATE.format(
        analyst=analyst, table=name, rule=_rule(table, roles.workspace)
    )


def _rule(table: Table, workspace: str | None) -> sql.Composable:
    """Which rows of a table a role sees."""
    if workspace is None or not {"workspace", "transcript_id"} & set(table.columns.keys()):
        return sql.SQL("true")
    if "workspace" in table.columns:
        return _OF_WORKSPACE.format(workspace=sql.Literal(workspace))
    return _OF_TRANSCRIPT.format(transcripts=_name(_TRANSCRIPTS), table=sql.Identifier(table.name))


def _section(name: str, roles: Roles) -> sql.Composed:
    also = sql.SQL("") if roles.workspace is None else sql.SQL(_text("proof_of_isolation"))
    return sql.SQL(_text(name)).format(
        owner=sql.Identifier(roles.owner),
        writer=sql.Identifier(roles.writer),
        analyst=sql.Identifier(roles.analyst),
        owner_name=sql.Literal(roles.owner),
        writer_name=sql.Literal(roles.writer),
        analyst_name=sql.Literal(roles.analyst),
        revision=sql.Literal(head_revision()),
        statement_timeout=sql.Literal(f"{roles.statement_timeout_s}s"),
        idle_timeout=sql.Literal(f"{roles.idle_timeout_s}s"),
        relations=sql.SQL(",\n    ").join(_readable()),
        payload_columns=sql.SQL(", ").join(
            sql.Identifier(column.name) for column in _PAYLOADS.columns if column.name not in _SECRET_COLUMNS
        ),
        also=also,
    )


def _readable() -> list[sql.Identifier]:
    """The tables and views that the analyst reads whole."""
    tables = [_name(table) for table in DATA_TABLES if table is not _PAYLOADS]
    return tables + [sql.Identifier(*view.split(".")) for view in VIEWS if view.startswith(f"{DATA}.")]


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema or DATA, table.name)


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
