"""`syncd status`: a summary of queue, budgets and errors."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from syncd.cli.bootstrap import open_database, open_settings
from syncd.db.engine import reaching_database
from syncd.db.reports.overview import Overview, overview
from syncd.log import visible


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show counts by stage and status, the oldest pending one, the budget, the last error."""
    with open_database(open_settings()) as engine, reaching_database(), engine.connect() as connection:
        state = overview(connection)
    if as_json:
        typer.echo(json.dumps(state.as_dict(), default=str, indent=2))
    else:
        _show(state)


def _show(state: Overview) -> None:
    console = Console(highlight=False)
    counts = Table("what", "value", Column("count", justify="right", min_width=7), box=None, title_justify="left")
    for what, label in _LABELS.items():
        about = "~" if state.are_estimates and what in _ESTIMATED else ""
        for value, count in getattr(state, what).items():
            counts.add_row(label, Text(visible(value)), f"{about}{count:,}")
    console.print(counts if counts.row_count else "Nothing is tracked yet. Begin with: syncd track ID")
    for budget in state.budgets:
        left = f"{budget.available} calls left of {budget.limit_per_minute} a minute"
        pause = f", paused until {budget.paused_until:%H:%M:%S %Z}" if budget.paused_until else ""
        _say(console, "budget", f"{budget.workspace}/{budget.route}: {left}{pause}")
    for unserved in state.unserved_workspaces:
        waiting = f"{unserved.count} transcripts wait, and no daemon has ever served it"
        _say(console, "unserved", f"{unserved.workspace}: {waiting}")
    for paused in state.paused_workspaces:
        _say(console, "paused", f"{paused.workspace}: {paused.pause_reason}")
    if oldest := state.oldest_pending:
        since = f"since {oldest.tracked_at:%F %T %Z}"
        _say(console, "oldest", f"{oldest.transcript_id} ({oldest.workspace}) to {oldest.stage} {since}")
    if last := state.last_error:
        _say(console, "error", f"{last.transcript_id} at {last.last_error_at:%F %T %Z}: {last.last_error}")


_LABELS = {
    "stages": "unfinished at stage",
    "events_last_day": "in the last 24 hours",
    "statuses": "status at Recall",
    "payload_states": "payload",
}
_ESTIMATED = ("statuses", "payload_states")


def _say(console: Console, label: str, sentence: str) -> None:
    console.print(visible(f"{label:<7} {sentence}"), markup=False, soft_wrap=True)
