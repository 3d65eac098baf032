"""How soon daemons notice: `python -m bench.lag [processes] [minutes] [transcripts a minute] [backlog]`.

In real time, against the emulator at Recall's own limits. Transcripts come as a stream, and take as long as in the
simulator's workloads; a backlog of finished ones may be handed in at the start. The judge is the emulator: a lag runs
from the finish of a transcript, by its clock, to the first request for its file, by its log. The same stream runs
through the simulator (bench.polling), where a lag ends with the answer that shows the finish. Prints one
line of JSON.
"""

import json
import random
import sys
import time
import uuid
from collections.abc import Sequence

from bench.polling.conditions import Conditions
from bench.polling.providers import pick, providers_of
from bench.polling.rate_limit import LIST_LIMIT, RETRIEVE_LIMIT
from bench.polling.result import Lags
from bench.polling.workload import BEGIN, HOUR, Transcript, Workload
from bench.polling.workspace import syncd
from bench.stack import Emulator, EmulatorOptions, Scenario, daemons, fullest_minute, stack
from syncd.db.engine import make_engine
from syncd.db.queue import tracking

LATENCY_S = 0.1
OLD_S = 3_600.0
WARM_UP_S = 4.0
AFTER_S = 10.0
"""From the last creation to the end; what finishes in this time is not judged."""
LIMITS = {"retrieve": RETRIEVE_LIMIT, "list": LIST_LIMIT}


def stream(minutes: float, per_minute: float, backlog: int) -> Workload:
    """New transcripts, evenly spread, after a backlog of finished ones."""
    rng = random.Random(0)
    providers = providers_of(rng)
    transcripts = [
        Transcript(-1 - n, "deepgram_async", BEGIN - OLD_S - n, BEGIN - OLD_S, BEGIN) for n in range(backlog)
    ]
    at_s = BEGIN
    while (at_s := at_s + rng.expovariate(per_minute / 60)) < BEGIN + 60 * minutes:
        provider = pick(rng, providers)
        transcripts.append(Transcript(len(transcripts), provider.name, at_s, at_s + provider.draw(rng), at_s))
    return Workload(transcripts, minutes / 60, providers)


def scenario_of(each: Transcript) -> Scenario:
    """The same transcript for the emulator."""
    return Scenario(
        transcript_id=uuid.UUID(int=random.Random(f"transcript {each.number}").getrandbits(128), version=4),
        provider=each.provider,
        created=min(0.0, each.created_s - BEGIN),
        finishes_after=each.finished_s - each.created_s,
        words=50,
    )


def play(emulator: Emulator, url: str, transcripts: Sequence[Transcript], began: float) -> None:
    """Create and hand in each transcript at its time."""
    engine = make_engine(url)
    for each in sorted(transcripts, key=lambda each: each.tracked_s):
        time.sleep(max(0.0, began + each.tracked_s - BEGIN - time.monotonic()))
        id_ = emulator.add(scenario_of(each))
        with engine.begin() as connection:
            tracking.track(connection, [id_], "default")
    engine.dispose()


def lags(emulator: Emulator, transcripts: Sequence[Transcript], began: float, ended: float) -> Lags:
    """Of all that finished; one that was never noticed counts until the end."""
    asked: dict[uuid.UUID | None, float] = {}
    for request in emulator.requests():
        if request.route == "file":
            asked.setdefault(request.transcript_id, request.monotonic)
    ready = {
        scenario_of(each).transcript_id: began + max(each.finished_s, each.tracked_s) - BEGIN for each in transcripts
    }
    return Lags(sorted(asked.get(id_, ended) - at for id_, at in ready.items() if at < ended - AFTER_S))


def calls(emulator: Emulator) -> dict[str, dict[str, int]]:
    """What was called on each route, and how full the fullest minute was."""
    found = {}
    for route, limit in LIMITS.items():
        made = [request for request in emulator.requests() if request.route == route]
        found[route] = {
            "calls": len(made),
            "throttled": sum(call.status == 429 for call in made),
            "fullest_minute": fullest_minute([call.monotonic for call in made]),
            "limit": limit,
        }
    return found


def told(found: Lags) -> dict[str, float]:
    """A distribution, seconds."""
    seconds = {
        "mean": found.mean,
        "median": found.quantile(0.5),
        "p99": found.quantile(0.99),
        "longest": found.longest,
    }
    return {"finished": len(found.sorted_s), **{name: round(value, 2) for name, value in seconds.items()}}


def main(processes: int, minutes: float, per_minute: float, backlog: int) -> dict[str, object]:
    """Run the stream in real time, and then simulated; what to print."""
    workload = stream(minutes, per_minute, backlog)
    with stack(EmulatorOptions(latency_seconds=LATENCY_S), []) as (emulator, environment):
        with daemons(processes, environment):
            time.sleep(WARM_UP_S)
            began = time.monotonic()
            play(emulator, environment["SYNCD_DATABASE_URL"], workload.transcripts, began)
            time.sleep(max(0.0, began + 60 * minutes + AFTER_S - time.monotonic()))
            ended = time.monotonic()
        live = [each for each in workload.transcripts if each.is_live]
        old = [each for each in workload.transcripts if not each.is_live]
        real = {"live": told(lags(emulator, live, began, ended))}
        if backlog:
            real["backlog"] = told(lags(emulator, old, began, ended))
        made = calls(emulator)
    simulated = Workload(workload.transcripts, minutes / 60 - 0.5 + AFTER_S / HOUR, workload.providers)
    found = syncd(simulated, Conditions())
    return {
        "bench": "lag",
        "processes": processes,
        "minutes": minutes,
        "per_minute": per_minute,
        "backlog": backlog,
        "real": real,
        "calls": made,
        "simulated": told(found.lags(to_s=60 * minutes, is_live=True)),
    }


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    processes, minutes, per_minute, backlog = [*given, *(1.0, 5.0, 20.0, 0.0)[len(given) :]]
    print(json.dumps(main(int(processes), minutes, per_minute, int(backlog))))
