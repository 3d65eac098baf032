"""The demo: the real daemon, a real Postgres, an emulated Recall, and what an analyst sees in the end."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from recall_emulator import Emulator, EmulatorOptions, Scenario
from syncd.db.engine import Engine, make_engine
from syncd.demo.meetings import morning
from syncd.demo.questions import QUESTIONS, Question
from syncd.embedded import remove, running
from syncd.errors import ConfigError, SyncdError
from syncd.settings import PREFIX

LIMIT_S = 80
POLL_S = 0.2
DEMO_SEED = 11
MARKER = "made-by-syncd-demo"

_PROGRESS = """\
select count(*) filter (where s.is_end) as ended,
       count(*) filter (where t.payload_state in ('loaded', 'empty')) as loaded,
       coalesce(sum(t.word_count), 0) as words
from recall.transcripts t join recall.payload_states s using (payload_state)"""


def show(directory: Path, console: Console) -> None:
    """Run the demo in a directory of its own, made anew. Raises SyncdError where a step fails."""
    console.print("Starting a Postgres and a Recall of our own ...")
    with _made_anew(directory), running(directory / "postgres") as url, Emulator(EmulatorOptions()) as emulator:
        scenarios = morning(DEMO_SEED)
        for scenario in scenarios:
            emulator.add(scenario)
        environment = _environment(url, emulator)
        _syncd(["migrate"], environment)
        engine = make_engine(url)
        try:
            _hand_in(engine, environment, scenarios, console)
            with _daemon(directory / "daemon.log", environment) as daemon:
                _watch(engine, daemon, len(scenarios), console)
            for question in QUESTIONS:
                _ask(engine, question, console)
        finally:
            engine.dispose()
        retrieves = sum(request.route == "retrieve" for request in emulator.requests())
    console.print(f"\n{len(scenarios)} transcripts cost {retrieves} retrieve calls.")
    console.print(f"The daemon's log: {directory}/daemon.log", soft_wrap=True)
    console.print(f"Go on exploring:  {_command()} psql --embedded {directory}/postgres", soft_wrap=True)


@contextlib.contextmanager
def _made_anew(directory: Path) -> Iterator[None]:
    """An empty directory in place of an earlier demo's; anybody else's is left alone, and one that is in use, too."""
    is_ours = not directory.exists() or not any(directory.iterdir()) or (directory / MARKER).exists()
    if not is_ours:
        raise ConfigError(f"{directory} is not empty and no demo made it. Remove it, or name another.")
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / MARKER).open("a", encoding="utf-8") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"A demo is running in {directory}. Name another folder with --directory.") from None
        marker.truncate(0)
        marker.write("Made by `syncd demo`, which makes it anew each time.\n")
        marker.flush()
        remove(directory / "postgres")
        (directory / "daemon.log").unlink(missing_ok=True)
        yield


def _environment(url: str, emulator: Emulator) -> dict[str, str]:
    """The environment of the commands: nothing of the user's own settings."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return foreign | {
        "SYNCD_DATABASE_URL": url,
        "SYNCD_API_URL": emulator.api_url,
        "SYNCD_API_KEY": "demo-key",
        "SYNCD_DOWNLOAD_ORIGINS": emulator.files_url,
    }


def _command() -> str:
    return str(Path(sys.argv[0]))


def _arguments(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "syncd", *command]


def _syncd(command: Sequence[str], environment: dict[str, str], stdin: str = "") -> None:
    done = subprocess.run(  # noqa: S603  our own command
        _arguments(command), env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SyncdError(f"`syncd {' '.join(command)}` failed: {done.stderr.strip()}")


def _hand_in(engine: Engine, environment: dict[str, str], scenarios: Sequence[Scenario], console: Console) -> None:
    """Half of the ids come through the command, half through SQL."""
    half = len(scenarios) // 2
    _syncd(["track", "-"], environment, "\n".join(str(scenario.transcript_id) for scenario in scenarios[:half]))
    with engine.begin() as connection:
        for scenario in scenarios[half:]:
            connection.exec_driver_sql("select recall.track(%s)", (scenario.transcript_id,))
    console.print(
        f"Handed in {len(scenarios)} transcript ids: {half} with `syncd track -`,"
        f" {len(scenarios) - half} with `select recall.track(...)`.",
        soft_wrap=True,
    )


@contextlib.contextmanager
def _daemon(log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as sink:
        command = ["run", "--until-idle", "--timeout", str(LIMIT_S)]
        process = subprocess.Popen(  # noqa: S603  our own command
            _arguments(command), env=environment, stderr=sink, stdout=sink
        )
        try:
            yield process
        finally:
            process.terminate()
            code = process.wait()
    if code != 0:
        raise SyncdError(f"`syncd run` ended with exit code {code}; its log: {log}")


def _watch(engine: Engine, daemon: subprocess.Popen[bytes], total: int, console: Console) -> None:
    """A bar on a terminal, a line for every change elsewhere, until the daemon has left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("syncd run", total=total)
        said = -1
        while True:
            is_over = daemon.poll() is not None
            with engine.connect() as connection:
                ended, loaded, words = connection.exec_driver_sql(_PROGRESS).one()
            progress.update(task, completed=ended, description=f"syncd run  {words:,} words")
            if not console.is_terminal and ended != said and (is_over or ended >= said + total // 6):
                console.print(f"{ended:>3} of {total} have reached their end, {loaded} loaded, {words:,} words")
                said = ended
            if is_over:
                return
            time.sleep(POLL_S)


def _ask(engine: Engine, question: Question, console: Console) -> None:
    with engine.connect() as connection:
        result = connection.exec_driver_sql(question.sql)
        table = Table(*result.keys(), box=None, pad_edge=False, header_style="bold")
        for row in result:
            table.add_row(*("" if value is None else str(value) for value in row))
    console.print(f"\n[bold]{question.title}[/bold]", highlight=False)
    console.print(question.sql, style="cyan", highlight=False, markup=False, soft_wrap=True)
    console.print(table)
