"""How fast a finished backlog arrives when the rate limit is out of the way: `python -m bench.throughput [count]`.

Everything is real but Recall: the daemon's own process, the embedded Postgres with its default durability, HTTP over
loopback. Prints one line; compare lines of one machine and one run only.
"""

import subprocess
import sys
import time

from bench.stack import EmulatorOptions, Scenario, mixed_scenarios, stack

NO_LIMIT = 600_000
TRANSCRIPT_COUNT = 500


def backlog(count: int) -> list[Scenario]:
    """Finished transcripts of all kinds that have an end, without those whose end takes a minute to be sure of."""
    scenarios = mixed_scenarios(2 * count, over_seconds=0.0, seed=1)
    ending = [s for s in scenarios if s.finishes_after is not None and s.end not in ("quarantined", "not_found")]
    return [s for s in ending if s.hostile != "not_json"][:count]


def main(count: int, most_s: float | None = None) -> str:
    """Load a backlog; the line to print. Raises TimeoutExpired after `most_s` seconds, if given."""
    with stack(EmulatorOptions(retrieve_limit=NO_LIMIT), backlog(count)) as (emulator, environment):
        environment["SYNCD_RETRIEVE_LIMIT"] = str(NO_LIMIT)
        command = [sys.executable, "-m", "syncd", "run", "--until-idle"]
        began = time.monotonic()
        subprocess.run(command, env=environment, check=True, timeout=most_s)  # noqa: S603  our own command
        took = time.monotonic() - began
        retrieves = sum(request.route == "retrieve" for request in emulator.requests())
    return f"{count} transcripts in {took:.1f} s ({count / took:.0f}/s), {retrieves / count:.2f} retrieves each"


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else TRANSCRIPT_COUNT))
