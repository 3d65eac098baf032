"""Owner, writer and analyst as roles of a real server."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from syncd.core.admin.roles import Roles
from syncd.db.admin.grants import grants
from syncd.db.engine import Engine, make_engine

PASSWORD = "for servers that ask for one"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class DatabaseRoles:
    """The roles of one test, on its database. Their names need quoting."""

    database_url: str
    mark: str = field(default_factory=lambda: uuid4().hex[:8])

    def name(self, part: str) -> str:
        """The name of a role of this test, with characters that need quoting."""
        return f"""{part} "x" $$ 'ü' {self.mark}"""

    @property
    def names(self) -> dict[str, str]:
        """Owner, writer and analyst, as arguments."""
        return {part: self.name(part) for part in ("owner", "writer", "analyst")}

    def script(
        self,
        workspace: str | None = None,
        *,
        analyst: str = "analyst",
        statement_timeout_s: int = 60,
        is_shared: bool = False,
    ) -> str:
        """The printed SQL."""
        names = self.names | {"analyst": self.name(analyst)}
        roles = Roles(**names, workspace=workspace, statement_timeout_s=statement_timeout_s, idle_timeout_s=60)
        return grants(roles, is_shared=is_shared)

    def grant(self, workspace: str | None = None, *, run_by: str | None = None, **options: Any) -> list[str]:
        """Run the printed SQL, as a superuser unless told otherwise. Returns the notices of the server."""
        notices: list[str] = []
        with self.login(run_by) if run_by else psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
            connection.execute(self.script(workspace, **options).encode())
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            for part in ("owner", "writer", options.get("analyst", "analyst")):
                role, password = sql.Identifier(self.name(part)), sql.Literal(PASSWORD)
                connection.execute(sql.SQL("alter role {} password {}").format(role, password))
        return notices

    def login(self, part: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A session of a role, with its password."""
        return psycopg.connect(
            make_conninfo(self.database_url, user=self.name(part), password=PASSWORD), autocommit=True
        )

    def url(self, part: str) -> str:
        """The connection string of a role."""
        return make_conninfo(self.database_url, user=self.name(part), password=PASSWORD)

    @contextlib.contextmanager
    def engine(self, part: str) -> Iterator[Engine]:
        """An engine of the database for a role."""
        engine = make_engine(self.url(part))
        yield engine
        engine.dispose()

    def ask(self, part: str, query: str) -> Rows:
        """The rows of a query that a role makes."""
        with self.login(part) as connection:
            return connection.execute(query.encode()).fetchall()

    def rows(self, query: str) -> Rows:
        """The rows of a query that a superuser makes."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, statement: str) -> None:
        """Execute a statement as a superuser."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def drop(self) -> None:
        """Drop the roles, which belong to the whole server and not to the database of the test."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            found = connection.execute("select rolname from pg_roles where position(%s in rolname) > 0", (self.mark,))
            for (name,) in found.fetchall():
                role = sql.Identifier(name)
                connection.execute(sql.SQL("drop owned by {} cascade").format(role))
                connection.execute(sql.SQL("drop role {}").format(role))
