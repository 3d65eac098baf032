"""Who uses the server of a directory: locks on two files beside it, which end with the process that holds them."""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from syncd.embedded.account import Account


class Sharing(contextlib.AbstractContextManager["Sharing"]):
    """One user of a server; leaving the block is leaving the server."""

    def __init__(self, directory: Path, who: Account) -> None:
        self._gate, self._users = (_opened(beside(directory, kind), who) for kind in ("lock", "users"))

    def __exit__(self, *_: object) -> None:
        os.close(self._users)
        os.close(self._gate)

    @contextlib.contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """While the block lasts, no other process starts or stops the server."""
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def join(self) -> bool:
        """Be a user from now on; whether there is no other."""
        is_alone = self.is_alone()
        fcntl.flock(self._users, fcntl.LOCK_SH)
        return is_alone

    def is_alone(self) -> bool:
        """Whether nobody else is a user; nobody becomes one until the gate opens."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def beside(directory: Path, kind: str) -> Path:
    """The name of something that belongs to a directory and stands beside it; the directory's own may be too long."""
    digest = hashlib.sha256(os.fsencode(directory.name)).hexdigest()[:8]
    return directory.with_name(f".postgres-{digest}.{kind}")


def _opened(path: Path, who: Account) -> int:
    """A file to lock, made where there is none; it belongs to whom the server belongs to."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags)  # without O_CREAT, which is refused for another's file in /tmp
    except FileNotFoundError:
        file = os.open(path, flags | os.O_CREAT, 0o600)
        if os.geteuid() == 0:
            os.fchown(file, who.uid, who.gid)
        return file
