"""What goes to systemd's journal, received on a socket of our own."""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from syncd import log, systemd

KEY = "canary-key-0123456789abcdef"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The journal's socket; standard error goes to the journal, too."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver, (tmp_path / "stderr").open("w") as stderr:
        receiver.bind(str(tmp_path / "journal"))
        receiver.settimeout(10)
        status = os.fstat(stderr.fileno())
        monkeypatch.setattr(systemd, "JOURNAL", str(tmp_path / "journal"))
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        log.configure("info", "auto", [KEY], workspace="acme")
        yield receiver
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()


def received(journal: socket.socket) -> dict[str, str]:
    """The fields of the next entry."""
    message, fields = journal.recv(1 << 20), {}
    while message:
        name, _, rest = message.partition(b"\n")
        size = int.from_bytes(rest[:8], "little")
        fields[name.decode()] = rest[8 : 8 + size].decode()
        assert rest[8 + size : 9 + size] == b"\n"
        message = rest[9 + size :]
    return fields


def test_a_line_has_its_priority_and_fields_and_no_secret(journal: socket.socket) -> None:
    reason = f"Recall said {KEY}\nand more. [SYNCD-API-KEY]"
    log.get_logger("syncd.x").error("tried again", transcript_id="3fa8", reason=reason, wait_s=1.5)
    entry = received(journal)
    assert entry.pop("MESSAGE") == (
        "tried again  transcript_id=3fa8 reason=Recall said [removed]\\nand more. [SYNCD-API-KEY] wait_s=1.5"
    )
    assert entry == {
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "syncd",
        "EVENT": "tried again",
        "TRANSCRIPT_ID": "3fa8",
        "REASON": "Recall said [removed]\nand more. [SYNCD-API-KEY]",
        "WAIT_S": "1.5",
        "WORKSPACE": "acme",
        "CODE": "SYNCD-API-KEY",
    }


@pytest.mark.parametrize(("level", "priority"), [("info", "6"), ("warning", "4"), ("critical", "2")])
def test_each_level_is_a_priority_of_syslog(journal: socket.socket, level: str, priority: str) -> None:
    getattr(log.get_logger("syncd.x"), level)("é")
    entry = received(journal)
    assert (entry["MESSAGE"], entry["PRIORITY"], entry["WORKSPACE"]) == ("é", priority, "acme")


def test_a_traceback_stands_in_the_message_and_nothing_is_too_long(journal: socket.socket) -> None:
    try:
        raise ValueError(KEY + "x" * 300_000)
    except ValueError:
        log.get_logger("syncd.x").exception("unexpected", **{"1": "no field", "kind": "y" * 300_000})
    entry = received(journal)
    assert entry["MESSAGE"].startswith("unexpected")
    assert "PRIORITY" in entry
    assert "1" not in entry
    assert KEY not in str(entry)


def test_without_a_journal_nothing_is_said_and_nobody_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(systemd, "JOURNAL", str(tmp_path / "nowhere"))
    systemd.send_to_journal(systemd.entry({"MESSAGE": "x"}))
    monkeypatch.setenv("JOURNAL_STREAM", "1:1")
    with (tmp_path / "other").open("w") as other:
        assert not systemd.is_journal(other)
    assert not systemd.is_journal(other)  # closed
