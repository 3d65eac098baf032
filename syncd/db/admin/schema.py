"""The schema: brought up to date by migrations, and described inside the database."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, Engine, exc
from sqlalchemy.schema import SetColumnComment, SetTableComment

from syncd.db.admin.others import dependent_views, naming_whom_it_waits_for
from syncd.db.admin.revision import MIGRATIONS, check, current_revision, head_revision, refuse_newer, require_usable
from syncd.db.engine import psycopg_connection, reaching_database
from syncd.db.tables import metadata
from syncd.db.tables.descriptions import FUNCTIONS, SCHEMAS, VIEWS
from syncd.errors import ConfigError

__all__ = ["check", "current_revision", "describe", "head_revision", "migrate", "replace_views", "run_script"]


def migrate(engine: Engine, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema to a revision; answers (before, after). All of it happens in one transaction."""
    require_usable(engine)
    with reaching_database(), _explained(engine), engine.begin() as connection:
        before = current_revision(connection)
        refuse_newer(before)
        config = _config()
        config.attributes["connection"] = connection
        with naming_whom_it_waits_for(engine, connection):
            if revision == "base" or revision.startswith("-"):
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
        return before, current_revision(connection)


@contextlib.contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    """Turns what an operator can put right into ConfigError, whichever library got it.

    That is a role that does not own the schema, and somebody's own view on what a migration replaces.
    """
    try:
        yield
    except psycopg.errors.DependentObjectsStillExist as error:
        views = ", ".join(dependent_views(engine)) or error.diag.message_detail
        raise ConfigError(
            f"These depend on tables or views of syncd, and this version replaces some of those: {views}. Drop them,"
            " run `syncd migrate`, and create them again. Nothing was changed."
        ) from None
    except (psycopg.errors.InsufficientPrivilege, exc.ProgrammingError) as error:
        origin = getattr(error, "orig", error)
        if not isinstance(origin, psycopg.errors.InsufficientPrivilege):
            raise
        refusal = origin.diag.message_primary or "permission denied"
        raise ConfigError(
            f"This role may not change the schema ({refusal}). Run `syncd migrate` as the role that owns it; see"
            " docs/roles.md."
        ) from None


def replace_views(connection: Connection) -> None:
    """(Re)create the views and functions from their files; tables change by migrations, these by replacement."""
    for path in sorted((MIGRATIONS / "views").glob("*.sql")):
        run_script(connection, path)


def run_script(connection: Connection, path: Path) -> None:
    """Give a whole SQL file to the driver, which takes it as it is."""
    psycopg_connection(connection).execute(path.read_bytes())


def describe(connection: Connection) -> None:
    """Write every description into the database as a comment, for `\\d+` in psql."""
    for table in metadata.sorted_tables:
        connection.execute(SetTableComment(table))
        for column in table.columns:
            connection.execute(SetColumnComment(column))
    driver = psycopg_connection(connection)
    for name, sentence in SCHEMAS.items():
        driver.execute(_ON_SCHEMA.format(_name(name), sentence))
    for view, description in VIEWS.items():
        driver.execute(_ON_VIEW.format(_name(view), description.purpose))
        for name, sentence in description.columns.items():
            driver.execute(_ON_COLUMN.format(_name(f"{view}.{name}"), sentence))
    for (name, signature), sentence in FUNCTIONS.items():
        driver.execute(_ON_FUNCTION.format(_name(name), sql.SQL(signature), sentence))


_ON_SCHEMA = sql.SQL("comment on schema {} is {}")
_ON_VIEW = sql.SQL("comment on view {} is {}")
_ON_COLUMN = sql.SQL("comment on column {} is {}")
_ON_FUNCTION = sql.SQL("comment on function {}({}) is {}")


def _name(dotted: str) -> sql.Identifier:
    return sql.Identifier(*dotted.split("."))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
