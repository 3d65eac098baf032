"""Why a server was not reached: each cause by its own words and code, for the API and for files."""

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import UUID

import httpcore
import pytest

from syncd import errors
from syncd.network_faults import NetworkFault
from syncd.recall.api import RecallApi
from syncd.recall.causes import cause_of
from syncd.recall.store import FileStore
from syncd.recall.transport import Network
from tests.core.samples import TRANSCRIPT_ID
from tests.recall.printed import printed
from tests.recall.raw_server import RawServer, response
from tests.recall.tls_server import HOST, Authority, Listener, tls_server

Open = Callable[[ssl.SSLContext], Listener]
ODDITIES = {
    "for clients": "it is not meant for servers",
    "of a short key": "a key in it is too short",
    "beyond its authority": "its authority may not sign for this host",
    "of no authority": "it is signed by one that may not sign it",
    "with a rule unknown": "OpenSSL: unhandled critical extension",
}
SIGNED = "/f.json?Signature=canary"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts unless told to."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def serve_tls(stack: ExitStack) -> Open:
    """A server that answers by TLS."""
    return lambda context: stack.enter_context(closing(tls_server(context)))


@pytest.fixture
def fault_of(open_api: Callable[..., RecallApi], open_store: Callable[..., FileStore], key: str) -> Any:
    """The cause that both clients tell, which must be the same, with neither a secret nor an address."""

    def ask(url: str, ca_file: Path | None = None, also: str = "") -> NetworkFault:
        network = Network(ca_file)
        with pytest.raises(errors.RecallTrouble) as of_api:
            open_api(url, network=network).retrieve(UUID(TRANSCRIPT_ID))
        with pytest.raises(errors.StoreTrouble) as of_store:
            open_store(url, network=network).download(url + SIGNED)
        assert of_api.value.fault is not None
        assert of_api.value.fault == of_store.value.fault
        for error in (of_api.value, of_store.value):
            assert f"could not be reached: {of_api.value.fault.words}{also}." in str(error)
            assert str(error).endswith(f" [{of_api.value.fault.code}]")
            assert not {"localhost", "127.0.0.1", "invalid", "canary"} & set(str(error).replace("/", " ").split())
            printed(error, key)
        return of_api.value.fault

    return ask


def https(listener: Listener) -> str:
    return f"https://{HOST}:{listener.port}"


def test_a_server_that_is_trusted_is_reached(
    authority: Authority, serve_tls: Open, open_store: Callable[..., FileStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = https(serve_tls(authority.context()))
    assert open_store(url, network=Network(authority.file)).download(url + "/f").content == b"[]"
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert open_store(url).download(url + "/f").content == b"[]"


@pytest.mark.parametrize(
    ("options", "expected", "also"),
    [
        pytest.param({"age_days": 2.0}, NetworkFault.CERTIFICATE_EXPIRED, "", id="expired"),
        pytest.param({"age_days": -2.0}, NetworkFault.CERTIFICATE_NOT_YET_VALID, "", id="not yet valid"),
        pytest.param({"host": "other.example"}, NetworkFault.CERTIFICATE_OF_OTHER, "", id="another host"),
        pytest.param({"host": "*.localhost"}, NetworkFault.CERTIFICATE_OF_OTHER, "", id="a wildcard of the host"),
        pytest.param(
            {"host": "other.example", "age_days": 2.0},
            NetworkFault.CERTIFICATE_OF_OTHER,  # which OpenSSL looks at first, and tells no more
            "",
            id="expired, of another host",
        ),
        pytest.param({"wants_client": True}, NetworkFault.CLIENT_CERTIFICATE, "", id="a client certificate"),
        *(
            pytest.param({"oddity": oddity}, NetworkFault.CERTIFICATE_BAD, f" ({why})", id=oddity)
            for oddity, why in ODDITIES.items()
        ),
        pytest.param(
            {"maximum_version": ssl.TLSVersion.TLSv1_1, "ciphers": "DEFAULT:@SECLEVEL=0"},
            NetworkFault.TLS_TOO_OLD,
            "",
            id="old TLS",
            marks=pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning"),
        ),
    ],
)
def test_a_certificate_that_is_wrong_is_told(
    authority: Authority, serve_tls: Open, fault_of: Any, options: dict[str, Any], expected: NetworkFault, also: str
) -> None:
    assert fault_of(https(serve_tls(authority.context(**options))), authority.file, also) == expected


def test_an_authority_that_is_not_trusted_is_told(authority: Authority, serve_tls: Open, fault_of: Any) -> None:
    assert fault_of(https(serve_tls(authority.context()))) == NetworkFault.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("is_of_variable", [True, False], ids=["SSL_CERT_FILE", "SYNCD_CA_FILE"])
def test_a_trusted_certificate_that_is_no_authority_is_told_like_any_other(
    authority: Authority, serve_tls: Open, fault_of: Any, monkeypatch: pytest.MonkeyPatch, is_of_variable: bool
) -> None:
    url = https(serve_tls(authority.context("other.example", oddity="signed by itself")))
    if is_of_variable:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.odd_file))
    ca_file = None if is_of_variable else authority.odd_file
    assert fault_of(url, ca_file) == NetworkFault.CERTIFICATE_OF_OTHER


def test_no_common_cipher_is_a_handshake_that_failed(authority: Authority, serve_tls: Open, fault_of: Any) -> None:
    # without forward secrecy, which Python's clients do not offer
    context = authority.context(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers="AES128-SHA256")
    also = " (OpenSSL: sslv3 alert handshake failure)"
    assert fault_of(https(serve_tls(context)), authority.file, also) == NetworkFault.HANDSHAKE_FAILED


def read_hello(connection: socket.socket) -> None:
    """Take what a client begins a handshake with, so that the end of the connection is no reset, and no more."""
    connection.recv(65536)


def test_a_server_that_leaves_the_handshake(stack: ExitStack, fault_of: Any) -> None:
    leaving = stack.enter_context(closing(Listener(read_hello)))
    assert fault_of(https(leaving), also=" (the connection was closed)") == NetworkFault.HANDSHAKE_FAILED


def test_a_server_without_tls_is_told(serve: Callable[..., RawServer], stack: ExitStack, fault_of: Any) -> None:
    plain = stack.enter_context(closing(Listener(lambda connection: connection.sendall(b"HTTP/1.1 400 X\r\n\r\n"))))
    assert fault_of(https(plain)) == NetworkFault.NO_TLS


def test_a_port_where_nobody_listens(fault_of: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert fault_of(f"http://127.0.0.1:{port}") == NetworkFault.CONNECTION_REFUSED


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (socket.EAI_NONAME, NetworkFault.NAME_UNKNOWN),
        (socket.EAI_AGAIN, NetworkFault.NAME_SERVER_AWAY),
        (socket.EAI_FAIL, NetworkFault.NAME_UNKNOWN),
    ],
)
def test_a_name_that_cannot_be_resolved(
    fault_of: Any, monkeypatch: pytest.MonkeyPatch, number: int, expected: NetworkFault
) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "no answer about files.invalid")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert fault_of("https://files.invalid") == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param([], NetworkFault.CONNECTION_CLOSED, id="nothing"),
        pytest.param([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], NetworkFault.NO_HTTP, id="another protocol"),
        pytest.param(response(body=b"[]", content_length=9), NetworkFault.CONNECTION_CLOSED, id="cut short"),
    ],
)
def test_an_answer_that_is_none(
    serve: Callable[..., RawServer], fault_of: Any, answer: Any, expected: NetworkFault
) -> None:
    assert fault_of(serve(answer).url) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpcore.ConnectTimeout("timed out"), NetworkFault.CONNECT_TIMEOUT),
        (httpcore.ReadTimeout("timed out"), NetworkFault.ANSWER_TIMEOUT),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), NetworkFault.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), NetworkFault.UNREACHABLE),
        (PermissionError(errno.EPERM, "Operation not permitted"), NetworkFault.CONNECTION_FORBIDDEN),
        (ConnectionResetError(errno.ECONNRESET, "reset"), NetworkFault.CONNECTION_RESET),
    ],
)
def test_what_the_machine_says(
    fault_of: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: NetworkFault
) -> None:
    def connect(*_: object, **__: object) -> None:
        try:
            raise error
        except OSError as found:  # as httpcore does it
            raise httpcore.ConnectError(str(found)) from found

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    assert fault_of("http://127.0.0.1:1") == expected


def test_another_error_is_told_by_its_name_or_the_machines_words() -> None:
    full = httpcore.ConnectError("to 10.0.0.1")
    full.__cause__ = OSError(errno.EMFILE, "to 10.0.0.1")
    assert cause_of(full) == (NetworkFault.OTHER, f"the network failed ({os.strerror(errno.EMFILE)})")
    assert cause_of(ValueError("10.0.0.1")) == (NetworkFault.OTHER, "the network failed (ValueError)")


@pytest.fixture(autouse=True)
def without_authorities_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what a test names is trusted."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    yield
