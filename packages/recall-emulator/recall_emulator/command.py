"""The command `recall-emulator`: Recall on this machine, in the foreground, until interrupted."""

import argparse
import errno
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

from recall_emulator.checks import Count, Seconds, allowed, allows, hints_of
from recall_emulator.faults import Faults
from recall_emulator.mixed import mixed_scenarios
from recall_emulator.options import DEMO_KEYS, EmulatorOptions, is_key
from recall_emulator.scenario_json import scenario_fields
from recall_emulator.server import Emulator

_ENDING_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
_PORT_ERRORS = (errno.EADDRINUSE, errno.EACCES)

Announce = Callable[[Emulator], None]


@dataclass(frozen=True)
class Command:
    """What the arguments ask for: an emulator, and the transcripts it begins with."""

    options: EmulatorOptions
    transcripts: int
    over_seconds: float
    scenario: Mapping[str, Any]  # fields of a Scenario, each of its own type
    ids_file: Path | None


def main(
    arguments: Sequence[str] | None = None, program: str = "recall-emulator", announce: Announce | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. `announce` says on standard error how to reach it, in place of an example.

    Exits with 2 where the arguments cannot be used, and with 1 where a port is taken or the file of ids cannot be
    written.
    """
    command = parse(arguments, program)
    # Blocked before any thread begins, so that only this thread takes them, and only in sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)
    emulator = _started(command.options)
    try:
        (announce or _announce)(emulator)
        _tell_ids(_add_transcripts(emulator, command), command.ids_file)
        signal.sigwait(_ENDING_SIGNALS)
    finally:
        emulator.stop()


def parse(arguments: Sequence[str] | None, program: str) -> Command:
    """Read the arguments, those of the process where None. Exits with 2 where they cannot be used."""
    given = vars(_parser(program).parse_args(arguments))
    faults = Faults(**{field.name: given.pop(field.name) for field in fields(Faults)})
    own = [given.pop(name) for name in ("transcripts", "over", "scenario", "ids_file")]
    keys = _workspaces(given.pop("key") or ())
    return Command(EmulatorOptions(keys=keys, faults=faults, **given), *own)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        usage="%(prog)s [OPTION ...]",
        allow_abbrev=False,
        description="Emulate the Recall API and its file store, until interrupted.",
    )
    _add_options(parser)
    group = parser.add_argument_group("faults, all off at first")
    hints = hints_of(Faults)
    for field in fields(Faults):  # so that neither side can know a fault that the other does not
        _add(group, field.name, hints[field.name], field.default, field.metadata["help"])
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    hints = hints_of(EmulatorOptions)
    _add(parser, "host", str, "127.0.0.1", "Address to listen on.")
    _add(parser, "port", hints["api_port"], 9001, "Port of the API; 0 lets the system choose.", dest="api_port")
    _add(parser, "files_port", hints["files_port"], 9002, "Port of the file store; 0 lets the system choose.")
    key_help = "An API key it accepts. Repeatable; demo-key without any."
    parser.add_argument("--key", action="append", type=_key, metavar="KEY[=WORKSPACE]", help=key_help)
    _add(parser, "retrieve_limit", hints["retrieve_limit"], 300, "Retrieve calls a minute for each workspace.")
    _add(parser, "list_limit", hints["list_limit"], 60, "List calls a minute for each workspace.")
    _add(parser, "other_limit", hints["other_limit"], 300, "Calls a minute for each workspace on any other route.")
    _add(parser, "window", hints["window"], "sliding", "How a minute is counted.")
    _add(parser, "page_size", hints["page_size"], 100, "Transcripts on a page of the list.")
    _add(parser, "deleted_as", hints["deleted_as"], "deleted", "What is left of a deleted transcript or recording.")
    _add(parser, "link_seconds", hints["link_seconds"], 21_600.0, "How long a download URL is valid.")
    _add(parser, "latency", hints["latency_seconds"], 0.0, "Seconds before every answer.", dest="latency_seconds")
    _add(parser, "transcripts", Count, 0, "Begin with this many transcripts of all kinds; print their ids.")
    _add(parser, "over", Seconds, 60.0, "Seconds over which those transcripts finish.")
    parser.add_argument(
        "--scenario", type=_fields, metavar="JSON", default={}, help="Fields of a scenario that all of them get."
    )
    _add(parser, "ids_file", Path, None, "Write the ids here too, one a line.")
    _add(parser, "seed", int, 0, "The same seed gives the same transcripts.")


def _add(
    group: argparse._ActionsContainer,
    name: str,
    kind: Any,  # a type, or one of the forms of typing, which have no type in common
    default: Any,  # of that type
    text: str,
    *,
    dest: str | None = None,
) -> None:
    """Add the option of a name and a type: bool, a Literal, `str | None`, a range, or what reads a string."""
    told = text if default is None else f"{text} [default: {default}]"
    flag, shared = f"--{name.replace('_', '-')}", {"dest": dest or name, "default": default, "help": told}
    if kind is bool:
        group.add_argument(flag, action=argparse.BooleanOptionalAction, **shared)
    elif get_origin(kind) is Literal:
        group.add_argument(flag, choices=get_args(kind), **shared)
    else:
        made_by = get_args(kind)[0] if get_origin(kind) in (Annotated, UnionType) else kind
        group.add_argument(flag, type=_reader(made_by, kind), metavar=made_by.__name__.upper(), **shared)


def _reader(made_by: Callable[[str], object], hint: Any) -> Callable[[str], object]:  # a type, or a form of typing
    """Return what makes an option's value of a word, and refuses a number out of its range."""

    def read(word: str) -> object:
        value = made_by(word)
        if not allows(hint, value):
            raise argparse.ArgumentTypeError(f"must be {allowed(hint)}, not {word}")
        return value

    read.__name__ = made_by.__name__  # argparse names it where a word is of another type
    return read


def _key(word: str) -> str:
    if not is_key(word.partition("=")[0]):
        raise argparse.ArgumentTypeError(f"a key must be a word of ASCII without spaces, not {word!r}")
    return word


def _fields(word: str) -> Mapping[str, Any]:  # fields of a Scenario, each of its own type
    try:
        return scenario_fields(word, "it")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _workspaces(keys: Sequence[str]) -> dict[str, str]:
    """Read KEY[=WORKSPACE] words; a key without a workspace belongs to "default"."""
    pairs = [word.partition("=") for word in keys]
    return {key: workspace or "default" for key, _, workspace in pairs} or dict(DEMO_KEYS)


def _started(options: EmulatorOptions) -> Emulator:
    try:
        return Emulator(options).start()
    except OSError as error:
        advice = "; choose another port with --port or --files-port" if error.errno in _PORT_ERRORS else ""
        sys.exit(f"Cannot listen on {error.filename}: {error.strerror}{advice}.")


def _announce(emulator: Emulator) -> None:
    key = next(iter(emulator.options.keys))
    _say(f"Emulating the Recall API on {emulator.api_url}, its file store on {emulator.files_url}.")
    _say(f"Try: curl -H {shlex.quote(f'Authorization: Token {key}')} {emulator.api_url}/api/v1/transcript/")


def _add_transcripts(emulator: Emulator, command: Command) -> list[str]:
    workspace = next(iter(emulator.options.keys.values()))
    scenarios = mixed_scenarios(command.transcripts, command.over_seconds, emulator.options.seed)
    own = {"workspace": workspace, **command.scenario}
    try:
        return [str(emulator.add(replace(scenario, **own))) for scenario in scenarios]
    except ValueError as error:
        sys.exit(f"Cannot add a transcript with the fields of --scenario: {error}.")


def _tell_ids(ids: Sequence[str], file: Path | None) -> None:
    lines = "".join(f"{each}\n" for each in ids)
    try:
        if file is not None:
            file.write_text(lines, encoding="utf-8")
    except OSError as error:
        sys.exit(f"Cannot write {file}: {error.strerror}")
    sys.stdout.write(lines)
    sys.stdout.flush()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
