"""The settings of the way to Recall: authorities, the proxy, and what is checked before anything is asked."""

import traceback
from pathlib import Path

import pytest
import trustme

from syncd.core.reading.proxy import ProxyAddress
from syncd.errors import ConfigError
from syncd.recall.trust import ssl_context
from syncd.settings import load_settings
from tests.conftest import Command

PROXY = "http://me:canary-pass@proxy.example:3128"


@pytest.fixture(autouse=True)
def without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that OpenSSL reads, too."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_there_is_no_proxy_unless_one_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert load_settings().proxy_address is None
    address = ProxyAddress("proxy.example", 3128, is_tls=False, user="me", password="canary-pass")
    (tmp_path / "proxy").write_text(PROXY + "\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_settings().proxy_address == address
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.setenv("SYNCD_PROXY_FILE", str(tmp_path / "proxy"))
    assert load_settings().proxy_address == address
    monkeypatch.setenv("SYNCD_PROXY", "http://other:1")
    assert load_settings().proxy_address == ProxyAddress("other", 1, is_tls=False)


@pytest.mark.parametrize("value", ["proxy:3128", "socks5://me:canary@proxy:1", "http://canary@proxy/path"])
def test_a_proxy_that_is_none_is_named_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    monkeypatch.setenv("SYNCD_PROXY", value)
    with pytest.raises(ConfigError, match=r"^SYNCD_PROXY: must ") as caught:
        load_settings()
    monkeypatch.delenv("SYNCD_PROXY")
    (tmp_path / "file").write_text(value, encoding="utf-8")
    monkeypatch.setenv("SYNCD_PROXY_FILE", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match=r"^SYNCD_PROXY_FILE: the file .* must ") as of_file:
        load_settings().proxy_url  # noqa: B018  it is read when it is asked for
    assert "canary" not in "".join([*traceback.format_exception(caught.value), str(of_file.value)])


@pytest.mark.parametrize("value", ['"key-1"', "'key-1'", ' "Token key-1" ', 'Token "key-1"', '"key-1" '])
def test_quotes_around_a_key_are_dropped(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SYNCD_API_KEY", value)
    assert load_settings().key.get_secret_value() == "key-1"


@pytest.mark.parametrize("value", ['"canary-1', "canary'1", '""', '"'])
def test_a_quote_that_is_left_over_is_told(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SYNCD_API_KEY", value)
    with pytest.raises(ConfigError, match=r"SYNCD_API_KEY: (must be printable ASCII|is empty)") as caught:
        load_settings()
    assert "canary" not in str(caught.value)


def files(directory: Path) -> dict[str, Path]:
    """Files that hold no certificate, by what is wrong."""
    (directory / "empty.pem").touch()
    (directory / "text.pem").write_text("no certificate", encoding="utf-8")
    key = trustme.CA().private_key_pem
    key.write_to_path(str(directory / "key.pem"))
    missing = directory / "nowhere.pem"
    return {"missing": missing, "directory": directory} | {p.stem: p for p in directory.glob("*.pem")}


@pytest.mark.parametrize("wrong", ["missing", "directory", "empty", "text", "key"])
def test_a_file_of_authorities_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str
) -> None:
    path = files(tmp_path)[wrong]
    words = "cannot be read: No such file" if wrong == "missing" else "(cannot be read|holds no certificate)"
    with pytest.raises(ConfigError, match=f"^SYNCD_CA_FILE={path} {words}"):
        ssl_context(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigError, match=f"^SSL_CERT_FILE={path} {words}"):
        ssl_context()


def test_a_directory_of_authorities_has_to_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    ssl_context()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=r"SSL_CERT_DIR=.*nowhere is not a directory"):
        ssl_context()


def test_the_authorities_of_a_file_are_trusted_beside_the_others(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert len(ssl_context(tmp_path / "ca.pem").get_ca_certs()) == len(ssl_context().get_ca_certs()) + 1


def test_a_start_checks_the_way_to_recall_before_it_waits_for_the_database(syncd: Command) -> None:
    away = {"SYNCD_DATABASE_URL": "postgresql://syncd@127.0.0.1:1/nowhere"}
    for wrong in ({"SSL_CERT_FILE": "/nowhere.pem"}, {"SYNCD_PROXY_FILE": "/nowhere"}):
        ended = syncd("run", **away, **wrong)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (78, 1), ended.stderr
        assert str(next(iter(wrong.values()))) in ended.stderr
