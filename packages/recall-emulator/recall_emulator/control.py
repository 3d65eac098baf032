"""Routes of the emulator itself, for those who do not drive it from Python."""

import dataclasses
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from recall_emulator.changes import Change
from recall_emulator.documents import Json
from recall_emulator.http1 import Answer, Call, json_answer
from recall_emulator.request_log import Request
from recall_emulator.scenario import Scenario
from recall_emulator.scenario_json import faults_of, id_of, json_of, scenario_fields, shown
from recall_emulator.state import State
from recall_emulator.store import UnknownIdError


class Control:
    """Answers under /_emulator/. No key is asked for, and the request log leaves these calls out."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call) -> Answer:
        asked = (call.method, *call.path.removeprefix("/_emulator/").strip("/").split("/"))
        try:
            return self._routed(call, asked)
        except UnknownIdError as error:
            return json_answer(404, {"detail": f"No {error.what} {error.args[0]}."})
        except ValueError as error:
            return json_answer(400, {"detail": f"{error}."})

    def _routed(self, call: Call, asked: tuple[str, ...]) -> Answer:
        match asked:
            case ("POST", "transcripts"):
                return self._add(scenario_fields(call.body))
            case ("PATCH", "transcripts", identity):
                return self._change(id_of(identity), scenario_fields(call.body))
            case ("DELETE", "transcripts", identity):
                self._state.store.delete(id_of(identity), time.time())
                return json_answer(200, {"id": identity})
            case ("DELETE", "recordings", identity):
                self._state.store.delete_recording(id_of(identity), time.time())
                return json_answer(200, {"id": identity})
            case ("PUT", "faults"):
                self._state.set_faults((faults_of(json_of(call.body)),))
                return json_answer(200, {})
            case ("GET", "changes"):
                return json_answer(200, [_as_json(change) for change in self._state.changes(_since(call.query))])
            case ("GET", "requests"):
                return json_answer(200, [_as_json(request) for request in self._state.request_log.all()])
            case ("GET", "expected", identity):
                return self._expected(id_of(identity))
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


def _since(query: str) -> float:
    text = dict(parse_qsl(query)).get("since", "0")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"since must be seconds since the epoch, not {shown(text)}") from None


def _as_json(told: Request | Change) -> dict[str, Json]:
    fields = dataclasses.asdict(told)
    return {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in fields.items()}


def _decoded(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")
