"""`syncd emulator`: a Recall API on this machine, in the foreground."""

import inspect
import signal
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from recall_emulator import Emulator, EmulatorOptions, Faults, mixed_scenarios
from recall_emulator.options import DEMO_KEYS, Window

_ENDING_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port of the API; 0 lets the system choose.")]
FilesPort = Annotated[int, typer.Option(help="Port of the file store; 0 lets the system choose.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY[=WORKSPACE]", help="An API key it accepts. Repeatable; demo-key without any."),
]
RetrieveLimit = Annotated[int, typer.Option(help="Retrieve calls a minute for each workspace.")]
ListLimit = Annotated[int, typer.Option(help="List calls a minute for each workspace.")]
WindowKind = Annotated[Window, typer.Option(help="How a minute is counted.")]
PageSize = Annotated[int, typer.Option(help="Transcripts on a page of the list.")]
LinkSeconds = Annotated[float, typer.Option(help="Life of a download URL.")]
Latency = Annotated[float, typer.Option(help="Seconds before every answer.")]
Transcripts = Annotated[int, typer.Option(help="Begin with this many transcripts of all kinds; print their ids.")]
Over = Annotated[float, typer.Option(help="Seconds over which those transcripts finish.")]
IdsFile = Annotated[Path | None, typer.Option(help="Write the ids here too, one a line.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same world.")]


def _with_fault_flags(verb: Callable[..., None]) -> Callable[..., None]:
    """Give the verb a flag for each field of Faults, so that neither can know a fault the other does not."""
    hints = get_type_hints(Faults)
    flags = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[
                hints[field.name],
                typer.Option(help=field.metadata["help"], rich_help_panel="Faults, all off at first"),
            ],
        )
        for field in fields(Faults)
    ]

    def run(**given: Any) -> None:
        faults = Faults(**{field.name: given.pop(field.name) for field in fields(Faults)})
        verb(faults, **given)

    own = list(inspect.signature(verb).parameters.values())[1:]
    run.__signature__ = inspect.Signature([*own, *flags])  # type: ignore[attr-defined]  # typer reads it
    run.__name__, run.__doc__ = verb.__name__, verb.__doc__
    return run


@_with_fault_flags
def emulator(
    faults: Faults,
    host: Host = "127.0.0.1",
    port: Port = 9001,
    files_port: FilesPort = 9002,
    key: Keys = None,
    retrieve_limit: RetrieveLimit = 300,
    list_limit: ListLimit = 60,
    window: WindowKind = "sliding",
    page_size: PageSize = 100,
    link_seconds: LinkSeconds = 21_600.0,
    latency: Latency = 0.0,
    transcripts: Transcripts = 0,
    over: Over = 60.0,
    ids_file: IdsFile = None,
    seed: Seed = 0,
) -> None:
    """Emulate the Recall API and its file store, until interrupted."""
    options = EmulatorOptions(
        host=host,
        api_port=port,
        files_port=files_port,
        keys=_workspaces(key or ()),
        retrieve_limit=retrieve_limit,
        list_limit=list_limit,
        window=window,
        page_size=page_size,
        link_seconds=link_seconds,
        latency_seconds=latency,
        seed=seed,
        faults=faults,
    )
    _serve(options, transcripts, over, ids_file)


def _workspaces(keys: Sequence[str]) -> dict[str, str]:
    """Read KEY[=WORKSPACE] words; a key without a workspace belongs to "default"."""
    pairs = [word.partition("=") for word in keys]
    return {key: workspace or "default" for key, _, workspace in pairs} or dict(DEMO_KEYS)


def _serve(options: EmulatorOptions, transcripts: int, over: float, ids_file: Path | None) -> None:
    # Blocked before any thread begins, so that only this thread takes them, and only in sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)
    try:
        emulated = Emulator(options).start()
    except OSError as error:
        typer.echo(f"Cannot listen on {options.host}:{options.api_port} and {options.files_port}: {error}", err=True)
        raise typer.Exit(1) from None
    _announce(emulated)
    ids = _seed(emulated, transcripts, over)
    if ids_file is not None:
        ids_file.write_text("".join(f"{each}\n" for each in ids), encoding="utf-8")
    for each in ids:
        typer.echo(each)
    signal.sigwait(_ENDING_SIGNALS)
    emulated.stop()


def _announce(emulated: Emulator) -> None:
    key = next(iter(emulated.options.keys))
    typer.echo(f"Emulating the Recall API on {emulated.api_url}, its file store on {emulated.files_url}.", err=True)
    typer.echo("To point syncd at it:\n", err=True)
    typer.echo(f"  SYNCD_API_URL={emulated.api_url}", err=True)
    typer.echo(f"  SYNCD_API_KEY={key}", err=True)
    typer.echo(f"  SYNCD_DOWNLOAD_ORIGINS={emulated.files_url}\n", err=True)


def _seed(emulated: Emulator, count: int, over: float) -> list[str]:
    workspace = next(iter(emulated.options.keys.values()))
    scenarios = mixed_scenarios(count, over, emulated.options.seed)
    return [str(emulated.add(replace(scenario, workspace=workspace))) for scenario in scenarios]
