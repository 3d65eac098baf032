"""The systemd unit: systemd understands it, it is tight, and every line of it says why."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from syncd.errors import ConfigError, OperatorError
from syncd.settings import PREFIX, Settings, all_settings, load_settings
from syncd.settings.values import parts_of

DEPLOY = Path(__file__).parents[2] / "deploy" / "systemd"
UNIT = DEPLOY / "syncd.service"
EXAMPLE = DEPLOY / "syncd.env.example"
WRAPPER = DEPLOY / "syncd"
RELOAD = DEPLOY / "syncd-reload"

WORST_EXPOSURE = 1.1
DATABASE_GONE_S = 25
"""Until a dead connection is noticed (tcp_user_timeout) and a new one fails (connect_timeout)."""
THREADS_BESIDE_WORK = 20
SECRETS = ("api_key", "database_url")

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def values(directive: str) -> list[str]:
    """Every value that the unit gives a directive."""
    return re.findall(rf"^{directive}=(.*)$", UNIT.read_text(), re.MULTILINE)


def seconds(directive: str) -> float:
    (value,) = values(directive)
    return float(value.removesuffix("s"))


def example() -> dict[str, str]:
    """The settings of the example, those commented out included."""
    return dict(re.findall(rf"^#?({PREFIX}\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


@pytest.fixture
def checkable(tmp_path: Path) -> Path:
    """The unit with a program that exists everywhere."""
    copy = tmp_path / UNIT.name
    copy.write_text(re.sub(r"^(Exec\w+)=.*$", r"\1=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    return copy


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_unit(checkable: Path) -> None:
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(checkable))
    assert (done.stderr, done.returncode) == ("", 0)  # an unknown directive is only a line, not a failure


@needs_systemd
def test_verify_would_notice_a_misspelt_directive(checkable: Path) -> None:
    checkable.write_text(checkable.read_text().replace("ProtectClock=", "ProtectClok="))
    assert "ProtectClok" in analyze("verify", "--man=no", "--recursive-errors=no", str(checkable)).stderr


@needs_systemd
def test_the_unit_is_as_tight_as_promised(checkable: Path) -> None:
    threshold = f"--threshold={WORST_EXPOSURE * 10:.0f}"
    done = analyze("security", "--offline=true", threshold, "--no-pager", str(checkable))
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not on this machine")
@pytest.mark.parametrize(
    "script", [WRAPPER, RELOAD, Path(__file__).parent / "boot.sh"], ids=lambda script: script.name
)
def test_shellcheck_has_nothing_to_say_about_the_scripts(script: Path) -> None:
    done = subprocess.run(["shellcheck", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.[ps][ae]*")), ids=lambda unit: unit.name)
def test_every_directive_has_its_reason_right_above(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    bare = [line for above, line in zip(["", *lines], lines, strict=False) if "=" in line and _is_bare(above, line)]
    assert bare == []


def _is_bare(above: str, line: str) -> bool:
    return not line.startswith("#") and not above.startswith("# ")


def test_a_stop_outlasts_the_drain_and_a_database_that_is_gone() -> None:
    assert seconds("TimeoutStopSec") >= Settings().drain_seconds + DATABASE_GONE_S + 5


def test_the_watchdog_waits_longer_than_a_claim_may_take() -> None:
    # it is notified for half of its time after the last claim, and ends the daemon one whole of it later
    assert 1.5 * seconds("WatchdogSec") > 120  # the statement time-out


def test_as_many_threads_are_allowed_as_the_settings_allow() -> None:
    most = parts_of(all_settings()["concurrency"].type)[1].le
    assert most is not None
    assert int(values("TasksMax")[0]) >= most + THREADS_BESIDE_WORK


def test_what_only_a_person_can_repair_is_not_restarted() -> None:
    assert str(OperatorError.exit_code) in values("RestartPreventExitStatus")[0].split()


def test_secrets_come_as_the_credentials_that_the_settings_look_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert values("LoadCredential") == [f"{name}:/etc/syncd/{name}" for name in SECRETS]
    (tmp_path / "api_key").write_text("a-key\n")
    (tmp_path / "database_url").write_text("postgresql://host/database\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    settings = load_settings()
    assert settings.key.get_secret_value() == "a-key"
    assert settings.dsn is not None
    assert settings.dsn.get_secret_value() == "postgresql://host/database"


def test_after_a_reload_only_its_own_secrets_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, names in {"CREDENTIALS_DIRECTORY": SECRETS, "RUNTIME_DIRECTORY": ("environment",)}.items():
        monkeypatch.setenv(variable, str(tmp_path / variable))
        (tmp_path / variable).mkdir()
        for name in (*names, "proxy"):
            (tmp_path / variable / name).write_text("http://127.0.0.1:9")
    reloaded = tmp_path / "RUNTIME_DIRECTORY"
    (reloaded / "api_key").symlink_to(tmp_path / "nothing")
    (reloaded / "proxy").unlink()
    with pytest.raises(ConfigError, match=r"The credential api_key \(.*\) is missing\."):
        load_settings().key  # noqa: B018  it is read, and so checked
    assert (load_settings().proxy_url, load_settings().dsn) == (None, None)
    (reloaded / "environment").unlink()
    assert load_settings().proxy_url is not None


def test_the_command_for_operators_gets_the_same_settings_secrets_and_user_as_the_service() -> None:
    text = WRAPPER.read_text()
    for directive in ("EnvironmentFile", "LoadCredential", "User", "DynamicUser"):
        for value in values(directive):
            assert f"--property={directive}={value} " in text
    assert values("ExecStart")[0].split()[0] in text
    assert os.access(WRAPPER, os.X_OK)


def test_what_a_reload_runs_is_one_short_line_in_the_status() -> None:
    assert values("ExecReload") == [f"+/usr/local/sbin/{RELOAD.name}"]
    assert os.access(RELOAD, os.X_OK)


def test_the_example_holds_nothing_but_comments_and_plain_assignments() -> None:
    odd = [
        line for line in EXAMPLE.read_text().splitlines() if not re.fullmatch(r"(#.*|SYNCD_\w+=[^\s\"'\\]+|)", line)
    ]
    assert odd == []


def test_the_example_names_only_settings_that_exist_and_shows_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(example()) > 5
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == Settings()  # an unknown name would raise ConfigError


def test_no_secret_stands_in_the_example() -> None:
    secrets = {PREFIX + name.upper() for name in SECRETS}
    assert not secrets & set(example())
    assert not re.search(r"://[^/\s]*:[^/\s]*@", EXAMPLE.read_text())
