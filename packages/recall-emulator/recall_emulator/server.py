"""The two listeners, and the emulator that owns them."""

import contextlib
import socket
import socketserver
import sys
import threading
import time
import uuid
from types import TracebackType
from typing import Any, Protocol, Self

from recall_emulator.api import ApiApplication
from recall_emulator.changes import Change
from recall_emulator.faults import Faults
from recall_emulator.files import FileStoreApplication
from recall_emulator.http1 import Answer, Call, CallReader, send_answer
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import Request
from recall_emulator.scenario import Scenario
from recall_emulator.state import Expected, State

_POLL_SECONDS = 0.01
_JOIN_SECONDS = 5.0


class Application(Protocol):
    """What stands behind a listener."""

    def answer(self, call: Call) -> Answer: ...


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], application: Application, stopping: threading.Event) -> None:
        self.application = application
        self.stopping = stopping
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Connection)
        host, port = self.socket.getsockname()[:2]
        self.url = f"http://{host}:{port}"

    def process_request(
        self, request: Any, client_address: Any
    ) -> None:  # a socket, which socketserver does not promise
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # a socket, which socketserver does not promise
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(
        self, request: Any, client_address: Any
    ) -> None:  # a socket, which socketserver does not promise
        """Tell about our own mistakes; a client that goes away in the middle is none."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End the open connections, so that their threads end."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        reader = CallReader(self.request)
        with contextlib.suppress(OSError):
            while (call := reader.read()) is not None:
                answer = self.server.application.answer(call)
                if not send_answer(self.request, call, answer, self.server.stopping):
                    break
        # With SO_LINGER set to zero this close is the reset; a shutdown first would be an orderly end.
        self.request.close()


class Emulator:
    """Recall on this machine: an API and a file store, each on a port of its own.

    Use it as a context manager, or call start and stop. It can be started once.
    """

    def __init__(self, options: EmulatorOptions | None = None) -> None:
        self.options = options or EmulatorOptions()
        self._state = State(self.options)
        self._listeners: tuple[_Listener, ...] = ()
        self._threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Open both ports and answer in the background. Raises OSError, with the address, where a port is taken."""
        api = ApiApplication(self._state, lambda: self.api_url)
        listeners = [self._listener(self.options.api_port, api)]
        try:
            listeners.append(self._listener(self.options.files_port, FileStoreApplication(self._state)))
        except OSError:
            listeners[0].server_close()
            raise
        self._listeners = tuple(listeners)
        self._state.files_url = self.files_url
        for listener in listeners:
            thread = threading.Thread(target=listener.serve_forever, args=(_POLL_SECONDS,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def _listener(self, port: int, application: Application) -> _Listener:
        try:
            return _Listener((self.options.host, port), application, self._state.stopping)
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{self.options.host}:{port}") from error

    def stop(self) -> None:
        """Close both ports and every connection. Calling it again does nothing."""
        self._state.stopping.set()
        # Each shutdown waits for its listener to notice, so both are asked at once.
        endings = [threading.Thread(target=listener.shutdown) for listener in self._listeners]
        for ending in endings:
            ending.start()
        for ending in endings:
            ending.join()
        for listener in self._listeners:
            listener.server_close()
            listener.close_connections()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """Origin of the API, without a path."""
        return self._listeners[0].url

    @property
    def files_url(self) -> str:
        """Origin of the file store."""
        return self._listeners[1].url

    def add(self, scenario: Scenario) -> uuid.UUID:
        """Add a transcript now, and return its id.

        Raises ValueError for an unknown provider, topic or hostile kind, an id that was added before, and a recording
        of another workspace.
        """
        return self._state.store.add(scenario, time.time()).scenario.transcript_id

    def change(self, transcript_id: uuid.UUID, **changes: object) -> None:
        """Give a transcript other fields of its scenario from now on; the moment of its creation stays.

        `finishes_after` still counts from its creation, and `deleted_after` from its finish.

        Raises KeyError for an id that was never added, TypeError for a field that there is not, and ValueError for a
        value that a field must not hold, another id, another creation or another recording.
        """
        self._state.store.change(transcript_id, changes, time.time())

    def delete(self, transcript_id: uuid.UUID) -> None:
        """Delete a transcript now; raises KeyError for an id that was never added."""
        self._state.store.delete(transcript_id, time.time())

    def delete_recording(self, recording_id: uuid.UUID) -> None:
        """Delete a recording now, and its transcripts with it; raises KeyError for one that no transcript has."""
        self._state.store.delete_recording(recording_id, time.time())

    def set_faults(self, *faults: Faults) -> None:
        """Inject these faults from now on, in place of those of the options; without any, none."""
        self._state.set_faults(faults)

    def changes(self, since: float = 0.0) -> list[Change]:
        """Return what changed from `since` (seconds since the epoch) until now, in order."""
        return self._state.changes(since)

    def expected(self, transcript_id: uuid.UUID) -> Expected:
        """Return how a transcript ends; raises KeyError for an id that was never added."""
        return self._state.expected(transcript_id)

    def requests(self) -> list[Request]:
        """Return the requests so far, oldest first, refused ones too."""
        return self._state.request_log.all()

    def refuse_key(self, key: str) -> None:
        """Answer 401 to a key from now on."""
        self._state.refused.add(key)

    def accept_key(self, key: str) -> None:
        """Answer a refused key again."""
        self._state.refused.discard(key)
