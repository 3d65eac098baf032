"""A machine with a real systemd, for tests of the unit: this machine's own files and programs, in namespaces."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = Path(pytest.__file__).parents[1]
BOOT_S = 60.0
COMMAND_S = 100.0
_CLEAN = {"PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def _python() -> Path:
    """A Python of this version that a service may execute, which sees no home directory. Raises LookupError."""
    for found in (Path(sys.executable).resolve(), Path(f"/usr/bin/python3.{sys.version_info.minor}")):
        if found.exists() and not str(found).startswith(("/home/", "/root/", "/tmp/")):
            return found
    raise LookupError("there is no Python of this version outside the home directories")


def _cgroups() -> Path:
    for found in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")):
        if (found / "cgroup.procs").exists() and os.access(found, os.W_OK):
            return found
    raise LookupError("there is no cgroup2 to write to")


class Machine:
    """Runs commands on the machine."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def run(self, *command: str, stdin: str = "", is_checked: bool = True) -> str:
        """What a command says. Raises AssertionError where it fails."""
        inside = ["nsenter", f"--target={self._pid}", "--pid", "--mount", "--uts", "--ipc", "--cgroup", "--wd=/"]
        done = subprocess.run(
            [*inside, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_S,
            env=_CLEAN,
            input=stdin,
        )
        assert not is_checked or done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def write(self, path: str, content: str, mode: str = "600") -> None:
        """Write a file of root's."""
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, stdin=content)

    def properties(self, unit: str, *names: str) -> tuple[str, ...]:
        """What `systemctl show` says of a unit."""
        said = self.run("systemctl", "show", unit, *(f"--property={name}" for name in names))
        values = dict(line.split("=", 1) for line in said.splitlines())
        return tuple(values[name] for name in names)


@contextlib.contextmanager
def booted() -> Iterator[Machine]:
    """A machine that has booted, with the unit installed. Skips where there can be none."""
    try:
        python, cgroups = _python(), _cgroups()
    except LookupError as error:
        pytest.skip(str(error))
    if os.geteuid() != 0 or shutil.which("systemctl") is None or shutil.which("unshare") is None:
        pytest.skip("it needs root, systemd and unshare")
    work = Path(tempfile.mkdtemp(prefix="syncd-machine-"))
    group = cgroups / work.name
    group.mkdir()
    try:
        with _process(work, group) as pid:
            machine = Machine(pid)
            is_active = partial(machine.run, "systemctl", "is-active", "machine.target", is_checked=False)
            _wait_until(lambda: is_active() == "active\n", "the boot")
            _install(machine, python)
            yield machine
    finally:
        _wait_until(lambda: "populated 0" in (group / "cgroup.events").read_text(), "its processes to end")
        for each in sorted(group.rglob("*/"), reverse=True):
            each.rmdir()
        group.rmdir()
        work.rmdir()


@contextlib.contextmanager
def _process(work: Path, group: Path) -> Iterator[int]:
    """The machine's first process."""
    binds = [f"{ROOT}:/opt/syncd/checkout", f"{PACKAGES}:/opt/syncd/packages"]
    namespaces = ["--cgroup", "--pid", "--fork", "--mount", "--uts", "--ipc", "--propagation=private"]
    boot = ["unshare", *namespaces, "bash", str(Path(__file__).parent / "boot.sh"), str(work), *binds]
    join = ["bash", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', str(group)]
    with subprocess.Popen([*join, *boot], stderr=subprocess.PIPE, text=True) as outer:
        try:
            yield _first(outer)
        finally:
            (group / "cgroup.kill").write_text("1") if (group / "cgroup.kill").exists() else outer.kill()
            outer.wait(BOOT_S)


def _first(outer: "subprocess.Popen[str]") -> int:
    """The id of systemd, once it has begun. Skips where this machine does not allow as much."""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    until = time.monotonic() + BOOT_S
    while time.monotonic() < until:
        if outer.poll() is not None:
            pytest.skip(f"no machine can be booted here: {outer.stderr.read() if outer.stderr else ''}")
        for pid in children.read_text().split():
            if Path(f"/proc/{pid}/comm").read_text() == "systemd\n":
                return int(pid)
        time.sleep(0.02)
    raise TimeoutError


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + BOOT_S
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)


def _install(machine: Machine, python: Path) -> None:
    """syncd as the README installs it, but with this checkout in place of a wheel."""
    machine.run(str(python), "-m", "venv", "--without-pip", "/opt/syncd")
    paths = "/opt/syncd/checkout\n/opt/syncd/packages\n"
    machine.write(f"/opt/syncd/lib/python3.{sys.version_info.minor}/site-packages/syncd.pth", paths, "644")
    script = "#!/opt/syncd/bin/python\nfrom syncd.cli import main\nmain()\n"
    machine.write("/opt/syncd/bin/syncd", script, "755")
    deploy = ROOT / "deploy" / "systemd"
    for unit in (*deploy.glob("*.service"), *deploy.glob("*.path")):
        machine.write(f"/etc/systemd/system/{unit.name}", unit.read_text(), "644")
    for command in ("syncd", "syncd-reload"):
        machine.write(f"/usr/local/sbin/{command}", (deploy / command).read_text(), "755")
    machine.write("/etc/systemd/system/syncd.service.d/test.conf", "[Service]\nRestartSec=100ms\n", "644")
    machine.run("systemctl", "daemon-reload")
