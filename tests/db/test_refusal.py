"""A server that refuses a connection: which kind of fault that is, whatever it speaks and whoever else was asked."""

import ctypes
import inspect
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from structlog.testing import capture_logs

from syncd import errors
from syncd.db import libpq
from syncd.db.engine import reaching_database
from syncd.db.refusal import VerboseConnection, verbosity_setter


@contextmanager
def answering(*messages: bytes) -> Iterator[str]:
    """The connection string of a server that answers each start of a connection with a message and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for message in messages:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1024)
                    connection.sendall(message)

        threading.Thread(target=serve, daemon=True).start()
        yield f"host=127.0.0.1 port={server.getsockname()[1]} dbname=d user=u password=canary sslmode=disable"


def refusal(sqlstate: str, words: str) -> bytes:
    fields = f"SSCHWERWIEGEND\0VFATAL\0C{sqlstate}\0M{words}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


@pytest.mark.parametrize(
    ("sqlstate", "words", "kind"),
    [
        ("28P01", "Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen", errors.LoginRefused),
        ("3D000", "Datenbank »d« existiert nicht", errors.LoginRefused),
        ("53300", "zu viele Verbindungen für Rolle »u«", errors.NoConnectionFree),
        ("57P03", "das Datenbanksystem startet", errors.DatabaseAway),
        ("22023", "ungültiger Wert für Parameter »work_mem«: »abc«", errors.ConfigError),
        ("42704", "unbekannter Konfigurationsparameter »nosuch«", errors.ConfigError),
        ("55000", "Datenbank »d« akzeptiert gegenwärtig keine Verbindungen", errors.DatabaseAway),
        ("08P01", "no more connections allowed (max_client_conn)", errors.NoConnectionFree),
        ("08P01", "unsupported startup parameter: options", errors.ConfigError),
        ("XX000", "Tenant or user not found", errors.LoginRefused),
        ("0A000", "RDS Proxy currently doesn't support command-line options", errors.ConfigError),
    ],
)
def test_a_refused_connection_is_sorted_whatever_language_the_server_speaks(
    sqlstate: str, words: str, kind: type[errors.SyncdError]
) -> None:
    message = refusal(sqlstate, words)
    with answering(message) as conninfo:  # once: a pooler may answer a second time with something else
        with pytest.raises(kind) as caught, reaching_database():
            libpq.connect(conninfo)
        assert type(caught.value) is kind
        assert f"SCHWERWIEGEND:  {words} [" in str(caught.value)
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("hosts", "kind"),
    [
        (("28000", "closed"), errors.DatabaseAway),
        (("closed", "28000"), errors.DatabaseAway),
        (("28000", "unknown"), errors.DatabaseAway),
        (("28000", "57P03"), errors.DatabaseAway),
        (("28000", "53300", "28P01"), errors.NoConnectionFree),
        (("28000", "28P01"), errors.LoginRefused),
    ],
)
def test_of_several_hosts_each_has_to_refuse_the_login(hosts: tuple[str, ...], kind: type[errors.SyncdError]) -> None:
    sqlstates = [each for each in hosts if each not in ("closed", "unknown")]
    with answering(*(refusal(each, f"nein {each}") for each in sqlstates)) as conninfo:
        names = ["nowhere.invalid" if each == "unknown" else "127.0.0.1" for each in hosts]
        ports = ["1" if each == "closed" else str(conninfo_to_dict(conninfo)["port"]) for each in hosts]
        with pytest.raises(kind) as caught, reaching_database():
            libpq.connect(make_conninfo(conninfo, host=",".join(names), port=",".join(ports)))
    told = str(caught.value)
    assert type(caught.value) is kind
    assert [each for each in sqlstates if f"SCHWERWIEGEND:  nein {each}" in told] == sqlstates
    assert ("Connection refused" in told) is ("closed" in hosts)
    assert ("; 1 of 2 hosts not tried" in told) is ("unknown" in hosts)


def test_a_connection_that_is_not_answered_is_an_outage() -> None:
    with pytest.raises(errors.DatabaseAway) as caught, reaching_database():
        libpq.connect("host=127.0.0.1 port=1 dbname=d")
    assert type(caught.value) is errors.DatabaseAway


def test_a_connection_begins_with_what_psycopg_calls() -> None:
    ours, theirs = (
        [(each.name, each.kind, each.default) for each in inspect.signature(function).parameters.values()]
        for function in (VerboseConnection._connect_gen, psycopg.Connection._connect_gen)
    )
    assert ours == theirs


def test_a_psycopg_that_is_not_the_binary_one_connects_and_says_once_what_it_lacks(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> None:
        raise OSError(path)

    monkeypatch.setattr(ctypes, "CDLL", fail)
    verbosity_setter.cache_clear()
    try:
        with capture_logs() as logs:
            for _ in range(2):
                libpq.connect(database_url).close()
    finally:
        verbosity_setter.cache_clear()
    assert [each["log_level"] for each in logs] == ["warning"]
