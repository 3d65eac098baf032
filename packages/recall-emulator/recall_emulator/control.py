"""Routes of the emulator itself, for those who do not drive it from Python."""

import dataclasses
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from recall_emulator.documents import Json
from recall_emulator.faults import Faults
from recall_emulator.http1 import Answer, Call, json_answer
from recall_emulator.request_log import Request
from recall_emulator.scenario import Scenario
from recall_emulator.state import State

_SCENARIO_FIELDS = {field.name for field in dataclasses.fields(Scenario)}


class Control:
    """Answers under /_emulator/. No key is asked for, and the request log leaves these calls out."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call) -> Answer:
        asked = (call.method, *call.path.removeprefix("/_emulator/").strip("/").split("/"))
        try:
            return self._routed(call, asked)
        except KeyError as error:
            return json_answer(404, {"detail": f"Unknown: {error}"})
        except (ValueError, TypeError) as error:
            return json_answer(400, {"detail": str(error)})

    def _routed(self, call: Call, asked: tuple[str, ...]) -> Answer:
        match asked:
            case ("POST", "transcripts"):
                return self._add(json.loads(call.body))
            case ("PATCH", "transcripts", identity):
                return self._change(uuid.UUID(identity), json.loads(call.body))
            case ("GET", "requests"):
                return json_answer(200, [_as_json(request) for request in self._state.request_log.all()])
            case ("GET", "expected", identity):
                return self._expected(uuid.UUID(identity))
        return json_answer(404, {"detail": "Not found."})

    def _add(self, fields: Mapping[str, Json]) -> Answer:
        entry = self._state.store.add(scenario_from(fields), time.time())
        return json_answer(201, {"id": str(entry.scenario.transcript_id)})

    def _change(self, transcript_id: uuid.UUID, fields: Mapping[str, Json]) -> Answer:
        self._state.store.change(transcript_id, _values(fields))
        return json_answer(200, {"id": str(transcript_id)})

    def _expected(self, transcript_id: uuid.UUID) -> Answer:
        expected = self._state.store.expected(transcript_id)
        texts = {name: _decoded(getattr(expected, name)) for name in ("transcript", "provider_data")}
        return json_answer(200, {"artifact": expected.artifact, **texts})


def scenario_from(fields: Mapping[str, Json]) -> Scenario:
    """Read a scenario from JSON fields: ids as strings, bytes as text. Raises ValueError for unknown fields."""
    return Scenario(**_values(fields))


def _values(fields: Mapping[str, Json]) -> dict[str, Any]:  # fields of a Scenario, each of its own type
    unknown = sorted(set(fields) - _SCENARIO_FIELDS)
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(unknown)}; known are {', '.join(sorted(_SCENARIO_FIELDS))}")
    return {name: _converted(name, value) for name, value in fields.items()}


def _converted(name: str, value: Json) -> object:
    if value is None:
        return None
    if name in ("transcript_id", "recording_id"):
        return uuid.UUID(value)
    if name in ("payload", "provider_data"):
        return value.encode()
    return Faults(**value) if name == "faults" else value


def _as_json(request: Request) -> dict[str, Json]:
    fields = dataclasses.asdict(request)
    fields["transcript_id"] = None if request.transcript_id is None else str(request.transcript_id)
    return fields


def _decoded(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")
