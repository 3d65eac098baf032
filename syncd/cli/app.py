"""The command line: which commands there are, and how errors leave them.

A command's module is imported when that command is called. The help of all commands needs none of them.
"""

import gc
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._click import ClickException  # where typer keeps its copy of click
from typer.core import TyperGroup
from typer.main import get_command

import syncd
from syncd.cli.check import UNKNOWN, is_check
from syncd.cli.interrupt import on_interrupt
from syncd.errors import SyncdError

COMMANDS = {
    "run": "Poll, download and load, until it is told to stop.",
    "track": "Begin to track transcripts. Tracking one twice is harmless.",
    "untrack": "End the watch over transcripts that have not come to their end. What is here of them stays.",
    "erase": "Erase transcripts with all their rows and files, keep them from coming back, and print the receipts.",
    "retry": "Give transcripts that are missing, abandoned, unavailable, too large or unreadable another try.",
    "status": "Show which daemons are alive, counts by stage and status, the budget, the last error.",
    "explain": "Say where a transcript stands, when it is polled next, and why then.",
    "poll": "Ask Recall about one transcript now, within the budget, and fetch it if it is finished.",
    "reparse": "Load the stored files into the tables again, without a call to Recall; a daemon may run meanwhile.",
    "migrate": "Create the schema, or bring it up to date. Safe to repeat.",
    "grants": "Print the SQL that gives owner, writer and analyst their rights, for a DBA to review and run.",
    "psql": "Open the database in psql, starting the embedded Postgres for as long as it takes.",
    "demo": "Run the real daemon against an emulated Recall, and query what it brought.",
    "emulator": "Emulate the Recall API and its file store, until interrupted.",
}
"""Each command's name and short help. It is the function of that name in the module `syncd.cli.<name>`."""
FORMER_NAMES = {"look": "poll"}
"""Names that still work, for one version."""


class _Commands(TyperGroup):
    """A group whose commands are empty until one is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:  # of typer's own types
        """The name of the command that was called, the command from its module, and its own arguments."""
        old, *rest = args
        new = FORMER_NAMES.get(old, old)
        if new != old:
            typer.echo(f"syncd: `syncd {old}` is now `syncd {new}`; the next version drops the old name.", err=True)
        name, _, rest = super().resolve_command(ctx, [new, *rest])
        return name, _load(str(name)), rest


app = typer.Typer(
    name="syncd",
    cls=_Commands,
    help="Keep Recall.ai transcripts in Postgres, without webhooks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich alone takes longer to import than all of this
    pretty_exceptions_enable=False,  # they print local variables, which hold keys
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _empty() -> None:
    """Stands for a command that is not imported."""


for _name, _help in COMMANDS.items():
    app.command(_name, short_help=_help)(_empty)


_OTHERS_OPTIONS: dict[str, dict[str, Any]] = {  # Any: of typer's own types
    "psql": {"ignore_unknown_options": True},
    "emulator": {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
}
"""Commands that hand options on; recall-emulator reads even --help."""


def _load(name: str) -> Any:  # typer keeps the type of a command to itself
    """The command of this name, from its module."""
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    gc.disable()  # what imports make stays; to look through it, even once, takes a twentieth of the start
    try:
        command = getattr(import_module(f"syncd.cli.{name}"), name)
    finally:
        gc.freeze()
        gc.enable()
    on_interrupt(sys.exit)
    single.command(name, context_settings=_OTHERS_OPTIONS.get(name))(command)
    return get_command(single)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"syncd {syncd.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Keep Recall.ai transcripts in Postgres, without webhooks."""


def main() -> None:
    """The console script. A known error is one sentence on standard error and its own exit code."""
    try:
        if exit_code := app(standalone_mode=False):
            sys.exit(exit_code)
    except typer.Abort:
        typer.echo("Aborted!", err=True)
        sys.exit(1)
    except ClickException as error:
        error.show()
        if not is_check(sys.argv[1:]):
            sys.exit(error.exit_code)
        typer.echo("SYNCD UNKNOWN - The command cannot be understood; standard error says why. [SYNCD-INPUT]")
        sys.exit(UNKNOWN)
    except SyncdError as error:
        from syncd.log import Scrubber  # structlog is slow to import, and most calls meet no error

        typer.echo(f"syncd: {Scrubber().scrub(str(error))}", err=True)
        sys.exit(error.exit_code)
