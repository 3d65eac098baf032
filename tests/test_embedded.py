"""Without SYNCD_DATABASE_URL: the embedded Postgres, which every command shares, or words that say what to set."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.embedded import database_url
from syncd.errors import ConfigError
from syncd.settings import load_settings


@pytest.fixture
def state(in_memory: None) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="syncd-state-") as directory:
        yield directory


def run(state: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "syncd", *arguments],
        env={"PATH": os.environ["PATH"], "SYNCD_STATE_DIR": state},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_only_reads_makes_no_database(state: str) -> None:
    for command in (["status"], ["track", str(uuid.uuid4())], ["psql", "--embedded", f"{state}/typo"]):
        done = run(f"{state}/new", *command)
        assert (done.returncode, done.stderr.count("\n")) == (78, 1), done.stderr
        assert f"syncd: There is no embedded Postgres in {state}/" in done.stderr
    assert list(Path(state).iterdir()) == []


def test_every_command_uses_the_embedded_postgres_and_says_so(state: str) -> None:
    migrated = run(state, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert "SYNCD_DATABASE_URL is not set: using the embedded Postgres" in migrated.stderr
    assert run(state, "track", str(uuid.uuid4())).returncode == 0
    assert json.loads(run(state, "status", "--json").stdout)["stages"] == {"poll": 1}
    assert not (Path(state) / "postgres" / "postmaster.pid").exists()


def test_without_the_extra_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with (
        pytest.raises(ConfigError, match=r"Set it to a Postgres .* or install the embedded one"),
        database_url(load_settings()),
    ):
        pass


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNCD_STATE_DIR", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="cannot use"), database_url(load_settings(), creates=True):
        pass
