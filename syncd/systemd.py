"""What goes to systemd: readiness, status line, watchdog, entries of its journal. Without it, nothing happens.

Two documented protocols, both of datagrams: sd_notify(3), and the journal's native protocol
(https://systemd.io/JOURNAL_NATIVE_PROTOCOL). systemd-python would need a compiler and the headers of libsystemd, and
cysystemd is a wheel of compiled code; this is 30 lines.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import Mapping
from typing import TextIO

JOURNAL = "/run/systemd/journal/socket"
LONGEST_FIELD = 32 * 1024
LONGEST_ENTRY = 128 * 1024
"""Bytes. An entry has to fit into one datagram, of some 200 kB by default; a larger one would need a memfd, which the
unit's filter of system calls refuses."""
_NO_FIELD = re.compile("[^A-Z0-9_]")


def notify(*assignments: str) -> None:
    """Send assignments such as READY=1 in one datagram. Errors are ignored: the daemon goes on without systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    message = "\n".join(assignment.replace("\n", " ") for assignment in assignments).encode()
    with contextlib.suppress(OSError), _datagrams() as channel:
        channel.sendto(message, address)


def _datagrams() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    channel.settimeout(1.0)
    return channel


def reloading() -> tuple[str, str]:
    """What begins a reload; the second part is for Type=notify-reload, systemd 253 and newer."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}"


def is_journal(stream: TextIO) -> bool:
    """Whether what is written there goes to the journal, as systemd.exec(5) says of JOURNAL_STREAM."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def entry(fields: Mapping[str, str]) -> bytes:
    """An entry for the journal. Names are brought into their form there; what is empty or too much is left out."""
    found = b""
    for name, value in fields.items():
        field = _NO_FIELD.sub("_", name.upper()).strip("_")[:64].encode()
        content = value.encode(errors="replace")[:LONGEST_FIELD]
        if content and field and not field[:1].isdigit() and len(found) + len(content) < LONGEST_ENTRY:
            found += field + b"\n" + len(content).to_bytes(8, "little") + content + b"\n"
    return found


def send_to_journal(message: bytes) -> None:
    """Send an entry. Where the journal takes none, it is lost, and nobody waits."""
    with contextlib.suppress(OSError), _datagrams() as channel:
        channel.sendto(message, JOURNAL)


def watchdog_s() -> float | None:
    """Seconds within which systemd expects WATCHDOG=1, see sd_watchdog_enabled(3); None: it does not watch us."""
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    interval = os.environ.get("WATCHDOG_USEC", "")
    if watched != str(os.getpid()) or not interval.isdigit() or int(interval) == 0:
        return None
    return int(interval) / 1_000_000


def is_managed() -> bool:
    """Whether systemd started this process, and so starts another one where it ends with a fault."""
    return "NOTIFY_SOCKET" in os.environ
