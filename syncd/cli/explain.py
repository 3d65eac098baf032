"""`syncd explain`: why one transcript is where it is."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.cli.printing import plain
from syncd.core.explain import sentences
from syncd.core.explain.diagnosis import Diagnosis
from syncd.core.reading.ids import read_id
from syncd.db.engine import reaching_database
from syncd.db.reports.diagnosis import diagnosis
from syncd.errors import BadInput
from syncd.log import Scrubber


def explain(
    transcript_id: Annotated[str, typer.Argument(metavar="ID", help="A transcript id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Say where a transcript stands, when it is polled next, and why then."""
    wanted = read_id(transcript_id)
    with open_database(open_settings()) as engine, reaching_database(), engine.connect() as connection:
        found = diagnosis(connection, wanted)
    told = sentences.explain(found)
    typer.echo(_as_json(found, told) if as_json else "\n".join(map(plain, told)))
    if found.record is None:
        raise typer.Exit(BadInput.exit_code)


def _as_json(found: Diagnosis, sentences: list[str]) -> str:
    clean = Scrubber()(None, "", asdict(found) | {"sentences": sentences})
    return json.dumps(clean, indent=2)
