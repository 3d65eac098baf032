"""Whether a large backlog slows live transcripts: `python -m bench.backlog [backlog words] [runs] [seconds]`.

One daemon, at Recall's own limits, in real time. Live transcripts finish one after another, ten a second; in every
other run a backlog of finished transcripts of 9,000 words is handed in after a few seconds. A live transcript is seen
with the first request for its file, by the emulator's log, and ready when its rows are committed. Judged are those
that finish while the backlog is being loaded, and the same ones of the run without it. Prints one line of JSON: means
in seconds, and their ratios, medians of the runs.
"""

import json
import random
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bench.budget import await_first_call
from bench.recall import KEY
from bench.stack import Emulator, EmulatorOptions, Scenario, daemons, hand_in, loaded_at, stack

BACKLOG_WORDS, FILE_WORDS, DIFFERENT_FILES = 1_000_000, 9000, 8
LIVE_PER_S, LIVE_WORDS = 10.0, 200
LIVE_TAKES_S = (30.0, 90.0)
"""Between which a live transcript takes from its creation to its finish."""
BEFORE_S, AFTER_S = 10.0, 10.0
"""From the first that finishes to the backlog, and from the last to the end; the last are so well judged."""
LONGEST_LOAD_S = 600.0
LATENCY_S = 0.1


@dataclass(frozen=True)
class Load:
    """Live transcripts, and when after the first each finishes, seconds."""

    backlog: Sequence[Scenario]
    live_s: float

    @property
    def live(self) -> Mapping[uuid.UUID, float]:
        """Ids, and when each finishes."""
        count = int(self.live_s * LIVE_PER_S)
        return {uuid.UUID(int=(4 << 76) + (2 << 62) + n): n / LIVE_PER_S for n in range(count)}


@dataclass(frozen=True)
class Observed:
    """When a backlog had come in, seconds after the first live one, and the two lags of each live one."""

    loaded_s: float
    seen_s: Mapping[uuid.UUID, float]
    ready_s: Mapping[uuid.UUID, float]


def backlog_of(words: int) -> list[Scenario]:
    """Finished transcripts of so many words together, of a few contents; they are made before anything is timed."""
    with Emulator() as emulator:
        ids = [emulator.add(Scenario(words=FILE_WORDS, seed=seed)) for seed in range(DIFFERENT_FILES)]
        contents = [emulator.expected(id_).transcript for id_ in ids]
    return [
        Scenario(created=-3600.0 - n, payload=contents[n % len(contents)], has_provider_data=False)
        for n in range(words // FILE_WORDS)
    ]


def observe(load: Load, backlog: Sequence[Scenario]) -> Observed:
    """One run, with this backlog, which may be empty."""
    with stack(EmulatorOptions(latency_seconds=LATENCY_S), []) as (emulator, environment):
        url = environment["SYNCD_DATABASE_URL"]
        with daemons(1, environment):
            began = time.time()
            hand_in(emulator, url, [_live(id_, at_s) for id_, at_s in load.live.items()])
            await_first_call(emulator, KEY)
            time.sleep(max(0.0, began + BEFORE_S - time.time()))
            hand_in(emulator, url, backlog)
            ids = [*load.live, *(each.transcript_id for each in backlog)]
            await_loaded(url, ids, began + load.live_s + AFTER_S)
        loaded = loaded_at(url)
    asked: dict[uuid.UUID | None, float] = {}
    for request in emulator.requests():
        if request.route == "file":
            asked.setdefault(request.transcript_id, request.at)
    finished = {id_: began + at_s for id_, at_s in load.live.items()}
    return Observed(
        max((loaded[each.transcript_id] for each in backlog), default=began) - began,
        {id_: asked[id_] - at for id_, at in finished.items()},
        {id_: loaded[id_] - at for id_, at in finished.items()},
    )


def await_loaded(url: str, ids: Sequence[uuid.UUID], until: float) -> None:
    """Until all are loaded, and not before `until`, seconds since the epoch. Raises TimeoutError."""
    time.sleep(max(0.0, until - time.time()))
    while len(loaded_at(url)) < len(ids):
        if time.time() > until + LONGEST_LOAD_S:
            raise TimeoutError(f"{len(ids) - len(loaded_at(url))} transcripts are not loaded")
        time.sleep(0.5)


def _live(id_: uuid.UUID, at_s: float) -> Scenario:
    takes_s = at_s + random.Random(id_.int).uniform(*LIVE_TAKES_S)
    return Scenario(
        transcript_id=id_,
        created=at_s - takes_s,
        finishes_after=takes_s,
        words=LIVE_WORDS,
        has_provider_data=False,
    )


def compare(load: Load) -> dict[str, float]:
    """Two runs, with the backlog and without: means and ratios of those that finish while it is loaded."""
    without, with_it = observe(load, []), observe(load, load.backlog)
    judged = [id_ for id_, at_s in load.live.items() if BEFORE_S <= at_s <= with_it.loaded_s]
    assert judged, "the backlog came in too soon for any live one to finish meanwhile"
    found = {"loading_s": with_it.loaded_s - BEFORE_S, "judged": len(judged)}
    for name in ("seen_s", "ready_s"):
        means = [fmean(getattr(run, name)[id_] for id_ in judged) for run in (without, with_it)]
        found |= {f"{name}_without": means[0], f"{name}_with": means[1], f"ratio_{name[:-2]}": means[1] / means[0]}
    return found


def main(words: int, runs: int, live_s: float) -> Mapping[str, object]:
    """Run everything; what to print."""
    load = Load(backlog_of(words), live_s)
    found = [compare(load) for _ in range(runs)]
    medians = {name: round(median(each[name] for each in found), 2) for name in found[0]}
    return {"bench": "backlog", "backlog_words": len(load.backlog) * FILE_WORDS, "runs": runs, **medians}


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    words, runs, live_s = [*given, *(float(BACKLOG_WORDS), 3.0, 30.0)[len(given) :]]
    print(json.dumps(main(int(words), int(runs), live_s)))
