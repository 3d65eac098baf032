"""The command for operators, `deploy/systemd/syncd`: what it hands to systemd, and what it says of a missing file.

systemd itself is replaced by a program that prints its arguments.
"""

import os
import subprocess
from pathlib import Path

import pytest

WRAPPER = Path(__file__).parents[2] / "deploy" / "systemd" / "syncd"
PROGRAMS = {"id": "echo ${UID_FOR_TEST:-0}", "systemd-run": 'printf "%s\\n" "$@"'}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder in place of /, with everything that the README has an operator put there."""
    files = {"etc/syncd/api_key": "key", "etc/syncd/database_url": "url", "opt/syncd/bin/syncd": "#!/bin/sh"}
    files |= {f"bin/{name}": f"#!/bin/sh\n{text}\n" for name, text in PROGRAMS.items()}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    script = WRAPPER.read_text()
    for place in ("/etc/syncd", "/opt/syncd"):
        script = script.replace(place, f"{tmp_path}{place}")
    (tmp_path / "syncd").write_text(script)
    return tmp_path


def run(root: Path, *arguments: str, uid: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", root / "syncd", *arguments],
        env={"PATH": f"{root}/bin:{os.environ['PATH']}", "UID_FOR_TEST": uid},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_and_both_secrets_are_handed_on(root: Path) -> None:
    done = run(root, "track", "a b", "-")
    assert done.stdout.splitlines()[-4:] == [f"{root}/opt/syncd/bin/syncd", "track", "a b", "-"]
    for name in ("api_key", "database_url"):
        assert f"--property=LoadCredential={name}:{root}/etc/syncd/{name}" in done.stdout.splitlines()


def test_without_a_key_it_is_not_handed_on(root: Path) -> None:
    (root / "etc/syncd/api_key").unlink()
    done = run(root, "status")
    assert (done.returncode, "api_key" in done.stdout) == (0, False)


@pytest.mark.parametrize("name", ["etc/syncd/database_url", "opt/syncd/bin/syncd"])
def test_what_is_missing_is_named(root: Path, name: str) -> None:
    (root / name).unlink()
    done = run(root, "status")
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith(f"syncd: {root}/{name} is missing")


def test_it_is_for_root(root: Path) -> None:
    done = run(root, "status", uid="1000")
    assert (done.returncode, done.stderr.startswith("syncd: Run this as root")) == (78, True)
