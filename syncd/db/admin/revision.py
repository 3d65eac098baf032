"""At which revision the schema is, checked before work begins; without Alembic, which only `syncd migrate` needs."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from syncd.db import libpq
from syncd.db.engine import conninfo, reaching_database
from syncd.errors import ConfigError, DatabaseReadOnly, SchemaError

# Inside a wheel the migrations travel with the package; in a checkout they stand beside it.
_INSTALLED = Path(__file__).parents[2] / "_migrations"
MIGRATIONS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[3] / "migrations"
_IS_READ_ONLY = text("show transaction_read_only")
_AT = text("select version_num from syncd.alembic_version")
_IS_MIGRATED = text("select to_regclass('syncd.alembic_version') is not null")


def check(engine: Engine) -> None:
    """Raises SchemaError unless the database has exactly this version's schema, ConfigError unless it is usable."""
    require_usable(engine)
    check_schema(engine)


def check_schema(engine: Engine) -> None:
    """Raises SchemaError unless the database has exactly this version's schema."""
    with reaching_database(), engine.connect() as connection:
        current = current_revision(connection)
    if current == head_revision():
        return
    if current is None:
        raise SchemaError("The database has no syncd schema yet. Run: syncd migrate")
    refuse_newer(current)
    raise SchemaError(f"The schema of the database is older ({current}) than this syncd. Run: syncd migrate")


def require_writable(engine: Engine) -> None:
    """Raises DatabaseReadOnly where nothing can be written, on a standby for instance."""
    with reaching_database(), engine.connect() as connection:
        if connection.execute(_IS_READ_ONLY).scalar_one() == "on":
            remedy = libpq.remedy_where_read_only(conninfo(engine))
            raise DatabaseReadOnly(f"{DatabaseReadOnly.__doc__} {remedy}".strip())


def refuse_newer(current: str | None) -> None:
    """Raises SchemaError for a revision that this version does not know."""
    if current is not None and current not in _revisions():
        raise SchemaError(f"The schema of the database is newer ({current}) than this syncd. Upgrade syncd.")


def head_revision() -> str:
    """The revision that this version of syncd works with."""
    return max(_revisions())


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None where it has never been migrated."""
    if not connection.execute(_IS_MIGRATED).scalar_one():
        return None
    return connection.execute(_AT).scalar_one_or_none()


def require_usable(engine: Engine) -> None:
    """Raises ConfigError for a database in another encoding, or a role for which no foreign key counts.

    SQLAlchemy cannot even connect to a database in SQL_ASCII; and session_replication_role may be set by superusers
    only, so no transaction can begin with its own.
    """
    with reaching_database(), libpq.connect(conninfo(engine)) as connection:
        encoding = connection.info.parameter_status("server_encoding")
        replication = connection.execute("show session_replication_role").fetchone()
    if encoding != "UTF8":
        raise ConfigError(
            f"The database is encoded in {encoding}; syncd needs UTF8."
            " Create one with: createdb --encoding UTF8 --template template0 NAME"
        )
    if replication == ("replica",):
        raise ConfigError(
            "session_replication_role is replica for this role or database: no foreign key would count, so deleting a"
            " transcript would leave its rows. Reset it with: alter role ... reset session_replication_role"
        )


@cache
def _revisions() -> frozenset[str]:
    """All that this version knows. The name of each file begins with its revision.

    Read once: a newer version may be installed over one that runs.
    """
    return frozenset(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
