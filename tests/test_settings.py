import os
import traceback
from pathlib import Path

import msgspec
import pytest

from syncd.core.reading.origin import Origin
from syncd.errors import ConfigError
from syncd.settings import REGIONS, ROOT_STATE, all_settings, load_settings
from syncd.settings.values import parts_of

DSN = "postgresql://syncd:canary@db.example:5432/recall"
Env = pytest.MonkeyPatch


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: Env) -> Path:
    """The directory systemd hands credentials over in."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def config(monkeypatch: Env, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SYNCD_CONFIG", str(path))


def complaint() -> str:
    """What loading the settings complains of; no form of it holds the canary."""
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    return caught.value.message


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()
    assert (settings.retrieve_limit, settings.list_limit, settings.workspace) == (300, 60, "default")
    assert settings.base_url == "https://us-east-1.recall.ai"
    assert settings.dsn is None
    assert settings.origins == (
        Origin("https", "*.amazonaws.com", 443),
        Origin("https", "*.recall.ai", 443),
    )


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path, monkeypatch: Env) -> None:
    config(monkeypatch, tmp_path / "syncd.toml", 'region = "eu-central-1"\nconcurrency = 3\nworkspace = "file"\n')
    monkeypatch.setenv("SYNCD_WORKSPACE", "environment")
    monkeypatch.setenv("SYNCD_REGION", "")  # empty is not set
    settings = load_settings()
    assert (settings.workspace, settings.region, settings.concurrency) == ("environment", "eu-central-1", 3)
    assert settings.tick_seconds == 0.25


def test_the_key_and_the_database_come_from_wherever_they_are_given(credentials: Path, monkeypatch: Env) -> None:
    (credentials / "api_key").write_text("from-credential\n", encoding="utf-8")
    (credentials / "database_url").write_text("postgresql://credential/db\n", encoding="utf-8")
    assert load_settings().key.get_secret_value() == "from-credential"
    assert load_settings().dsn.get_secret_value() == "postgresql://credential/db"  # type: ignore[union-attr]  # it is set
    (credentials / "named").write_text("Token from-file\n", encoding="utf-8")
    monkeypatch.setenv("SYNCD_API_KEY_FILE", str(credentials / "named"))
    assert load_settings().key.get_secret_value() == "from-file"
    monkeypatch.setenv("SYNCD_API_KEY", "from-environment")
    assert load_settings().key.get_secret_value() == "from-environment"


@pytest.mark.parametrize("given", ["API_KEY", "API_KEY_FILE"])
@pytest.mark.parametrize("in_file", ["api_key", "api_key_file"])
def test_a_key_in_the_environment_wins_over_any_in_the_file(
    tmp_path: Path, monkeypatch: Env, given: str, in_file: str
) -> None:
    (tmp_path / "key").write_text("from-environment", encoding="utf-8")
    config(monkeypatch, tmp_path / "syncd.toml", f'{in_file} = "canary"\nregion = "us-west-2"\n')
    monkeypatch.setenv(f"SYNCD_{given}", str(tmp_path / "key") if given.endswith("FILE") else "from-environment")
    settings = load_settings()
    assert (settings.key.get_secret_value(), settings.region) == ("from-environment", "us-west-2")


def test_a_file_of_a_secret_is_named_in_the_file_too_and_wins_over_the_credential(
    credentials: Path, monkeypatch: Env
) -> None:
    (credentials / "api_key").write_text("from-credential", encoding="utf-8")
    (credentials / "named").write_text("from-file", encoding="utf-8")
    config(monkeypatch, credentials / "syncd.toml", f'api_key_file = "{credentials}/named"\n')
    monkeypatch.setenv("SYNCD_API_KEY", "")  # empty is not set
    assert load_settings().key.get_secret_value() == "from-file"


def test_only_the_two_secrets_are_credentials_and_they_are_read_when_asked_for(credentials: Path) -> None:
    (credentials / "region").write_text("eu-central-1", encoding="utf-8")
    (credentials / "api_key").write_bytes(b"\xffcanary")
    settings = load_settings()
    assert settings.region == "us-east-1"
    with pytest.raises(ConfigError, match=r"The credential api_key \(/etc/syncd/api_key, or what .*\) is not text"):
        _ = settings.key


@pytest.mark.parametrize("given", ["abc123", " abc123\n", "Token abc123", "token  abc123", "TOKEN abc123\n"])
def test_an_accidental_token_in_front_of_the_key_is_dropped(monkeypatch: Env, given: str) -> None:
    monkeypatch.setenv("SYNCD_API_KEY", given)
    assert load_settings().key.get_secret_value() == "abc123"


def test_without_any_key_the_ways_to_give_one_are_named() -> None:
    with pytest.raises(
        ConfigError, match=r"Set SYNCD_API_KEY or SYNCD_API_KEY_FILE, or .* a credential named api_key"
    ):
        _ = load_settings().key


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"Token \n", "is empty", id="only the word Token"),
        pytest.param(b"canary canary", "without spaces", id="two words"),
        pytest.param("canaryé".encode(), "printable ASCII", id="beyond ASCII"),
        pytest.param(b"canary\x00", "printable ASCII", id="a NUL"),
        pytest.param(b"\xffcanary", "is not text", id="no UTF-8"),
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: Env, content: bytes | None, words: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SYNCD_API_KEY_FILE", str(path))
    with pytest.raises(ConfigError) as caught:
        _ = load_settings().key
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "  \n", "is empty"),
        ("API_KEY", "canary canary", "printable ASCII without spaces"),
        ("API_KEY", "canary\n\ncanary", "printable ASCII without spaces"),
        ("API_URL", "us-east-1.recall.ai", "must be a URL such as"),
        ("API_URL", "https://u:canary@recall.example", "must be a URL such as"),
        ("API_URL", "https://recall.example /", "must be a URL such as"),
        ("API_URL", "https://us-east-1.recall.ai/api/v1", "without /api/v1"),
        ("API_URL", "https://us-east-1.recall.ai/api/v1/", "without /api/v1"),
        ("API_URL", "https://us-east-1.recall.ai?canary", "without a query"),
        ("API_URL", "https://us-east-1.recall.ai#canary", "without a query"),
        ("WORKSPACE", "a\nb", "without control characters"),
        ("WORKSPACE", "a\x7fb", "without control characters"),
        ("WORKSPACE", "a\u2028b", "without control characters"),
        ("WORKSPACE", "a\u202eb", "without control characters"),
        ("WORKSPACE", "   ", "without control characters"),
        ("WORKSPACE", "x" * 201, "at most 200 characters"),
        ("RETRIEVE_LIMIT", "1", "a whole number, at least 2"),
        ("RETRIEVE_LIMIT", "canary", "a whole number, at least 2"),
        ("LIST_LIMIT", "-1", "at least 0"),
        ("CONCURRENCY", "257", "at most 256"),
        ("PAYLOAD_LIMIT", "1", "at least 1024"),
        ("LEASE_SECONDS", "inf", "a number, at least 3"),
        ("LEASE_SECONDS", "1", "at least 3"),
        ("TICK_SECONDS", "nan", "a number, at least 0.05, at most 60"),
        ("DOWNLOAD_SECONDS", "0", "more than 0"),
        ("RETRIEVE_SECONDS", "-inf", "a number, more than 0"),
        ("DOWNLOAD_ORIGINS", " , ", "at least one origin"),
        ("DOWNLOAD_ORIGINS", "https://u:canary@files.example", "'files.example' is no origin"),
        ("DOWNLOAD_ORIGINS", "https://files.example/f?Signature=canary", "has a path"),
        ("DOWNLOAD_ORIGINS", "https://*", "a wildcard stands for"),
        ("DISCOVER", "canary", "must be true or false"),
        ("CREATED_AFTER", "2026-13-31", "a time with its zone"),
        ("CREATED_AFTER", "null", "a time with its zone"),
        ("LOG_FORMAT", "canary", "one of auto, console, json"),
        ("LOG_LEVEL", "LOUD", "one of debug, info, warning, error"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_secret(
    monkeypatch: Env, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"SYNCD_{name}", value)
    found = complaint()
    assert found.startswith(f"SYNCD_{name}: ")
    assert words in found


def test_all_that_is_wrong_is_named_at_once(monkeypatch: Env) -> None:
    monkeypatch.setenv("SYNCD_RETRIEVE_LIMIT", "1")
    monkeypatch.setenv("SYNCD_LOG_LEVEL", "loud")
    assert [part.split(":")[0] for part in complaint().split("; ")] == ["SYNCD_RETRIEVE_LIMIT", "SYNCD_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SYNCD_REGOIN", "Unknown setting SYNCD_REGOIN; did you mean SYNCD_REGION?"),
        ("SYNCD_APIKEY", "Unknown setting SYNCD_APIKEY; did you mean SYNCD_API_KEY?"),
        ("SYNCD_ZZZZ", "Unknown setting SYNCD_ZZZZ. docs/settings.md lists all of them."),
    ],
)
def test_a_misspelt_setting_is_not_passed_over(monkeypatch: Env, name: str, words: str) -> None:
    monkeypatch.setenv(name, "canary")
    assert complaint() == words


@pytest.mark.parametrize("name", ["regoin", "REGION", "SYNCD_REGION"])
def test_a_misspelt_setting_in_the_file_is_not_passed_over(tmp_path: Path, monkeypatch: Env, name: str) -> None:
    config(monkeypatch, tmp_path / "syncd.toml", f'{name} = "canary"\n')
    assert complaint() == f"Unknown setting {name}; did you mean region?"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"region = ", "is not TOML", id="cut off"),
        pytest.param(b'api_key = "canary\n', "is not TOML", id="an open quote"),
        pytest.param(b"api_key = canary\n", "is not TOML", id="no quotes"),
        pytest.param(b"\xff\xfe", "is not TOML", id="no UTF-8"),
        pytest.param(b'\xef\xbb\xbfregion = "canary"\n', "is not TOML: Invalid statement", id="a BOM"),
        pytest.param(b'api_key = ["canary"]\n', "api_key in ", id="a list for a key"),
        pytest.param(b'[api_key]\nvalue = "canary"\n', "api_key in ", id="a table for a key"),
        pytest.param(b'api_key = ""\n', ": is empty", id="an empty key"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: Env, content: bytes, words: str) -> None:
    (tmp_path / "syncd.toml").write_bytes(content)
    monkeypatch.setenv("SYNCD_CONFIG", str(tmp_path / "syncd.toml"))
    assert words in complaint()


@pytest.mark.parametrize(("name", "reason"), [("missing.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: Env, name: str, reason: str) -> None:
    path = str(tmp_path / name)
    monkeypatch.setenv("SYNCD_CONFIG", path)
    assert complaint() == f"SYNCD_CONFIG={path} cannot be read: {reason}."


def test_the_file_may_be_a_pipe(monkeypatch: Env) -> None:
    reader, writer = os.pipe()
    os.write(writer, b'region = "us-west-2"\n')
    os.close(writer)
    monkeypatch.setenv("SYNCD_CONFIG", f"/dev/fd/{reader}")
    assert load_settings().region == "us-west-2"
    os.close(reader)


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_its_own_address(monkeypatch: Env, region: str) -> None:
    monkeypatch.setenv("SYNCD_REGION", region)
    assert load_settings().base_url == f"https://{region}.recall.ai"


def test_an_unknown_region_is_refused_unless_its_address_is_given(monkeypatch: Env) -> None:
    monkeypatch.setenv("SYNCD_REGION", "mars-north-1")
    with pytest.raises(ConfigError, match="SYNCD_REGION: mars-north-1 is not one of us-east-1"):
        _ = load_settings().base_url
    monkeypatch.setenv("SYNCD_API_URL", "https://mars-north-1.recall.ai/")
    assert load_settings().base_url == "https://mars-north-1.recall.ai"


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h/d", "service=prod", "host=/my\\ folder dbname=a\u00e4", "anything"]
)
def test_a_connection_string_is_kept_as_it_is_but_for_space_around_it(monkeypatch: Env, url: str) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", f" {url}\n")
    dsn = load_settings().dsn
    assert dsn is not None
    assert dsn.get_secret_value() == url


def test_the_state_directory_is_the_setting_systemds_or_the_users(tmp_path: Path, monkeypatch: Env) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert load_settings().state_directory == ROOT_STATE
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert load_settings().state_directory.name == "syncd"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/private/syncd:/more")
    assert load_settings().state_directory == Path("/var/lib/private/syncd")
    monkeypatch.setenv("SYNCD_STATE_DIR", str(tmp_path))
    assert load_settings().state_directory == tmp_path


def test_no_printed_form_of_the_settings_holds_a_secret(monkeypatch: Env) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", DSN)
    monkeypatch.setenv("SYNCD_API_KEY", "canary")
    settings = load_settings()
    assert (
        "canary" not in f"{settings!r} {settings} {msgspec.structs.asdict(settings)} {settings.key!r} {settings.dsn}"
    )


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in all_settings().items() if not parts_of(field.type)[1].description] == []
