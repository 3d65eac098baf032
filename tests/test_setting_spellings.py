"""Settings are read as people write them, and named as they were written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.errors import ConfigError
from syncd.settings import load_settings
from syncd.settings.values import DatabaseUrl

Env = pytest.MonkeyPatch


def config(monkeypatch: Env, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SYNCD_CONFIG", str(path))


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("LOG_LEVEL", " INFO ", "info"),
        ("LOG_LEVEL", "Warn", "warning"),
        ("LOG_FORMAT", "'JSON'", "json"),
        ("REGION", "US-EAST-1", "us-east-1"),
        ("WORKSPACE", '"acme corp"', "acme corp"),
        ("API_URL", "'https://us-east-1.recall.ai/' ", "https://us-east-1.recall.ai"),
        ("DISCOVER", "Yes", True),
        ("DISCOVER", '"off"', False),
        ("RETRIEVE_LIMIT", '"120"', 120),
        ("PAYLOAD_LIMIT", "128M", 128 * 2**20),
        ("PAYLOAD_LIMIT", "128 MiB", 128 * 2**20),
        ("PAYLOAD_LIMIT", "1.5gb", 3 * 2**29),
        ("PAYLOAD_LIMIT", "2048b", 2048),
        ("LEASE_SECONDS", "90s", 90.0),
        ("LEASE_SECONDS", "2min", 120.0),
        ("TICK_SECONDS", "500ms", 0.5),
        ("CREATED_AFTER", "2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("CREATED_AFTER", "2026-01-31 09:30", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("CREATED_AFTER", "2026-01-31T09:30:00+02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
    ],
)
def test_spellings_that_most_daemons_take_are_taken(monkeypatch: Env, name: str, value: str, meant: object) -> None:
    monkeypatch.setenv(f"SYNCD_{name}", value)
    assert getattr(load_settings(), name.lower()) == meant


@pytest.mark.parametrize("quoted", ['"key"', "'key'\n", ' "Token key" '])
def test_quotes_that_an_env_file_has_left_are_dropped(tmp_path: Path, monkeypatch: Env, quoted: str) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "api_key").write_text(quoted, encoding="utf-8")
    assert load_settings().key.get_secret_value() == "key"
    monkeypatch.setenv("SYNCD_API_KEY", quoted)
    monkeypatch.setenv("SYNCD_DATABASE_URL", "'postgresql://u:p@h/d'")
    assert load_settings().key.get_secret_value() == "key"
    assert load_settings().dsn == DatabaseUrl("postgresql://u:p@h/d")


def test_a_time_in_the_file_needs_no_quotes(tmp_path: Path, monkeypatch: Env) -> None:
    config(monkeypatch, tmp_path / "syncd.toml", "created_after = 2026-01-31\n")
    assert load_settings().created_after == datetime(2026, 1, 31, tzinfo=UTC)
    config(monkeypatch, tmp_path / "syncd.toml", "created_after = 2026-01-31T09:30:00\n")
    assert load_settings().created_after == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def test_a_setting_is_named_as_it_was_written(tmp_path: Path, monkeypatch: Env) -> None:
    file = tmp_path / "syncd.toml"
    config(monkeypatch, file, 'retrieve_limit = 1\nlist_limit = -1\napi_key_file = "/nope/key"\n')
    monkeypatch.setenv("SYNCD_LIST_LIMIT", "none")
    with pytest.raises(ConfigError, match=f"^retrieve_limit in {file}: must be .*, at least 2; SYNCD_LIST_LIMIT: "):
        load_settings()
    monkeypatch.delenv("SYNCD_LIST_LIMIT")
    config(monkeypatch, file, 'api_key_file = "/nope/key"\nregion = "mars"\n')
    with pytest.raises(ConfigError, match=f"api_key_file in {file}: the file /nope/key cannot be read"):
        _ = load_settings().key
    with pytest.raises(ConfigError, match=f"region in {file}: mars is not one of"):
        _ = load_settings().base_url
    monkeypatch.setenv("SYNCD_DATABASE_URL_FILE", "/nope/url")
    with pytest.raises(ConfigError, match="SYNCD_DATABASE_URL_FILE: the file /nope/url cannot be read"):
        _ = load_settings().dsn
