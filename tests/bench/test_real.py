"""Each benchmark that runs real processes, once, at a tiny size and with an end."""

import re

import pytest

from bench import budget, idle, kills, lag, outbox, search, throughput

MOST_S = 180.0
pytestmark = pytest.mark.usefixtures("in_memory")


def test_throughput() -> None:
    line = throughput.main(6, MOST_S)
    assert re.fullmatch(r"6 transcripts in [\d.]+ s \(\d+/s\), \d\.\d\d retrieves each", line)


def test_budget() -> None:
    line = budget.main(2, 0.05, 60)
    found = re.search(r"(\d+) calls, 0 of them throttled, fullest minute (\d+) of 300", line)
    assert found, line
    calls, fullest = map(int, found.groups())
    assert 0 < calls <= fullest <= budget.LIMIT


def test_kills() -> None:
    lines = list(kills.main(10, 2, 3.0, 1))
    assert lines[0].startswith("10 transcripts, 2 daemons, ")
    assert " 0 throttled" in lines[1]


def test_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "AFTER_S", 4.0)
    lines = list(lag.main(1, 0.05, 120.0, 3))
    assert lines[0] == "1 processes, 0.05 minutes, 120 a minute, 3 at the start"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "in real time, those that came",
        "in real time, the backlog",
        "retrieve",
        "list",
        "simulated, those that came",
        "simulated, all",
    ]
    assert "3 finished" in lines[2]
    assert " 0 throttled" in lines[3]


def test_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "rest", lambda _: None)
    monkeypatch.setattr(idle, "ASLEEP_S", 0.0)
    monkeypatch.setattr(idle, "TRACKED", 1)
    found = idle.main(0.5)
    assert found.pop("bench") == "idle"
    assert set(found) == {
        "cpu_share",
        "rss_mb",
        "transactions_per_s",
        "ready_s",
        "ready_cpu_s",
        "track_to_call_s",
    }
    assert min(float(found[name]) for name in ("rss_mb", "ready_s", "ready_cpu_s", "track_to_call_s")) > 0


def test_search() -> None:
    lines = list(search.main(10 * search.MEETING_WORDS))
    assert lines[0].startswith("10 meetings of 1500 words")
    questions = [line for line in lines if "times" in line]
    assert len(questions) == 6
    assert lines[-1].startswith("| size on disk |")


def test_outbox() -> None:
    lines = list(outbox.main(2, 0.2))
    assert len(lines) == 4
    assert all(re.search(r": \d+ commits/s, \d+\.\d\d of those without$", line) for line in lines[1:])
