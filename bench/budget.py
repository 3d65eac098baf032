"""Daemons with a backlog at the real limit: `python -m bench.budget [processes] [minutes] [foreign calls a minute]`.

The emulator throttles as Recall does (sliding window, 300 a minute) and its own log is the judge: 429s, the fullest
minute, and the share of the limit that was used. The last argument lets a stranger spend from the same limit.
Prints one line of JSON.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

from bench.defaults import default_of
from bench.stack import Emulator, EmulatorOptions, Scenario, daemons, fullest_minute, stack

LIMIT = int(default_of("retrieve_limit"))
FOREIGN = "a-stranger"
START_S = 120.0
"""How long daemons may take to start."""


def stranger(url: str, calls_per_minute: int, stop: threading.Event) -> None:
    """Another program with a key of the same workspace."""
    request = urllib.request.Request(  # noqa: S310  a loopback address of our own
        f"{url}/api/v1/transcript/{uuid.uuid4()}/", headers={"Authorization": f"Token {FOREIGN}"}
    )
    while not stop.wait(60 / calls_per_minute):
        try:
            urllib.request.urlopen(request).close()  # noqa: S310  a loopback address of our own
        except urllib.error.HTTPError as error:
            error.close()


def await_first_call(emulator: Emulator, key: str) -> None:
    """Until a daemon has begun. Raises TimeoutError."""
    until_s = time.monotonic() + START_S
    while not any(request.key == key for request in emulator.requests()):
        if time.monotonic() > until_s:
            raise TimeoutError("no daemon has made a call")
        time.sleep(0.05)


def main(processes: int, minutes: float, foreign: int) -> dict[str, object]:
    """Run daemons on a backlog that lasts for the whole time; what to print."""
    keys = {"demo-key": "default", FOREIGN: "default"}
    scenarios = [Scenario(words=50) for _ in range(int(LIMIT * (minutes + 2)))]
    with stack(EmulatorOptions(keys=keys, retrieve_limit=LIMIT), scenarios) as (emulator, environment):
        stop = threading.Event()
        if foreign:
            threading.Thread(target=stranger, args=(emulator.api_url, foreign, stop), daemon=True).start()
        environment["SYNCD_LIST_LIMIT"] = "0"  # the list would take the backlog away from the retrieves
        with daemons(processes, environment):
            await_first_call(emulator, "demo-key")
            time.sleep(minutes * 60)
            stop.set()
        calls = [request for request in emulator.requests() if request.route == "retrieve"]
    ours = [call for call in calls if call.key == "demo-key"]
    times = [call.monotonic for call in ours]
    lasted = max(max(times) - min(times), 1.0) if times else 1.0
    return {
        "bench": "budget",
        "processes": processes,
        "minutes": round(lasted / 60, 2),
        "foreign_calls_per_minute": foreign,
        "calls": len(ours),
        "throttled": sum(call.status == 429 for call in ours),
        "fullest_minute": fullest_minute([call.monotonic for call in calls]),
        "limit": LIMIT,
        "share_of_limit": round(len(ours) / lasted * 60 / LIMIT, 3),
    }


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    processes, minutes, foreign = [*given, *(8.0, 3.0, 0.0)[len(given) :]]
    print(json.dumps(main(int(processes), minutes, int(foreign))))
