"""Daemons that are killed at random lose nothing: `python -m bench.kills [transcripts] [daemons] [seconds] [seed]`.

Transcripts of all kinds finish within so many seconds, and several daemons share the work; meanwhile one after
another is killed with SIGKILL and started anew. In the end every row, byte and word is compared with what the
emulated Recall knows, and the calls with the limit. Prints one line of JSON; stops with an AssertionError
where something is not true.
"""

import json
import random
import subprocess
import sys
import time

import psycopg

from bench.stack import DAEMON, EmulatorOptions, Scenario, fullest_minute, mixed_scenarios, reap, stack
from tests.acceptance.truth import assert_everything_is_true

AMPLE_LIMIT = 1500
"""Retrieves a minute: so many that the daemons, and not the limit, are what is tried."""
SHORT_LEASE_S = 5
"""What a killed daemon held is taken over after so long."""
LONGEST_RUN_S = 600.0


def ending(count: int, over_s: float) -> list[Scenario]:
    """Transcripts of all kinds that end once, within `over_s` seconds: none is deleted or changed afterwards."""
    scenarios = mixed_scenarios(2 * count, over_seconds=over_s, seed=7)
    return [
        each
        for each in scenarios
        if each.finishes_after is not None and each.end not in ("quarantined", "not_found")
        if each.deleted_after is None and each.relapses_after is None
    ][:count]


def main(count: int, daemon_count: int, kill_for_s: float, seed: int) -> dict[str, object]:
    """Kill for `kill_for_s` seconds, wait for the end, and compare; what to print."""
    scenarios, rng = ending(count, kill_for_s), random.Random(seed)
    with stack(EmulatorOptions(retrieve_limit=AMPLE_LIMIT, list_limit=AMPLE_LIMIT // 5), scenarios) as (
        emulator,
        environment,
    ):
        environment |= {
            "SYNCD_LEASE_SECONDS": str(SHORT_LEASE_S),
            "SYNCD_RETRIEVE_LIMIT": str(AMPLE_LIMIT),
            "SYNCD_LIST_LIMIT": str(AMPLE_LIMIT // 5),
        }
        kills = _kill_until_done(daemon_count, environment, kill_for_s, rng)
        url = environment["SYNCD_DATABASE_URL"]
        assert_everything_is_true(url, emulator, scenarios)
        requests = emulator.requests()
        retrieves = [request.monotonic for request in requests if request.route == "retrieve"]
        throttled = sum(request.status == 429 for request in requests)
        assert throttled == 0
        return {
            "bench": "kills",
            "transcripts": len(scenarios),
            "daemons": daemon_count,
            "kills": kills,
            "retrieves": len(retrieves),
            "throttled": throttled,
            "fullest_minute": fullest_minute(retrieves),
            "limit": AMPLE_LIMIT,
            "events": _events(url, len(scenarios)),
        }


def _kill_until_done(count: int, environment: dict[str, str], kill_for_s: float, rng: random.Random) -> int:
    running = [subprocess.Popen(DAEMON, env=environment) for _ in range(count)]  # noqa: S603  our own command
    began_s, kills = time.monotonic(), 0
    try:
        while _unfinished(environment["SYNCD_DATABASE_URL"]):
            elapsed_s = time.monotonic() - began_s
            assert elapsed_s < LONGEST_RUN_S, "the queue is not empty in time"
            time.sleep(rng.uniform(0.2, 1.0))
            if elapsed_s < kill_for_s:
                victim = rng.randrange(count)
                running[victim].kill()
                running[victim].wait()
                running[victim] = subprocess.Popen(DAEMON, env=environment)  # noqa: S603  our own command
                kills += 1
    finally:
        for daemon in running:
            daemon.terminate()
        for daemon in running:
            reap(daemon)
    return kills


def _unfinished(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("select from syncd.queue limit 1").fetchone() is not None
    except psycopg.OperationalError:  # the killed ones still hold their connections
        return True


def _events(url: str, count: int) -> dict[str, int]:
    """Each end is told once; how many of each kind."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select kind, count(*) from recall.events group by 1 order by 1").fetchall()
        told = connection.execute("select count(distinct transcript_id) from recall.events").fetchone()
    assert told == (count,) == (sum(number for _, number in rows),)
    return dict(rows)


if __name__ == "__main__":
    numbers = [float(argument) for argument in sys.argv[1:]]
    chosen = numbers + [300, 8, 45, 1][len(numbers) :]
    print(json.dumps(main(int(chosen[0]), int(chosen[1]), chosen[2], int(chosen[3]))))
