"""Scenarios and faults as JSON, for the control routes and for the command."""

import dataclasses
import json
import uuid
from collections.abc import Mapping
from typing import Any

from recall_emulator.documents import Json
from recall_emulator.faults import Faults
from recall_emulator.scenario import Scenario

_IDS = ("transcript_id", "recording_id")
_FILES = ("payload", "provider_data")


def scenario_fields(text: str | bytes, place: str = "the body") -> dict[str, Any]:  # each of its own type
    """Read the fields of a scenario from JSON: ids as strings, bytes as text. `place` is what errors call the JSON.

    Raises ValueError for a field that there is not, and for what cannot be read; what a field must not hold is
    refused by the scenario.
    """
    fields = _fields(json_of(text, place), Scenario, place)
    return {name: _converted(name, value) for name, value in fields.items()}


def json_of(text: str | bytes, place: str = "the body") -> Json:
    """Read JSON. Raises ValueError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{place} must be a JSON object of fields, not what is no JSON") from None


def _fields(document: Json, kind: type[Scenario | Faults], place: str) -> Mapping[str, Json]:
    if not isinstance(document, dict):
        raise ValueError(f"{place} must be a JSON object of fields of {kind.__name__}, not {shown(document)}")
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(document) - known)
    if unknown:
        raise ValueError(f"{place} has unknown fields: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return document


def _converted(name: str, value: Json) -> object:
    """Make of a JSON value what the field holds; the scenario refuses the values that are left as they are."""
    if value is None:
        return None
    if name == "faults":
        return faults_of(value)
    if name in _IDS and isinstance(value, str):
        return id_of(value, name)
    if name in _FILES:
        return _bytes_of(value, name)
    return value


def faults_of(document: Json) -> Faults:
    """Read the fields of faults. Raises ValueError as scenario_fields does."""
    fields = _fields(document, Faults, "faults")
    try:
        return Faults(**fields)
    except ValueError as error:
        raise ValueError(f"faults.{error}") from None


def _bytes_of(text: Json, name: str) -> bytes:
    try:
        if isinstance(text, str):
            return text.encode()
    except UnicodeEncodeError:
        pass
    raise ValueError(
        f"{name} must be a string, the text of a file, without half of a surrogate pair, not {shown(text)}"
    )


def id_of(text: str, name: str = "the path") -> uuid.UUID:
    """Read an id. Raises ValueError."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ValueError(f"{name} must hold a UUID; {shown(text)} is not an id") from None


def shown(document: Json) -> str:
    """Return the beginning of a JSON value, for an error."""
    text = json.dumps(document)
    return text if len(text) <= 60 else f"{text[:57]}..."
