"""Each benchmark that runs real processes, once, at a tiny size and with an end."""

import pytest

from bench import backlog, budget, idle, kills, lag, large, outbox, search

pytestmark = pytest.mark.usefixtures("in_memory")


def test_budget() -> None:
    found = budget.main(2, 0.05, 60)
    calls, fullest = found["calls"], found["fullest_minute"]
    assert isinstance(calls, int)
    assert isinstance(fullest, int)
    assert 0 < calls <= fullest <= budget.LIMIT
    assert found["throttled"] == 0


def test_kills() -> None:
    found = kills.main(10, 2, 3.0, 1)
    assert (found["transcripts"], found["daemons"], found["throttled"]) == (10, 2, 0)


def test_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "AFTER_S", 4.0)
    found = lag.main(1, 0.05, 120.0, 3)
    real, calls = found["real"], found["calls"]
    assert isinstance(real, dict)
    assert isinstance(calls, dict)
    assert real["backlog"]["finished"] == 3
    assert calls["retrieve"]["throttled"] == calls["list"]["throttled"] == 0


def test_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BEFORE_S": 1.0, "AFTER_S": 1.0, "FILE_WORDS": 500, "DIFFERENT_FILES": 1}.items():
        monkeypatch.setattr(backlog, name, value)
    found = backlog.main(1000, 1, 2.0)
    assert found["backlog_words"] == 1000
    numbers = [found[name] for name in ("judged", "seen_s_without", "ready_s_with", "ratio_seen", "ratio_ready")]
    assert all(isinstance(number, int | float) and number > 0 for number in numbers)


def test_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "rest", lambda _: None)
    monkeypatch.setattr(idle, "ASLEEP_S", 0.0)
    monkeypatch.setattr(idle, "TRACKED", 1)
    found = idle.main(0.5)
    assert found.pop("bench") == "idle"
    assert set(found) == {
        "cpu_share",
        "rss_mb",
        "own_mb",
        "transactions_per_s",
        "ready_s",
        "ready_cpu_s",
        "track_to_call_s",
    }
    assert min(float(found[name]) for name in ("rss_mb", "own_mb", "ready_s", "ready_cpu_s", "track_to_call_s")) > 0


def test_large() -> None:
    found = large.main(0.2, 300, 2)
    for kind in ("provider_file", "transcript_file"):
        assert found[kind]["bytes"] > 50_000
        assert found[kind]["peak_mb"] > 0
        assert found[kind]["ratio_small"] > 0
    assert found["provider_file"]["parts"] > 50


def test_search() -> None:
    found = search.main(10 * search.MEETING_WORDS)
    questions = found["questions"]
    assert found["meetings"] == 10
    assert isinstance(questions, dict)
    assert len(questions) == 6
    assert all(each["ratio"] > 0 for each in questions.values())


def test_outbox() -> None:
    rates = outbox.main(2, 0.2)["commits_per_s"]
    assert isinstance(rates, dict)
    assert len(rates) == 3
    assert all(rate > 0 for rate in rates.values())
