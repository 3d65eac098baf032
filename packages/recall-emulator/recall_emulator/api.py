"""The API listener: authentication, permission, limits, retrieve."""

import math
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from recall_emulator.control import Control
from recall_emulator.fault_injection import (
    API_KINDS,
    EDGE_KINDS,
    LIST_KINDS,
    WAF_PAGE,
    damaged,
    replacement,
    throttled,
)
from recall_emulator.http1 import Answer, Call, html_answer, json_answer
from recall_emulator.links import linked_artifact
from recall_emulator.listing import list_answer
from recall_emulator.request_log import Request
from recall_emulator.seeded import seeded_uuid
from recall_emulator.state import State

_ROUTE = re.compile(r"^/api/v1/transcript(?:/([^/]+))?(/?)$")
_NOT_FOUND = json_answer(404, {"detail": "Not found."})
_NOT_PERMITTED = json_answer(403, {"detail": "You do not have permission to perform this action."})


@dataclass(frozen=True)
class Target:
    """What a call asks for: the route (retrieve, list, redirect, unknown), the id, and the key it shows."""

    route: str
    transcript_id: uuid.UUID | None
    key: str | None
    workspace: str | None


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
        match = _ROUTE.match(call.path)
        if match is None:
            return Target("unknown", None, key, workspace)
        transcript_id = _uuid_of(match[1])
        if not match[2]:
            return Target("redirect", transcript_id, key, workspace)
        return Target("list" if match[1] is None else "retrieve", transcript_id, key, workspace)

    def _through_the_edge(self, call: Call, target: Target) -> Answer:
        """A body on GET and the edge's own faults never reach the application."""
        if call.method == "GET" and call.has_body:
            return html_answer(403, WAF_PAGE)
        return self._fault(target, EDGE_KINDS, lambda: self._inside(call, target))

    def _inside(self, call: Call, target: Target) -> Answer:
        if target.route == "unknown":
            return _NOT_FOUND
        if target.route == "redirect":
            query = f"?{call.query}" if call.query else ""
            return Answer(301, (("Location", f"{call.path}/{query}"), ("Content-Type", "text/html; charset=utf-8")))
        if target.workspace is None:
            return _unauthorized(call)
        if call.method != "GET":
            return json_answer(405, {"detail": f'Method "{call.method}" not allowed.'}, ("Allow", "GET"))
        if target.route == "list" and self._state.options.list_refused:
            return _NOT_PERMITTED
        wait = self._state.throttles[target.route].admit(target.workspace, call.monotonic)
        if wait > 0:
            seconds = math.ceil(wait)
            return throttled(seconds, str(seconds))
        workspace = target.workspace
        kinds = LIST_KINDS if target.route == "list" else API_KINDS
        return self._fault(target, kinds, lambda: self._page(call, target, workspace))

    def _fault(self, target: Target, kinds: tuple[str, ...], true_answer: Callable[[], Answer]) -> Answer:
        if target.route not in ("retrieve", "list"):
            return true_answer()
        entry = self._state.store.find(target.transcript_id) if target.transcript_id else None
        own = entry.scenario.faults if entry else None
        fault = self._state.fault_injector.choose("api", kinds, target.transcript_id or target.route, own)
        if fault is None:
            return true_answer()
        answer = replacement(fault)
        return damaged(true_answer(), fault) if answer is None else answer

    def _page(self, call: Call, target: Target, workspace: str) -> Answer:
        if target.route == "list":
            return list_answer(self._state, workspace, call, self._api_url())
        entry = self._state.store.find(target.transcript_id) if target.transcript_id else None
        found = self._state.visible(entry, workspace, call.at)
        return _NOT_FOUND if found is None else json_answer(200, linked_artifact(self._state, found, call.at))

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
