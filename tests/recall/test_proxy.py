"""Through an HTTP proxy: the API and files, by tunnels, to no other address than without one."""

import base64
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from syncd import errors
from syncd.core.reading.proxy import ProxyAddress
from syncd.network_faults import NetworkFault
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.recall.transport import Network
from tests.core.samples import TRANSCRIPT_ID
from tests.recall.printed import printed
from tests.recall.raw_server import RawServer, response
from tests.recall.tls_server import HOST, Authority, Listener, Proxy, tls_server

OpenStore = Callable[..., FileStore]
LOGIN = ProxyAddress(HOST, 0, is_tls=False, user="me", password="canary-pass")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def origin(authority: Authority, stack: ExitStack) -> Listener:
    """A file store that answers by TLS."""
    return stack.enter_context(closing(tls_server(authority.context())))


@pytest.fixture
def start_proxy(stack: ExitStack) -> Callable[..., Proxy]:
    """A proxy with the options given."""
    return lambda **options: stack.enter_context(closing(Proxy(**options)))


@pytest.fixture(autouse=True)
def resolving(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Addresses by name, besides localhost; a name that is not here is unknown."""
    known: dict[str, str] = {}
    really = socket.getaddrinfo

    def resolve(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host not in (HOST, "127.0.0.1", *known):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return really(known.get(host, host), port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield known


def through(proxy: Proxy, ca_file: Path | None = None, **options: Any) -> Network:
    return Network(ca_file, replace(ProxyAddress(HOST, proxy.port, is_tls=False), **options))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="as it should be"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 X\r\n\r\n", id="an interim answer first"),
        pytest.param(b"HTTP/1.0 200 X\nVia: x\n\n", id="no carriage returns"),
    ],
)
def test_a_file_comes_through_a_tunnel_with_tls_end_to_end(
    authority: Authority,
    origin: Listener,
    start_proxy: Callable[..., Proxy],
    open_store: OpenStore,
    answer: bytes | None,
) -> None:
    proxy = start_proxy(answer=answer)
    url = f"https://{HOST}:{origin.port}"
    store = open_store(url, network=through(proxy, authority.file))
    assert store.download(f"{url}/f.json?Signature=canary").content == b"[]"
    assert [head.split(b"\r\n")[0] for head in proxy.heads] == [f"CONNECT {HOST}:{origin.port} HTTP/1.1".encode()]
    assert b"canary" not in proxy.heads[0]


def test_the_api_is_asked_through_it_and_the_key_stays_inside(
    serve: Callable[..., RawServer], start_proxy: Callable[..., Proxy], open_api: Callable[..., RecallApi], key: str
) -> None:
    server, proxy = serve(response(404, b"{}")), start_proxy()
    with pytest.raises(errors.NotFound):
        open_api(server.url, network=through(proxy)).retrieve(UUID(TRANSCRIPT_ID))
    assert key.encode() in server.requests[0]
    assert key.encode() not in proxy.heads[0]
    assert b"proxy" not in server.requests[0].lower()


def test_a_proxy_may_be_spoken_to_by_tls_and_want_a_login(
    authority: Authority, origin: Listener, start_proxy: Callable[..., Proxy], open_store: OpenStore
) -> None:
    proxy = start_proxy(login=base64.b64encode(b"me:canary-pass"), context=authority.context())
    url = f"https://{HOST}:{origin.port}"
    network = Network(authority.file, replace(LOGIN, port=proxy.port, is_tls=True))
    assert open_store(url, network=network).download(f"{url}/f").content == b"[]"


@pytest.mark.parametrize(
    ("options", "expected", "words"),
    [
        ({"login": b"other"}, NetworkFault.PROXY_LOGIN, "the proxy refuses the login, or asks for one (407)"),
        ({"status": 403}, NetworkFault.PROXY_REFUSED, "the proxy refuses the connection (403)"),
        ({"status": 302}, NetworkFault.PROXY_REFUSED, "the proxy refuses the connection (302)"),
        ({"status": 511}, NetworkFault.PROXY_REFUSED, "the proxy refuses the connection (511)"),
        (
            {"answer": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"},
            NetworkFault.PROXY_REFUSED,
            "the proxy refuses the connection (200 with a page of its own)",
        ),
        ({"status": 503}, NetworkFault.PROXY_FAILED, "the proxy could not connect to it (503)"),
    ],
)
def test_a_tunnel_that_is_refused_is_told(
    start_proxy: Callable[..., Proxy],
    open_api: Callable[..., RecallApi],
    open_store: OpenStore,
    key: str,
    options: dict[str, Any],
    expected: NetworkFault,
    words: str,
) -> None:
    network = Network(None, replace(LOGIN, port=start_proxy(**options).port))
    with pytest.raises(errors.RecallTrouble) as of_api:
        open_api(f"https://{HOST}:1", network=network).retrieve(UUID(TRANSCRIPT_ID))
    with pytest.raises(errors.StoreTrouble) as of_store:
        open_store(f"https://{HOST}:1", network=network).download(f"https://{HOST}:1/f")
    assert (of_api.value.fault, of_store.value.fault) == (expected, expected)
    assert of_api.value.message == f"The Recall API could not be reached: {words}."
    assert not of_api.value.was_sent
    assert "canary" not in printed(of_api.value, key) + printed(of_store.value, key)


def test_a_proxy_that_is_not_there_is_told_with_why(open_store: OpenStore) -> None:
    for address, why in (
        (ProxyAddress("127.0.0.1", 1, is_tls=False), "the connection was refused"),
        (ProxyAddress("proxy.invalid", 3128, is_tls=False), "its name is not known to the name server"),
    ):
        with pytest.raises(errors.StoreTrouble) as caught:
            open_store(f"https://{HOST}", network=Network(None, address)).download(f"https://{HOST}/f")
        assert caught.value.fault == NetworkFault.PROXY_AWAY
        assert caught.value.message == f"The file store could not be reached: the proxy was not reached: {why}."


@pytest.mark.parametrize("answer", [b"SSH-2.0\r\n\r\n", b"", b"HTTP/1.1 200 " + b"x" * 20_000])
def test_what_answers_in_the_place_of_a_proxy_is_told(stack: ExitStack, open_store: OpenStore, answer: bytes) -> None:
    listener = stack.enter_context(closing(Listener(lambda connection: connection.sendall(answer))))
    network = Network(None, ProxyAddress(HOST, listener.port, is_tls=False))
    with pytest.raises(errors.StoreTrouble) as caught:
        open_store(f"https://{HOST}", network=network).download(f"https://{HOST}/f")
    assert caught.value.fault == NetworkFault.PROXY_AWAY


def test_a_name_that_leads_inside_is_refused_before_the_proxy_is_asked(
    start_proxy: Callable[..., Proxy], open_store: OpenStore, resolving: dict[str, str]
) -> None:
    proxy = start_proxy()
    resolving["inside.example.com"] = "127.0.0.1"
    store = open_store("https://*.example.com", network=through(proxy))
    with pytest.raises(errors.OriginRefused, match="private network"):
        store.download("https://inside.example.com/f")
    with pytest.raises(errors.OriginRefused, match="does not allow"):
        store.download("https://elsewhere.example/f")
    assert proxy.heads == []


def test_a_name_that_only_the_proxy_knows_is_checked_by_the_list(
    authority: Authority, stack: ExitStack, start_proxy: Callable[..., Proxy], open_store: OpenStore
) -> None:
    files = stack.enter_context(closing(tls_server(authority.context("files.example.com"))))
    proxy = start_proxy(leads_to=files.port)
    store = open_store("https://*.example.com", network=through(proxy, authority.file))
    assert store.download("https://files.example.com/f").content == b"[]"
    assert proxy.heads[0].startswith(b"CONNECT files.example.com:443 HTTP/1.1\r\nHost: files.example.com:443\r\n")
