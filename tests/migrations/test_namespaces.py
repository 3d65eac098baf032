"""The two schemas as they are found: a DBA's empty ones, those of others, and a role that may create none."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.errors import ConfigError


@pytest.fixture
def ordinary(empty_database_url: str) -> Iterator[str]:
    """The connection string of a role that may not create schemas."""
    name = str(conninfo_to_dict(empty_database_url)["dbname"]).replace("test", "role")
    role = sql.Identifier(name)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login password 'secret'").format(role))
    yield make_conninfo(empty_database_url, user=name, password="secret")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop owned by {} cascade").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))


def as_dba(url: str, *statements: str, role: str = "") -> None:
    user = sql.Identifier(str(conninfo_to_dict(role)["user"])) if role else sql.SQL("")
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(user))


def refusal(conninfo: str) -> str:
    engine = make_engine(conninfo)
    with pytest.raises(ConfigError) as refused:
        schema.migrate(engine)
    engine.dispose()
    return refused.value.message


def test_empty_schemas_of_a_dba_are_used(empty_database_url: str, ordinary: str) -> None:
    made = [f"create schema {name} authorization {{}}" for name in ("recall", "syncd")]
    as_dba(empty_database_url, *made, role=ordinary)
    engine = make_engine(ordinary)
    assert schema.migrate(engine) == (None, schema.head_revision())
    assert schema.migrate(engine) == (schema.head_revision(), schema.head_revision())
    engine.dispose()


def test_after_the_way_back_to_the_base_they_are_made_again(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    schema.migrate(engine)
    schema.migrate(engine, "base")
    assert schema.migrate(engine) == (None, schema.head_revision())
    engine.dispose()


@pytest.mark.parametrize(
    "content",
    [
        "table recall.calls (n int)",
        "function recall.f() returns int language sql return 1",
        "type recall.t as enum ()",
    ],
)
def test_a_schema_that_something_else_has_filled_is_refused(empty_database_url: str, content: str) -> None:
    as_dba(empty_database_url, "create schema recall", f"create {content}")
    assert refusal(empty_database_url) == (
        "Schema recall of this database holds what is not syncd's. Give syncd a database of its own."
    )


def test_an_empty_schema_of_another_role_is_refused(empty_database_url: str, ordinary: str) -> None:
    given = ["create schema syncd", "grant usage on schema syncd to {}", "create schema recall authorization {}"]
    as_dba(empty_database_url, *given, role=ordinary)
    assert refusal(ordinary).startswith("Schema syncd belongs to another role. Run `syncd migrate` as its owner")


def test_a_role_that_may_create_none_is_told_so(ordinary: str) -> None:
    assert "may not change the schema (permission denied for database" in refusal(ordinary)
