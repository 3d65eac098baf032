"""What a reload takes of changed settings, and what it leaves until a restart, reload after reload."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from syncd.cli import reopening
from syncd.cli.reopening import Opened, reopened
from syncd.db.engine import make_engine
from syncd.settings import load_settings

URL = "postgresql://syncd:{}@127.0.0.1:1/nowhere"
"""Nobody answers there, so that a reload that makes a pool is refused."""


@pytest.fixture(autouse=True)
def in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key, and without a change of how this process logs."""
    monkeypatch.setenv("SYNCD_API_KEY", "a-key")
    monkeypatch.setattr(reopening, "configure_log", lambda *_: None)


def in_use() -> Opened:
    """What a start has made of the settings."""
    settings = load_settings()
    url = settings.dsn
    engine = make_engine("postgresql://" if url is None else url.get_secret_value())
    return Opened(settings, reopening._secrets(settings), url, engine)


def reload(before: Opened) -> tuple[Opened, str, list[str]]:
    """What follows, what is told as taken, and what is told to need a restart."""
    with capture_logs() as logs:
        after = reopened(before)
    assert after.engine is before.engine
    (taken,) = [line["changed"] for line in logs if "changed" in line]
    return after, taken, [line["setting"].removeprefix("SYNCD_") for line in logs if "setting" in line]


def test_what_needs_a_restart_is_told_by_each_reload_until_it_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, file = in_use(), tmp_path / "url"
    monkeypatch.setenv("SYNCD_DATABASE_URL_FILE", str(file))
    monkeypatch.setenv("SYNCD_DATABASE_CONNECTIONS", "9")
    monkeypatch.setenv("SYNCD_STATE_DIR", str(tmp_path))
    now = before
    for password in ("first", "first", "second"):
        file.write_text(URL.format(password))
        now, taken, stays = reload(now)
        assert (taken, stays) == ("nothing", ["DATABASE_URL", "DATABASE_CONNECTIONS", "STATE_DIR"])
        assert (now.settings.state_dir, now.settings.database_connections) == (None, 10)
        assert not now.has_other_secret()
    monkeypatch.delenv("SYNCD_STATE_DIR")
    monkeypatch.setenv("SYNCD_LEASE_SECONDS", "61")
    assert reload(now)[1:] == ("SYNCD_LEASE_SECONDS", ["DATABASE_URL", "DATABASE_CONNECTIONS"])
    for name in ("DATABASE_URL_FILE", "DATABASE_CONNECTIONS", "LEASE_SECONDS"):
        monkeypatch.delenv(f"SYNCD_{name}")
    assert reload(now)[1:] == ("nothing", [])


def test_the_embedded_database_takes_the_place_of_another_at_a_restart_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, other = tmp_path / "url", tmp_path / "other"
    file.write_text(URL.format("first"))
    monkeypatch.setenv("SYNCD_DATABASE_URL_FILE", str(file))
    now = in_use()
    file.rename(other)
    monkeypatch.delenv("SYNCD_DATABASE_URL_FILE")
    for _ in range(2):
        now, taken, stays = reload(now)
        assert (taken, stays) == ("nothing", ["DATABASE_URL"])
    monkeypatch.setenv("SYNCD_DATABASE_URL_FILE", str(other))
    assert reload(now)[1:] == ("nothing", [])
