import time
from collections.abc import Callable

import httpx
import pytest

from recall_emulator import Emulator, Scenario
from recall_emulator.throttle import FixedThrottle, SlidingThrottle

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]


def test_a_sliding_window_forgets_each_call_after_a_minute() -> None:
    throttle = SlidingThrottle(2, 60)
    assert [throttle.admit("w", now) for now in (0, 10, 20)] == [0, 0, 40]
    assert throttle.admit("w", 60) == 0
    assert throttle.admit("w", 61) == 9
    assert throttle.admit("w", 70) == 0


def test_calls_that_were_refused_do_not_count() -> None:
    throttle = SlidingThrottle(1, 60)
    throttle.admit("w", 0)
    for now in range(1, 60):
        assert throttle.admit("w", now) == 60 - now
    assert throttle.admit("w", 60) == 0


def test_a_fixed_window_forgets_all_at_once() -> None:
    throttle = FixedThrottle(2, 60)
    assert [throttle.admit("w", now) for now in (50, 59, 59.5)] == [0, 0, 0.5]
    assert [throttle.admit("w", now) for now in (60, 61, 62)] == [0, 0, 58]


def test_buckets_do_not_see_each_other() -> None:
    for throttle in (SlidingThrottle(1, 60), FixedThrottle(1, 60)):
        assert [throttle.admit(bucket, 0) for bucket in ("a", "b", "a")] == [0, 0, 60]


@pytest.mark.parametrize("window", ["sliding", "fixed"])
def test_beyond_the_limit_the_answer_is_429_with_whole_seconds(emulate: Emulate, ask: Ask, window: str) -> None:
    emulator = emulate(retrieve_limit=2, window=window, window_seconds=100_000)
    transcript_id = emulator.add(Scenario())
    statuses = [ask(emulator, transcript_id).status_code for _ in range(3)]
    refused = ask(emulator, transcript_id)
    assert statuses == [200, 200, 429]
    seconds = int(refused.headers["Retry-After"])
    assert 0 < seconds <= 100_000
    unit = "second" if seconds == 1 else "seconds"
    assert refused.json() == {"detail": f"Request was throttled. Expected available in {seconds} {unit}."}
    assert [request.status for request in emulator.requests()] == [200, 200, 429, 429]


def test_retrieve_and_list_have_limits_of_their_own(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(retrieve_limit=1, list_limit=2)
    transcript_id = emulator.add(Scenario())
    assert [ask(emulator, transcript_id).status_code for _ in range(2)] == [200, 429]
    assert [ask(emulator).status_code for _ in range(3)] == [200, 200, 429]


def test_two_keys_of_a_workspace_share_a_limit_and_two_workspaces_do_not(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_limit=1, keys={"a": "one", "b": "one", "c": "two"})
    assert [ask(emulator, key=key).status_code for key in ("a", "b", "c")] == [200, 429, 200]


def test_unauthorised_calls_do_not_count(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_limit=1)
    assert [ask(emulator, key=key).status_code for key in ("wrong", "demo-key")] == [401, 200]


def test_after_the_wait_it_told_the_call_is_admitted(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_limit=1, window_seconds=0.2)
    assert ask(emulator).status_code == 200
    deadline = time.monotonic() + 60
    while (answer := ask(emulator)).status_code == 429:
        assert answer.headers["Retry-After"] == "1"
        assert time.monotonic() < deadline
    assert answer.status_code == 200
