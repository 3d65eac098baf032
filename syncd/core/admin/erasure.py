"""What is to be erased: transcripts by their ids, or by what they belong to."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncd.core.reading.ids import read_id
from syncd.errors import BadInput


class SelectedBy(StrEnum):
    """What transcripts were chosen by. A receipt keeps this, and not the value: it may name a person."""

    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    PARTICIPANT_EMAIL = "participant_email"
    """One of its participants has this e-mail address."""
    PERSON = "person"
    """One of its participants has this id on the meeting platform, the same in every meeting."""
    METADATA = "metadata"
    """Of the transcript or its recording."""
    AGE = "age"
    """Created longer ago than SYNCD_RETENTION_DAYS."""
    DELETION = "deletion"
    """Recall has deleted it, and SYNCD_ON_DELETE is erase."""


@dataclass(frozen=True, slots=True)
class Erasable:
    """Which transcripts: those with any of these values."""

    by: SelectedBy
    values: tuple[str, ...]
    """Ids, addresses in small letters, or JSON documents that the metadata may hold."""


def select(
    transcripts: Sequence[str], recording: str | None, email: str | None, person: str | None, metadata: str | None
) -> Erasable:
    """What the options of `syncd erase` choose. Raises BadInput unless exactly one of them is given, with a value."""
    given = [
        Erasable(SelectedBy.TRANSCRIPT, tuple(dict.fromkeys(str(read_id(each)) for each in transcripts))),
        Erasable(SelectedBy.RECORDING, () if recording is None else (str(read_id(recording)),)),
        Erasable(
            SelectedBy.PARTICIPANT_EMAIL, () if email is None else (_said(email, "--participant-email").lower(),)
        ),
        Erasable(SelectedBy.PERSON, () if person is None else (_said(person, "--person"),)),
        Erasable(SelectedBy.METADATA, () if metadata is None else _documents(metadata)),
    ]
    chosen = [each for each in given if each.values]
    if len(chosen) != 1:
        raise BadInput(
            "Say what to erase, in one way: --transcript ID (more than once for several), --recording ID,"
            " --participant-email E, --person KEY or --metadata key=value."
        )
    return chosen[0]


def _said(value: str, option: str) -> str:
    if not value.strip():
        raise BadInput(f"The value after {option} is empty.")
    return value.strip()


def _documents(pair: str) -> tuple[str, ...]:
    """What metadata holds that has this value for this key: as a text, and as a number or truth where it is one."""
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise BadInput(f"--metadata takes key=value, such as --metadata deal=4711; {pair[:60]!r} is none.")
    documents = [json.dumps({key: value})]
    with contextlib.suppress(ValueError):
        if isinstance(scalar := json.loads(value, parse_constant=_no_constant), int | float):
            documents.append(json.dumps({key: scalar}))
    return tuple(documents)


def _no_constant(name: str) -> None:
    """NaN and its like are no JSON. Raises ValueError."""
    raise ValueError(name)
