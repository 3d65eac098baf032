"""The two listeners, and the emulator that owns them."""

import contextlib
import socket
import socketserver
import sys
import threading
import time
import uuid
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from recall_emulator.api import ApiSite
from recall_emulator.files import FileSite
from recall_emulator.http1 import Answer, Call, read_call, send_answer
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import Request
from recall_emulator.scenario import Script
from recall_emulator.state import Scene
from recall_emulator.store import Truth

_POLL_SECONDS = 0.01
_JOIN_SECONDS = 5.0


class Site(Protocol):
    """What stands behind a listener."""

    def answer(self, call: Call) -> Answer: ...


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], site: Site, stopping: threading.Event) -> None:
        self.site = site
        self.stopping = stopping
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Conversation)
        host, port = self.socket.getsockname()[:2]
        self.url = f"http://{host}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell about our own mistakes; a client that goes away in the middle is none."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the open connections, so that their threads end."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Conversation(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        with self.request.makefile("rb") as stream, contextlib.suppress(OSError):
            while self._answered(stream):
                pass
        # With SO_LINGER set to zero this close is the reset; a shutdown first would be an orderly end.
        self.request.close()

    def _answered(self, stream: BinaryIO) -> bool:
        try:
            call = read_call(stream)
        except ValueError:
            return False
        if call is None:
            return False
        return send_answer(self.request, call, self.server.site.answer(call), self.server.stopping)


class Emulator:
    """A Recall on this machine: an API and a file store, each on a port of its own.

    Use it as a context manager, or call start and stop. It can be started once.
    """

    def __init__(self, options: EmulatorOptions | None = None) -> None:
        self.options = options or EmulatorOptions()
        self._scene = Scene(self.options)
        self._listeners: tuple[_Listener, ...] = ()
        self._threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Open both ports and answer in the background. Raises OSError where a port is taken."""
        host = self.options.host
        api = ApiSite(self._scene, lambda: self.api_url)
        listeners = [_Listener((host, self.options.api_port), api, self._scene.stopping)]
        try:
            listeners.append(_Listener((host, self.options.files_port), FileSite(self._scene), self._scene.stopping))
        except OSError:
            listeners[0].server_close()
            raise
        self._listeners = tuple(listeners)
        self._scene.files_url = self.files_url
        for listener in listeners:
            thread = threading.Thread(target=listener.serve_forever, args=(_POLL_SECONDS,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Close both ports and every connection. Calling it again does nothing."""
        self._scene.stopping.set()
        # Each shutdown waits for its listener to look up, so both are told at once.
        endings = [threading.Thread(target=listener.shutdown) for listener in self._listeners]
        for ending in endings:
            ending.start()
        for ending in endings:
            ending.join()
        for listener in self._listeners:
            listener.server_close()
            listener.hang_up()
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

    def add(self, script: Script) -> uuid.UUID:
        """Begin a transcript's life now, and return its id.

        Raises ValueError for an unknown hostile kind, or an id that was added before.
        """
        return self._scene.shelf.put(script, time.time()).script.transcript_id

    def truth(self, transcript_id: uuid.UUID) -> Truth:
        """Return how a transcript ends; raises KeyError for an id that was never added."""
        return self._scene.shelf.truth(transcript_id)

    def requests(self) -> list[Request]:
        """Return the requests so far, oldest first, refused ones too."""
        return self._scene.journal.read()

    def refuse_key(self, key: str) -> None:
        """Answer 401 to a key from now on."""
        self._scene.refused.add(key)

    def accept_key(self, key: str) -> None:
        """Answer a refused key again."""
        self._scene.refused.discard(key)
