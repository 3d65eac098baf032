"""When a reload is asked for, and what comes of it."""

import signal
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from syncd.errors import ConfigError
from syncd.service import reload as module
from syncd.service.reload import LOOK_AGAIN_S, REFUSED_AGAIN_S, Reload
from syncd.service.signals import on_hangup


def ready(reload: Reload[str]) -> bool:
    """Whether there is something new, once nothing is being read any more."""
    if not reload.is_ready():
        for thread in threading.enumerate():
            if thread.name == "reload":
                thread.join()
    return reload.is_ready()


def test_what_was_read_is_taken_once() -> None:
    reload = Reload("old", lambda before: f"newer than {before}")
    assert not ready(reload)
    reload.ask()
    assert ready(reload)
    assert (reload.take(), reload.take()) == ("newer than old", None)
    reload.ask()
    assert ready(reload)
    assert reload.take() == "newer than newer than old"


@pytest.mark.parametrize("error", [ConfigError("The file is empty."), ZeroDivisionError()])
def test_what_cannot_be_read_changes_nothing_and_is_said_until_it_can(error: Exception) -> None:
    answers: Iterator[Exception | str] = iter([error, "new"])

    def read(_: str) -> str:
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    reload = Reload("old", read)
    reload.ask()
    assert not ready(reload)
    assert reload.refusal is not None
    reload.ask()
    assert ready(reload)
    assert reload.refusal is None


@pytest.mark.parametrize(("is_urgent", "then_s"), [(False, REFUSED_AGAIN_S), (True, LOOK_AGAIN_S)])
def test_a_secret_that_was_refused_is_tried_again_as_soon_as_it_matters(
    monkeypatch: pytest.MonkeyPatch, is_urgent: bool, then_s: float
) -> None:
    clock = SimpleNamespace(now_s=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    tries: list[float] = []

    def read(_: str) -> str:
        tries.append(clock.now_s)
        raise ConfigError("Refused.")

    reload = Reload("old", read, lambda _: True)
    for second in range(200):
        clock.now_s = float(second)
        reload.look(is_urgent=is_urgent)
        assert not ready(reload)
    assert tries[:4] == [LOOK_AGAIN_S + then_s * count for count in range(4)]


def test_a_reload_is_under_way_until_it_is_known_what_comes_of_it() -> None:
    reload = Reload("old", lambda _: "new")
    seen = [reload.is_under_way]
    reload.ask()
    seen.append(reload.is_under_way)
    assert ready(reload)
    assert [*seen, reload.is_under_way] == [False, True, False]


@pytest.fixture
def hangup() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize(("is_terminal", "is_told"), [(False, ["reload"]), (True, ["stop"])])
def test_a_hangup_reloads_but_where_the_terminal_has_gone_it_stops(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, is_told: list[str]
) -> None:
    told: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append("stop"))
    monkeypatch.setattr("sys.stderr", SimpleNamespace(isatty=lambda: is_terminal))
    on_hangup(lambda: told.append("reload"))
    signal.raise_signal(signal.SIGHUP)
    signal.signal(signal.SIGTERM, before)
    assert told == is_told


@pytest.mark.usefixtures("hangup")
def test_under_nohup_it_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    on_hangup(lambda: None)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
