"""What was asked and what was answered."""

import threading
import uuid
from dataclasses import dataclass
from typing import Literal

Listener = Literal["api", "files"]


@dataclass(frozen=True)
class Request:
    """One request as the emulator saw it.

    at is time.time() and monotonic is time.monotonic() at its arrival; status is 0 where the connection was reset
    instead of an answer; route is retrieve, list, update, delete, retrieve_recording, update_recording,
    delete_recording, file, redirect or unknown; fault names the fault that was injected; query is raw. key is the API
    key that was presented, and workspace the one it belongs to.
    """

    at: float
    monotonic: float
    listener: Listener
    method: str
    path: str
    query: str
    route: str
    transcript_id: uuid.UUID | None
    workspace: str | None
    status: int
    has_authorization: bool
    key: str | None
    user_agent: str | None
    fault: str | None = None
    recording_id: uuid.UUID | None = None


class RequestLog:
    """The requests, oldest first. Safe to write from many threads."""

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self._lock = threading.Lock()

    def append(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def all(self) -> list[Request]:
        with self._lock:
            return list(self._requests)
