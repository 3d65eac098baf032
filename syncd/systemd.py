"""Notify systemd: readiness, status line, watchdog. Without systemd, nothing happens.

The protocol is that of sd_notify(3): datagrams to the socket named in NOTIFY_SOCKET.
"""

import os
import socket


def notify(*assignments: str) -> None:
    """Send assignments such as READY=1 in one datagram. Errors are ignored: the daemon goes on without systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    message = "\n".join(assignment.replace("\n", " ") for assignment in assignments).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(1.0)
            channel.connect(address)
            channel.send(message)
    except OSError:
        return


def watchdog_s() -> float | None:
    """Seconds within which systemd expects WATCHDOG=1, see sd_watchdog_enabled(3); None: it does not watch us."""
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    interval = os.environ.get("WATCHDOG_USEC", "")
    if watched != str(os.getpid()) or not interval.isdigit() or int(interval) == 0:
        return None
    return int(interval) / 1_000_000
