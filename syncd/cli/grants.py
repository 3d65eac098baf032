"""`syncd grants`: the SQL for the three roles."""

from typing import Annotated

import typer

from syncd.core.admin.roles import Roles
from syncd.db.admin.grants import grants as written


def grants(
    owner: Annotated[str, typer.Option(metavar="NAME", help="Owns both schemas and migrates them.")] = "syncd_owner",
    writer: Annotated[str, typer.Option(metavar="NAME", help="The daemon.")] = "syncd_writer",
    analyst: Annotated[str, typer.Option(metavar="NAME", help="Reads schema recall.")] = "syncd_analyst",
    workspace: Annotated[
        str | None, typer.Option(metavar="W", help="The analyst sees the rows of this workspace only.")
    ] = None,
    statement_timeout: Annotated[int, typer.Option(min=1, help="Seconds a query of the analyst may take.")] = 30,
    idle_timeout: Annotated[
        int, typer.Option(min=1, help="Seconds the analyst may leave a transaction open and idle.")
    ] = 60,
    is_shared: Annotated[
        bool, typer.Option("--shared", help="Other applications use this database: leave everybody's rights alone.")
    ] = False,
) -> None:
    """Print the SQL that gives owner, writer and analyst their rights, for a DBA to review and run."""
    roles = Roles(owner, writer, analyst, workspace, statement_timeout, idle_timeout)
    typer.echo(written(roles, is_shared=is_shared), nl=False)
