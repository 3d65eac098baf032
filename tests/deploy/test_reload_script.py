"""What `systemctl reload` runs, `deploy/systemd/syncd-reload`: what it hands to the daemon, and what it answers.

systemd is replaced by a program that prints the unit, and the daemon by one that leaves an answer.
"""

import os
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy" / "systemd"
DAEMON = "trap 'touch {}' HUP; echo ready; while :; do sleep 0.02; done"
FORGET = "LoadCredential=\nLoadCredential=database_url:ETC/database_url\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder in place of /, with two secrets, and others that a start has found."""
    files = {"etc/api_key": "key", "etc/database_url": "url", "start/api_key": "old", "start/proxy": "old"}
    files |= {"bin/systemctl": f'#!/bin/sh\ncat {tmp_path}/"$2"\n', "run/proxy": "of the reload before"}
    files["bin/syncd-reload"] = (DEPLOY / "syncd-reload").read_text().replace("/etc/syncd", f"{tmp_path}/etc")
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def reload(root: Path, drop_in: str = "", answer: str = "reload-taken") -> subprocess.CompletedProcess[str]:
    """Reload with the unit and this drop-in."""
    unit = (DEPLOY / "syncd.service").read_text() + drop_in
    (root / "syncd.service").write_text(unit.replace("/etc/syncd", "ETC").replace("ETC", f"{root}/etc"))
    daemon = ["sh", "-c", DAEMON.format(root / "run" / answer)]
    with subprocess.Popen(daemon, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        given = {"RUNTIME_DIRECTORY": f"{root}/run", "CREDENTIALS_DIRECTORY": f"{root}/start", "SYNCD_REGION": "a"}
        given |= {"PATH": f"{root}/bin:{os.environ['PATH']}", "MAINPID": str(process.pid)}
        try:
            return subprocess.run(["syncd-reload"], env=given, capture_output=True, text=True, check=False)
        finally:
            process.kill()


MISSING = "a link to nothing"


@pytest.mark.parametrize(
    ("drop_in", "api_key", "proxy"),
    [
        ("", MISSING, None),
        ("LoadCredential=proxy:ETC/proxy\n", MISSING, MISSING),
        ("SetCredential=proxy:http://x\n", MISSING, "old"),
        (FORGET, None, None),
        (FORGET + "LoadCredential=api_key:ETC/database_url\n", "url", None),
        (FORGET + "LoadCredential=api_key\n", "old", None),
        (FORGET + "LoadCredentialEncrypted=api_key:ETC/encrypted\n", "old", None),
    ],
)
def test_a_removed_file_counts_no_longer_and_one_that_a_start_needs_is_seen_to_be_missing(
    root: Path, drop_in: str, api_key: str | None, proxy: str | None
) -> None:
    (root / "etc/api_key").unlink()
    assert reload(root, drop_in).returncode == 0
    for name, content in {"api_key": api_key, "proxy": proxy, "database_url": "url"}.items():
        file = root / "run" / name
        assert (file.read_text() if file.exists() else MISSING if file.is_symlink() else None) == content
    assert (root / "run/environment").read_text() == "SYNCD_REGION=a\0"


def test_a_refusal_is_told(root: Path) -> None:
    done = reload(root, answer="reload-refused")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The new settings cannot be used, and syncd goes on with the former ones")
    assert {file.name for file in (root / "run").iterdir() if file.stat().st_mode & 0o377} == {"reload-refused"}
