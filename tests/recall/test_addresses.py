"""Where the names in links may lead: a wildcard to the public internet, an origin written out in full anywhere."""

import socket
from collections.abc import Callable
from typing import Any

import httpcore
import pytest

from syncd import errors
from syncd.recall.store import FileStore
from tests.recall.raw_server import RawServer, response

Serve = Callable[..., RawServer]
OpenStore = Callable[..., FileStore]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name leads to the first of these addresses, when it is asked for again to the next."""
    found: list[str] = []
    really = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if "example" not in host:
            return really(host, port, *args, **options)
        addresses = (found.pop(0) if len(found) > 1 else found[0]).split()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return found


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1 169.254.169.254", "::ffff:127.0.0.1"])
def test_a_wildcard_leads_to_no_private_address(
    serve: Serve, open_store: OpenStore, names: list[str], address: str
) -> None:
    names.append(address)
    server = serve(response(body=b"[]"))
    store = open_store(f"https://*.files.example:{server.port}")
    with pytest.raises(errors.OriginRefused, match=r"write https://b\.files\.example out in full") as caught:
        store.download(f"https://b.files.example:{server.port}/f?Signature=canary")
    assert "canary" not in str(caught.value)
    assert server.connection_count == 0


def test_an_origin_written_out_in_full_may_lead_to_a_private_address(
    serve: Serve, open_store: OpenStore, names: list[str]
) -> None:
    names.append("127.0.0.1")
    server = serve(response(body=b"[]"))
    store = open_store("https://*.files.example", f"http://b.files.example:{server.port}")
    assert store.download(f"http://b.files.example:{server.port}/f").content == b"[]"
    assert store.download(f"http://B.Files.Example.:{server.port}/f").content == b"[]"


def test_the_address_that_was_checked_is_the_one_connected_to(
    open_store: OpenStore, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names += ["8.8.8.8", "127.0.0.1"]  # a name server that gives another answer the second time
    connected: list[str] = []

    def connect(self: Any, host: str, *_: Any) -> None:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(errors.StoreTrouble):
        open_store("https://*.files.example").download("https://b.files.example/f")
    assert connected == ["8.8.8.8"]


def test_the_next_address_of_a_name_is_tried(serve: Serve, open_store: OpenStore, names: list[str]) -> None:
    names.append("127.0.0.2 127.0.0.1")  # nobody listens on the first
    server = serve(response(body=b"[]"))
    assert open_store(f"http://b.example:{server.port}").download(f"http://b.example:{server.port}/").content == b"[]"
