"""Daemons with a backlog at the real limit: `python bench/budget.py [processes] [minutes] [foreign calls a minute]`.

The emulator throttles as Recall does (sliding window, 300 a minute) and its own log is the judge: 429s, the fullest
minute, and the share of the limit that was used. The last argument lets a stranger spend from the same limit.
"""

import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

from world import fullest_minute, world

from recall_emulator import EmulatorOptions, Scenario

LIMIT = 300
FOREIGN = "a-stranger"


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


def main(processes: int, minutes: float, foreign: int) -> None:
    keys = {"demo-key": "default", FOREIGN: "default"}
    scripts = [Scenario(words=50) for _ in range(int(LIMIT * (minutes + 2)))]
    with world(EmulatorOptions(keys=keys, retrieve_limit=LIMIT), scripts) as (emulator, environment):
        stop = threading.Event()
        if foreign:
            threading.Thread(target=stranger, args=(emulator.api_url, foreign, stop), daemon=True).start()
        environment["SYNCD_LIST_LIMIT"] = "0"  # the list would take the backlog away from the retrieves
        command = [sys.executable, "-m", "syncd", "run"]
        daemons = [subprocess.Popen(command, env=environment) for _ in range(processes)]
        time.sleep(minutes * 60 + 5)
        stop.set()
        for daemon in daemons:
            daemon.terminate()
        for daemon in daemons:
            daemon.wait()
        calls = [request for request in emulator.requests() if request.route == "retrieve"]
    ours = [call for call in calls if call.key == "demo-key"]
    lasted = max(call.monotonic for call in ours) - min(call.monotonic for call in ours)
    print(
        f"{processes} processes, {lasted / 60:.1f} minutes, {foreign} foreign calls a minute:"
        f" {len(ours)} calls, {sum(call.status == 429 for call in ours)} of them throttled,"
        f" fullest minute {fullest_minute([call.monotonic for call in calls])} of {LIMIT},"
        f" {len(ours) / lasted * 60 / LIMIT:.1%} of the limit used"
    )


if __name__ == "__main__":
    arguments = [float(argument) for argument in sys.argv[1:]]
    main(int(arguments[0]) if arguments else 8, arguments[1] if arguments[1:] else 3, int((arguments[2:] or [0])[0]))
