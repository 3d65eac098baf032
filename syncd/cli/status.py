"""`syncd status`: a summary of queue, budgets and errors."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from syncd.cli.bootstrap import open_database, open_settings
from syncd.cli.printing import plain
from syncd.core.explain.daemon import no_daemon
from syncd.core.explain.health import OVERDUE_S, Health, Level, Problem, level_of, problems, summary
from syncd.db.engine import database_now, reaching_database
from syncd.db.faults import Sorted, line_of
from syncd.db.reports.health import health
from syncd.db.reports.overview import Overview, overview
from syncd.errors import ConfigError, DatabaseAway, LoginRefused, RightsMissing, SyncdError
from syncd.log import get_logger, visible


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="One line for a monitor; exit code 0 well, 1 warning, 2 critical, 3 unknown."),
    ] = False,
    overdue: Annotated[
        float,
        typer.Option(min=0.0, max=1e9, metavar="SECONDS", help="With --check: how long a transcript may be due."),
    ] = OVERDUE_S,
) -> None:
    """Show which daemons are alive, counts by stage and status, the budget, the last error."""
    if check:
        raise typer.Exit(_check(overdue, as_json=as_json))
    others = list[str]()
    settings = open_settings(others)
    for fault in others:
        typer.echo(f"syncd: {visible(fault)} [{ConfigError.code}]", err=True)
    with open_database(settings) as engine, reaching_database(), engine.connect() as connection:
        state = overview(connection)
    if as_json:
        typer.echo(json.dumps(state.as_dict(), default=str, indent=2))
    else:
        _show(state)


def _check(overdue_s: float, *, as_json: bool) -> int:
    """Print what is wrong, also where the database or a setting is; the exit code."""
    checked, others = list[Health](), list[str]()
    try:
        settings = open_settings(others)
        with open_database(settings) as engine, reaching_database(), engine.connect() as connection:
            now = database_now(connection)
            checked = health(connection, settings.workspace, overdue_s)
        if all(each.workspace != settings.workspace for each in checked):
            checked.append(Health(settings.workspace))
        found = [problem for each in checked for problem in problems(each, now, overdue_s)]
    except SyncdError as error:
        is_outage = isinstance(error, DatabaseAway) or error.code.startswith(("SYNCD-DB-", "SYNCD-SCHEMA"))
        level = Level.CRITICAL if is_outage else Level.UNKNOWN
        is_own = isinstance(error, (LoginRefused, RightsMissing))
        found = [Problem(None, level, f"{_OWN_LOGIN} {error}" if is_own else str(error))]
    except Sorted as error:
        found = [Problem(None, Level.CRITICAL, f"The database reports an error: {line_of(error)}")]
    except Exception as error:
        get_logger(__name__).exception("unexpected error in a check")
        found = [Problem(None, Level.UNKNOWN, f"An unexpected error: {type(error).__name__}. [{SyncdError.code}]")]
    found += [Problem(None, Level.WARNING, f"{fault} [{ConfigError.code}]") for fault in others]
    level = level_of(found)
    if as_json:
        told = {"level": level.name, "exit_code": int(level), "problems": [asdict(each) for each in found]}
        typer.echo(json.dumps(told | {"workspaces": [asdict(each) for each in checked]}, default=str, indent=2))
    else:
        typer.echo(plain(summary(found, checked)))
    return int(level)


def _show(state: Overview) -> None:
    console = Console(highlight=False)
    _show_daemons(console, state)
    counts = Table("what", "value", Column("count", justify="right", min_width=7), box=None, title_justify="left")
    for what, label in _LABELS.items():
        about = "~" if state.are_estimates and what in _ESTIMATED else ""
        for value, count in getattr(state, what).items():
            counts.add_row(label, Text(visible(value)), f"{about}{count:,}")
    console.print(counts if counts.row_count else "Nothing is tracked yet. Begin with: syncd track ID")
    for budget in state.budgets:
        left = f"{budget.limit_per_minute} calls a minute, {budget.available} of them at once now"
        pause = f", paused until {budget.paused_until:%H:%M:%S %Z}" if budget.paused_until else ""
        _say(console, "budget", f"{budget.workspace}/{budget.route}: {left}{pause}")
    for unserved in state.unserved_workspaces:
        waiting = f"{unserved.count} transcripts wait, and no daemon has ever served it"
        _say(console, "unserved", f"{unserved.workspace}: {waiting}")
    for paused in state.paused_workspaces:
        _say(console, "paused", f"{paused.workspace}: {paused.pause_reason}")
    for paused in state.paused_stores:
        _say(console, "files", f"{paused.workspace}: no file is downloaded just now. {paused.pause_reason}")
    for ended in state.cut_short_discoveries:
        _say(console, "list", f"{ended.workspace}: the last pass of discovery was cut short: {ended.reason}")
    if oldest := state.oldest_pending:
        since = f"since {oldest.tracked_at:%F %T %Z}"
        _say(console, "oldest", f"{oldest.transcript_id} ({oldest.workspace}) to {oldest.stage} {since}")
    if last := state.last_error:
        _say(console, "error", f"{last.transcript_id} at {last.last_error_at:%F %T %Z}: {last.last_error}")


def _show_daemons(console: Console, state: Overview) -> None:
    for served in state.workspaces:
        connected = served.is_connected
        dead = no_daemon(served.live_count, served.seen_at, state.asked_at, is_connected=connected)
        if dead is not None:
            _say(console, "daemon", f"{served.workspace}: {dead}")
    for daemon in state.daemons:
        if daemon.is_live:
            doing = f"{daemon.state}: {daemon.reason}" if daemon.reason else daemon.state
            _say(console, "daemon", f"{daemon.workspace}: {daemon.process}, syncd {daemon.version}, {doing}")


_OWN_LOGIN = "This command's own login is of no use, so whether a daemon is alive is not known."
_LABELS = {
    "stages": "unfinished at stage",
    "events_last_day": "in the last 24 hours",
    "statuses": "status at Recall",
    "payload_states": "payload",
}
_ESTIMATED = ("statuses", "payload_states")


def _say(console: Console, label: str, sentence: str) -> None:
    console.print(visible(f"{label:<7} {sentence}"), markup=False, soft_wrap=True)
