"""Routes of the emulator itself, for those who do not drive it from Python."""

import dataclasses
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from recall_emulator.changes import Change
from recall_emulator.documents import Json
from recall_emulator.faults import Faults
from recall_emulator.http1 import Answer, Call, json_answer
from recall_emulator.request_log import Request
from recall_emulator.scenario import Scenario
from recall_emulator.state import State

_IDS = ("transcript_id", "recording_id")
_FILES = ("payload", "provider_data")


class Control:
    """Answers under /_emulator/. No key is asked for, and the request log leaves these calls out."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call) -> Answer:
        asked = (call.method, *call.path.removeprefix("/_emulator/").strip("/").split("/"))
        try:
            return self._routed(call, asked)
        except KeyError as error:  # the store's, whose keys are ids
            what = "recording" if asked[1] == "recordings" else "transcript"
            return json_answer(404, {"detail": f"No {what} {error.args[0]}."})
        except ValueError as error:
            return json_answer(400, {"detail": f"{error}."})

    def _routed(self, call: Call, asked: tuple[str, ...]) -> Answer:
        match asked:
            case ("POST", "transcripts"):
                return self._add(scenario_fields(call.body))
            case ("PATCH", "transcripts", identity):
                return self._change(_id_of(identity), scenario_fields(call.body))
            case ("DELETE", "transcripts", identity):
                self._state.store.delete(_id_of(identity), time.time())
                return json_answer(200, {"id": identity})
            case ("DELETE", "recordings", identity):
                self._state.store.delete_recording(_id_of(identity), time.time())
                return json_answer(200, {"id": identity})
            case ("PUT", "faults"):
                self._state.set_faults((_faults(_json_of(call.body)),))
                return json_answer(200, {})
            case ("GET", "changes"):
                return json_answer(200, [_as_json(change) for change in self._state.changes(_since(call.query))])
            case ("GET", "requests"):
                return json_answer(200, [_as_json(request) for request in self._state.request_log.all()])
            case ("GET", "expected", identity):
                return self._expected(_id_of(identity))
        return json_answer(404, {"detail": "Not found."})

    def _add(self, fields: Mapping[str, Any]) -> Answer:  # fields of a Scenario, each of its own type
        entry = self._state.store.add(Scenario(**fields), time.time())
        return json_answer(201, {"id": str(entry.transcript_id), "recording_id": str(entry.recording_id)})

    def _change(self, transcript_id: uuid.UUID, fields: Mapping[str, Any]) -> Answer:  # as of _add
        self._state.store.change(transcript_id, fields, time.time())
        return json_answer(200, {"id": str(transcript_id)})

    def _expected(self, transcript_id: uuid.UUID) -> Answer:
        expected = self._state.expected(transcript_id)
        texts = {name: _decoded(getattr(expected, name)) for name in ("transcript", "provider_data")}
        return json_answer(200, {"artifact": expected.artifact, **texts})


def scenario_fields(text: str | bytes, place: str = "the body") -> dict[str, Any]:  # each of its own type
    """Read the fields of a scenario from JSON: ids as strings, bytes as text. `place` is what errors call the JSON.

    Raises ValueError for a field that there is not, and for what cannot be read; what a field must not hold is
    refused by the scenario.
    """
    fields = _fields(_json_of(text, place), Scenario, place)
    return {name: _converted(name, value) for name, value in fields.items()}


def _json_of(text: str | bytes, place: str = "the body") -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{place} must be a JSON object of fields, not what is no JSON") from None


def _since(query: str) -> float:
    text = dict(parse_qsl(query)).get("since", "0")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"since must be seconds since the epoch, not {_shown(text)}") from None


def _fields(document: Json, kind: type[Scenario | Faults], place: str) -> Mapping[str, Json]:
    if not isinstance(document, dict):
        raise ValueError(f"{place} must be a JSON object of fields of {kind.__name__}, not {_shown(document)}")
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
        return _faults(value)
    if name in _IDS and isinstance(value, str):
        return _id_of(value, name)
    if name in _FILES:
        return _bytes_of(value, name)
    return value


def _faults(document: Json) -> Faults:
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
        f"{name} must be a string, the text of a file, without half of a surrogate pair, not {_shown(text)}"
    )


def _id_of(text: str, name: str = "the path") -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ValueError(f"{name} must hold a UUID; {_shown(text)} is not an id") from None


def _shown(document: Json) -> str:
    shown = json.dumps(document)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _as_json(told: Request | Change) -> dict[str, Json]:
    fields = dataclasses.asdict(told)
    return {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in fields.items()}


def _decoded(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")
