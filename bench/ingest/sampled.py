"""`syncd run --until-idle` with a thread that looks at the others: `python -m bench.ingest.sampled FILE`.

Writes seconds by step into the file, as JSON, when the process ends.
"""

import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn
from unittest import mock

EVERY_S = 0.001
STEP_OF_FILE: Mapping[str, str] = {
    "syncd/recall/": "download and digest",
    "syncd/core/reading/document.py": "decode",
    "syncd/core/reading/typed_transcript.py": "decode",
    "syncd/core/reading/": "what the file says",
    "syncd/db/content/search.py": "search",
    "syncd/db/content/files.py": "exact bytes",
    "syncd/db/content/copying.py": "copy",
    "syncd/db/content/": "rows as text",
    "syncd/db/": "queue, status and events",
    "syncd/pipeline/": "the rest of the path",
}
"""What a part of a file's path means; the first that fits."""
COMMIT, WAITING = "commit", "start, exit and waiting for work"
PATH = "syncd/pipeline/"
"""A thread works on a transcript while this is in one of its frames."""


def step_of(frame: FrameType | None) -> str | None:
    """What a thread is doing; None where it works on no transcript."""
    frames = [(each.f_code.co_filename, each.f_code.co_name) for each in _outwards(frame)]
    if not any(PATH in file for file, _ in frames):
        return None
    if any(name == "do_commit" for _, name in frames):
        return COMMIT
    return next(step for file, _ in frames for part, step in STEP_OF_FILE.items() if part in file)


def sample(seconds: dict[str, float], until: threading.Event) -> None:
    """Add up the seconds of each step, of all other threads together."""
    own, before_s = threading.get_ident(), time.monotonic()
    while not until.wait(EVERY_S):
        now_s = time.monotonic()
        steps = [step_of(frame) for thread, frame in sys._current_frames().items() if thread != own]
        for step in [each for each in steps if each] or [WAITING]:
            seconds[step] += now_s - before_s
        before_s = now_s


def main(file: Path) -> None:
    """Run, and write what was seen. The imports are part of what is timed."""
    seconds: dict[str, float] = defaultdict(float)
    until = threading.Event()
    sampler = threading.Thread(target=sample, args=(seconds, until), daemon=True)
    sampler.start()
    end = os._exit

    def write_and_end(code: int) -> NoReturn:
        until.set()
        sampler.join()
        file.write_text(json.dumps(seconds), encoding="utf-8")
        end(code)

    with mock.patch.object(os, "_exit", write_and_end):  # `syncd run` ends with it
        from syncd.cli import main as syncd

        sys.argv = ["syncd", "run", "--until-idle"]
        syncd()


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


if __name__ == "__main__":
    main(Path(sys.argv[1]))
