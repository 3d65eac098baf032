"""A TCP port in front of the test server, for clients that cannot reach its socket."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator

import psycopg.conninfo


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Forwarder:
    """A port of its own, which answers while `open()` lasts."""

    def __init__(self, database_url: str) -> None:
        parts = psycopg.conninfo.conninfo_to_dict(database_url)
        self._host, self._port = str(parts["host"]), int(str(parts.get("port") or 5432))
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port: int = found.getsockname()[1]

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Forward connections, in threads."""
        forwarder = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with forwarder._server() as server:
                    back = threading.Thread(target=_pump, args=(server, self.request), daemon=True)
                    back.start()
                    _pump(self.request, server)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, block_on_close = True, True, False

        with Server(("127.0.0.1", self.port), Connection) as server:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            yield
            server.shutdown()

    def _server(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server
