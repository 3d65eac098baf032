"""The API listener: routes, authentication, permission, limits."""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from recall_emulator.control import Control
from recall_emulator.fault_injection import (
    API_KINDS,
    EDGE_KINDS,
    LIST_KINDS,
    WAF_PAGE,
    ChosenFault,
    damaged,
    replacement,
    throttled,
)
from recall_emulator.http1 import Answer, Call, html_answer, json_answer
from recall_emulator.listing import list_answer
from recall_emulator.request_log import Request
from recall_emulator.resources import NOT_FOUND_ANSWER, RefusedBodyError, recording_answer, transcript_answer
from recall_emulator.seeded import seeded_uuid
from recall_emulator.state import State

_PATH = re.compile(r"^/api/v1/(transcript|recording)(?:/([^/]+))?(/?)$")
_OF_ONE_TRANSCRIPT = {"GET": "retrieve", "PATCH": "update", "DELETE": "delete"}
_ROUTES: MappingProxyType[tuple[str, bool], Mapping[str, str]] = MappingProxyType(
    {  # by kind, and whether the path names one
        ("transcript", False): {"GET": "list"},
        ("transcript", True): _OF_ONE_TRANSCRIPT,
        ("recording", True): {method: f"{route}_recording" for method, route in _OF_ONE_TRANSCRIPT.items()},
    }
)
_NOT_PERMITTED = json_answer(403, {"detail": "You do not have permission to perform this action."})


@dataclass(frozen=True)
class Target:
    """What a call asks for: the route (see Request), its methods, one of the two ids, and the key it shows."""

    route: str
    methods: tuple[str, ...]
    transcript_id: uuid.UUID | None
    recording_id: uuid.UUID | None
    key: str | None
    workspace: str | None

    @property
    def has_faults(self) -> bool:
        return self.route not in ("redirect", "unknown")


class ApiApplication:
    """Answers the calls of the API's origin."""

    def __init__(self, state: State, api_url: Callable[[], str]) -> None:
        self._state = state
        self._api_url = api_url
        self._control = Control(state)

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/_emulator/"):
            return self._control.answer(call)
        target = self._target(call)
        self._state.delay()
        answer = self._through_the_edge(call, target)
        self._log(call, target, answer)
        request_id = seeded_uuid("request", call.monotonic)
        return replace(answer, headers=(*answer.headers, ("x-request-id", str(request_id))))

    def _target(self, call: Call) -> Target:
        key = _key_of(call)
        workspace = self._state.workspace_of(key)
        match = _PATH.match(call.path)
        routes = _ROUTES.get((match[1], match[2] is not None)) if match else None
        if match is None or routes is None:
            return Target("unknown", (), None, None, key, workspace)
        identity, is_recording = _uuid_of(match[2]), match[1] == "recording"
        route = routes.get(call.method, routes["GET"]) if match[3] else "redirect"
        transcript_id, recording_id = (None, identity) if is_recording else (identity, None)
        return Target(route, tuple(routes), transcript_id, recording_id, key, workspace)

    def _through_the_edge(self, call: Call, target: Target) -> Answer:
        """A body on GET and the edge's own faults never reach the application."""
        if call.method == "GET" and call.has_body:
            return html_answer(403, WAF_PAGE)
        return self._fault(target, EDGE_KINDS, lambda _: self._inside(call, target))

    def _inside(self, call: Call, target: Target) -> Answer:
        if target.route == "unknown":
            return NOT_FOUND_ANSWER
        if target.route == "redirect":
            query = f"?{call.query}" if call.query else ""
            return Answer(301, (("Location", f"{call.path}/{query}"), ("Content-Type", "text/html; charset=utf-8")))
        if target.workspace is None:
            return _unauthorized(call)
        if call.method not in target.methods:
            allowed = ("Allow", ", ".join(target.methods))
            return json_answer(405, {"detail": f'Method "{call.method}" not allowed.'}, allowed)
        if target.route == "list" and self._state.options.list_refused:
            return _NOT_PERMITTED
        wait = self._state.throttles[target.route].admit(target.workspace, call.monotonic)
        if wait > 0:
            seconds = math.ceil(wait)
            return throttled(seconds, str(seconds))
        workspace = target.workspace
        kinds = LIST_KINDS if target.route == "list" else API_KINDS
        return self._fault(target, kinds, lambda fault: self._page(call, target, workspace, fault))

    def _fault(
        self, target: Target, kinds: tuple[str, ...], true_answer: Callable[[ChosenFault | None], Answer]
    ) -> Answer:
        if not target.has_faults:
            return true_answer(None)
        entry = self._state.store.find(target.transcript_id) if target.transcript_id else None
        own = entry.scenario.faults if entry else None
        subject = target.transcript_id or target.recording_id or target.route
        fault = self._state.fault_injector.choose("api", kinds, subject, own)
        if fault is None:
            return true_answer(None)
        answer = replacement(fault)
        return damaged(true_answer(fault), fault) if answer is None else answer

    def _page(self, call: Call, target: Target, workspace: str, fault: ChosenFault | None) -> Answer:
        try:
            if target.route == "list":
                return list_answer(self._state, workspace, call, self._api_url(), fault)
            if target.recording_id is not None:
                return recording_answer(self._state, workspace, target.recording_id, call)
            if target.transcript_id is not None:
                return transcript_answer(self._state, workspace, target.transcript_id, call)
        except RefusedBodyError as error:
            return json_answer(400, error.args[0])
        return NOT_FOUND_ANSWER

    def _log(self, call: Call, target: Target, answer: Answer) -> None:
        self._state.request_log.append(
            Request(
                at=call.at,
                monotonic=call.monotonic,
                listener="api",
                method=call.method,
                path=call.path,
                query=call.query,
                route=target.route,
                transcript_id=target.transcript_id,
                recording_id=target.recording_id,
                workspace=target.workspace,
                status=answer.status,
                has_authorization="authorization" in call.headers,
                key=target.key,
                user_agent=call.headers.get("user-agent"),
                fault=answer.fault,
            )
        )


def _key_of(call: Call) -> str | None:
    """Read `Token <key>`, with the word in any letter case, or the bare key."""
    words = call.headers.get("authorization", "").split()
    if len(words) == 2 and words[0].lower() == "token":
        return words[1]
    return words[0] if len(words) == 1 else None


def _unauthorized(call: Call) -> Answer:
    has_key = bool(call.headers.get("authorization"))
    detail = "Invalid token." if has_key else "Authentication credentials were not provided."
    return json_answer(401, {"detail": detail}, ("WWW-Authenticate", "Token"))


def _uuid_of(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text and len(text) == 36 else None
    except ValueError:
        return None
