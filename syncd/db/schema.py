"""The schema: brought up to date by migrations, checked before work begins, described inside the database."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.schema import SetColumnComment, SetTableComment

from syncd.db.control_tables import CONTROL, metadata
from syncd.db.engine import conninfo, reaching_database
from syncd.db.views import FUNCTIONS, VIEWS
from syncd.errors import ConfigError, SchemaError

# Inside a wheel the migrations travel with the package; in a checkout they stand beside it.
_INSTALLED = Path(__file__).parents[1] / "_migrations"
MIGRATIONS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "migrations"


def migrate(engine: Engine, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema to a revision; answers (before, after). All of it happens in one transaction."""
    _require_utf8(engine)
    with reaching_database(), engine.begin() as connection:
        before = current_revision(connection)
        config = _config()
        config.attributes["connection"] = connection
        if revision == "base" or revision.startswith("-"):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        return before, current_revision(connection)


def check(engine: Engine) -> None:
    """Raises SchemaError unless the database has exactly this version's schema, ConfigError unless it is UTF8."""
    _require_utf8(engine)
    with reaching_database(), engine.connect() as connection:
        current = current_revision(connection)
    if current == head_revision():
        return
    if current is None:
        raise SchemaError("The database has no syncd schema yet. Run: syncd migrate")
    if current in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}:
        raise SchemaError(f"The schema of the database is older ({current}) than this syncd. Run: syncd migrate")
    raise SchemaError(f"The schema of the database is newer ({current}) than this syncd. Upgrade syncd.")


def head_revision() -> str | None:
    """The revision that this version of syncd works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None where it has never been migrated."""
    options = {"version_table_schema": CONTROL}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def replace_views(connection: Connection) -> None:
    """(Re)create the views and functions from their files; tables change by migrations, these by replacement."""
    for path in sorted((MIGRATIONS / "views").glob("*.sql")):
        run_script(connection, path)


def run_script(connection: Connection, path: Path) -> None:
    """Give a whole SQL file to the driver, which takes it as it is."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):  # pragma: no cover: the engine is made for psycopg
        raise TypeError(driver)
    driver.execute(path.read_bytes())


def describe(connection: Connection) -> None:
    """Write every description into the database as a comment, for `\\d+` in psql."""
    for table in metadata.sorted_tables:
        connection.execute(SetTableComment(table))
        for column in table.columns:
            connection.execute(SetColumnComment(column))
    for view, description in VIEWS.items():
        _comment(connection, f"view {view}", description.purpose)
        for name, sentence in description.columns.items():
            _comment(connection, f"column {view}.{name}", sentence)
    for function, sentence in FUNCTIONS.items():
        _comment(connection, f"function {function}", sentence)


def _comment(connection: Connection, target: str, sentence: str) -> None:
    """COMMENT ON takes no parameters; the names and sentences are constants of this program."""
    literal = sentence.replace("'", "''")
    connection.exec_driver_sql(f"comment on {target} is '{literal}'".replace("%", "%%"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _require_utf8(engine: Engine) -> None:
    """SQLAlchemy cannot even connect to an SQL_ASCII database, so psycopg asks."""
    with reaching_database(), psycopg.connect(conninfo(engine), connect_timeout=5) as connection:
        encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ConfigError(
            f"The database is encoded in {encoding}; syncd needs UTF8."
            " Create one with: createdb --encoding UTF8 --template template0 NAME"
        )
