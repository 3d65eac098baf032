"""The API listener: authentication, permission, limits, retrieve."""

import math
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from recall_emulator.control import Control
from recall_emulator.fault_injection import API_KINDS, EDGE_KINDS, LIST_KINDS, WAF_PAGE, instead, spoiled, throttled
from recall_emulator.http1 import Answer, Call, html_answer, json_answer
from recall_emulator.links import linked_artifact
from recall_emulator.listing import list_answer
from recall_emulator.request_log import Request
from recall_emulator.seeded import drawn_uuid
from recall_emulator.state import Scene

_ROUTE = re.compile(r"^/api/v1/transcript(?:/([^/]+))?(/?)$")
_NOT_FOUND = json_answer(404, {"detail": "Not found."})
_NOT_PERMITTED = json_answer(403, {"detail": "You do not have permission to perform this action."})


@dataclass(frozen=True)
class Visit:
    """What a call asks for: the route (retrieve, list, redirect, unknown), the id, and the key it shows."""

    route: str
    transcript_id: uuid.UUID | None
    key: str | None
    workspace: str | None


class ApiSite:
    """Answers the calls of the API's origin."""

    def __init__(self, scene: Scene, api_url: Callable[[], str]) -> None:
        self._scene = scene
        self._api_url = api_url
        self._control = Control(scene)

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/_emulator/"):
            return self._control.answer(call)
        visit = self._visit(call)
        self._scene.pause()
        answer = self._through_the_edge(call, visit)
        self._note(call, visit, answer)
        request_id = drawn_uuid("request", call.monotonic)
        return replace(answer, headers=(*answer.headers, ("x-request-id", str(request_id))))

    def _visit(self, call: Call) -> Visit:
        key = _key_of(call)
        workspace = self._scene.workspace_of(key)
        match = _ROUTE.match(call.path)
        if match is None:
            return Visit("unknown", None, key, workspace)
        transcript_id = _uuid_of(match[1])
        if not match[2]:
            return Visit("redirect", transcript_id, key, workspace)
        return Visit("list" if match[1] is None else "retrieve", transcript_id, key, workspace)

    def _through_the_edge(self, call: Call, visit: Visit) -> Answer:
        """A body on GET and the edge's own faults never reach the application."""
        if call.method == "GET" and call.has_body:
            return html_answer(403, WAF_PAGE)
        return self._fault(visit, EDGE_KINDS, lambda: self._inside(call, visit))

    def _inside(self, call: Call, visit: Visit) -> Answer:
        if visit.route == "unknown":
            return _NOT_FOUND
        if visit.route == "redirect":
            query = f"?{call.query}" if call.query else ""
            return Answer(301, (("Location", f"{call.path}/{query}"), ("Content-Type", "text/html; charset=utf-8")))
        if visit.workspace is None:
            return _unauthorized(call)
        if call.method != "GET":
            return json_answer(405, {"detail": f'Method "{call.method}" not allowed.'}, ("Allow", "GET"))
        if visit.route == "list" and self._scene.options.list_refused:
            return _NOT_PERMITTED
        wait = self._scene.throttles[visit.route].admit(visit.workspace, call.monotonic)
        if wait > 0:
            seconds = math.ceil(wait)
            return throttled(seconds, str(seconds))
        workspace = visit.workspace
        kinds = LIST_KINDS if visit.route == "list" else API_KINDS
        return self._fault(visit, kinds, lambda: self._page(call, visit, workspace))

    def _fault(self, visit: Visit, kinds: tuple[str, ...], truth: Callable[[], Answer]) -> Answer:
        if visit.route not in ("retrieve", "list"):
            return truth()
        entry = self._scene.shelf.find(visit.transcript_id) if visit.transcript_id else None
        own = entry.script.faults if entry else None
        played = self._scene.mischief.choose("api", kinds, visit.transcript_id or visit.route, own)
        if played is None:
            return truth()
        answer = instead(played)
        return spoiled(truth(), played) if answer is None else answer

    def _page(self, call: Call, visit: Visit, workspace: str) -> Answer:
        if visit.route == "list":
            return list_answer(self._scene, workspace, call, self._api_url())
        entry = self._scene.shelf.find(visit.transcript_id) if visit.transcript_id else None
        found = self._scene.visible(entry, workspace, call.at)
        return _NOT_FOUND if found is None else json_answer(200, linked_artifact(self._scene, found, call.at))

    def _note(self, call: Call, visit: Visit, answer: Answer) -> None:
        self._scene.journal.write(
            Request(
                at=call.at,
                monotonic=call.monotonic,
                listener="api",
                method=call.method,
                path=call.path,
                query=call.query,
                route=visit.route,
                transcript_id=visit.transcript_id,
                workspace=visit.workspace,
                status=answer.status,
                has_authorization="authorization" in call.headers,
                key=visit.key,
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
