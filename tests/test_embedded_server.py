"""The embedded server: in any folder, locale and account, shared, and never in anybody's way."""

import contextlib
import ctypes
import fcntl
import os
import signal
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from syncd.embedded import account, remove, running, server
from syncd.embedded.sharing import beside
from syncd.errors import ConfigError, EmbeddedFault
from syncd.settings import load_settings

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be, or make files of, somebody else")
NOBODY_KNOWN = 54_321
"""A user without a name, as containers have them."""
PR_SET_DUMPABLE = 4
FOREIGN = {
    "LC_ALL": "xx_XX.UTF-8",
    "PGPORT": "1",
    "PGHOST": "nowhere",
    "PGOPTIONS": "-c nonsense=1",
    "PGDATA": "/nope",
}


@pytest.fixture
def folder(in_memory: None) -> Iterator[Path]:
    """A folder that is closed to everybody else."""
    with tempfile.TemporaryDirectory(prefix="syncd-folder-") as name:
        yield Path(name)


def ask(url: str, statement: str) -> tuple[object, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchone()


def sockets_of(url: str) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))


def postmaster(directory: Path) -> int:
    return int((directory / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a b/q'uo\"te/%41$HOME`id`/naïve-日本", id="characters"),
        pytest.param("x" * 90 + "/" + "y" * 200, id="long"),
    ],
)
def test_it_works_in_any_folder_and_locale_and_changes_nobodys_modes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in FOREIGN.items():
        monkeypatch.setenv(variable, value)
    directory = folder / name / "postgres"
    (folder / "link").symlink_to(folder / name)
    beside(directory, "new").mkdir(parents=True)  # of one that was killed while it was made
    (beside(directory, "new") / "half").touch()
    with running(directory) as url, running(folder / "link" / "postgres", creates=False) as same:
        assert same == url
        assert ask(
            url, "select datlocprovider, datlocale, upper('ñ') from pg_database where datname = current_database()"
        ) == ("b", "C.UTF-8", "Ñ")
        assert stat.S_IMODE(sockets_of(url).stat().st_mode) == 0o700
    assert not sockets_of(url).exists()
    assert not (directory / "postmaster.pid").exists()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not beside(directory, "new").exists()


def test_what_a_killed_server_left_behind_is_cleared_away(folder: Path) -> None:
    directory = folder / "postgres"
    with running(directory) as url:
        pid, noted = postmaster(directory), (directory / "postmaster.pid").read_text()
        os.kill(pid, signal.SIGKILL)
    # the machine has started again since, and the number belongs to somebody else
    (directory / "postmaster.pid").write_text(noted.replace(str(pid), str(os.getpid()), 1))
    with running(directory) as anew:
        assert ask(anew, "select 1") == (1,)
    assert not sockets_of(url).exists()


def test_who_comes_last_stops_it_unless_somebody_else_is_connected(folder: Path) -> None:
    directory = folder / "postgres"
    with running(directory) as url, running(directory):
        pid = postmaster(directory)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with contextlib.ExitStack() as stack:
        with running(directory) as url:
            psql = stack.enter_context(psycopg.connect(url))
        assert psql.execute("select 1").fetchone() == (1,)
        with pytest.raises(EmbeddedFault, match=r"is in use"):
            remove(directory)
    with running(directory) as same, pytest.raises(EmbeddedFault, match=r"is in use"):
        assert same == url
        remove(directory)
    remove(directory)
    assert not directory.exists()
    remove(directory)


def test_postgres_own_words_say_why_it_does_not_start(folder: Path) -> None:
    directory = folder / "postgres"
    with running(directory):
        pass
    with (directory / "postgresql.conf").open("a") as configuration:
        configuration.write("nonsense = 1\n")
    with pytest.raises(EmbeddedFault, match=r'does not start: .*unrecognized configuration parameter "nonsense"'):
        running(directory).__enter__()
    for version, told in ((b"17\n", "17"), (b"1\xff\n", r"1\\xff")):
        (directory / "PG_VERSION").write_bytes(version)
        with pytest.raises(EmbeddedFault, match=rf"are those of Postgres {told}, and"):
            running(directory).__enter__()
    assert not list(folder.glob("pg-*"))


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "postgres" / "photos").mkdir(parents=True)
    with pytest.raises(EmbeddedFault, match=r"cannot use .*: Directory not empty"):
        running(folder / "postgres").__enter__()
    assert (folder / "postgres" / "photos").is_dir()


def as_user(uid: int, what: Callable[[], None]) -> str:
    """What it raises, in a process of this user; empty: nothing."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)  # as it is in a program of this user
            what()
        except BaseException:
            os.write(writer, traceback.format_exc().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


@AS_ROOT
def test_a_user_without_a_name_or_a_home_has_one_too(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    if not account.is_open(account.program("postgres")):
        pytest.skip("the programs are closed to other users here")
    folder.chmod(0o755)
    place = folder / "its"
    place.mkdir()
    os.chown(place, NOBODY_KNOWN, NOBODY_KNOWN)
    for name in ("HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def use() -> None:
        with pytest.raises(ConfigError, match=r"no home. Set SYNCD_DATABASE_URL or SYNCD_STATE_DIR"):
            _ = load_settings().state_directory
        with running(place / "postgres") as url:
            assert ask(url, "select 1") == (1,)

    assert as_user(NOBODY_KNOWN, use) == ""
    with running(place / "postgres", creates=False) as url:  # root runs it as its owner, and leaves it usable
        assert ask(url, "select 1") == (1,)
    assert {path.stat().st_uid for path in place.rglob("*")} == {NOBODY_KNOWN}
    assert as_user(NOBODY_KNOWN, use) == ""


@AS_ROOT
def test_root_makes_none_in_a_folder_of_somebody_else(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    os.chown(folder, NOBODY_KNOWN, NOBODY_KNOWN)
    with pytest.raises(EmbeddedFault, match=rf"inside a folder of user {NOBODY_KNOWN}"):
        running(folder / "state" / "postgres").__enter__()
    os.chown(folder, 0, 0)
    monkeypatch.setattr(account, "OF_SERVICES", (folder,))
    with pytest.raises(EmbeddedFault, match=r"inside a folder of a service"):
        running(folder / "state" / "postgres").__enter__()
    assert not (folder / "state").exists()


def test_a_file_system_without_sockets_gets_its_socket_elsewhere(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(server, "SOCKET", "x" * 200)
        with pytest.raises(EmbeddedFault, match=r"needs a folder for its socket, such as /tmp"):
            running(folder / "postgres").__enter__()
    assert list(folder.glob("pg-*")) == []


def test_a_demo_does_not_delete_one_that_is_running(folder: Path) -> None:
    from syncd.demo import show

    with (folder / show.MARKER).open("w") as marker:
        fcntl.flock(marker, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match=r"A demo is running in"), show._made_anew(folder):
            pass
    with show._made_anew(folder):
        pass
