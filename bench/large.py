"""Large files, end to end: `python -m bench.large [megabytes words small_ones]`.

A provider's file of live messages (200 MB, 112,000 parts: those of one invented meeting, again and again at later
times), and the transcript file of a panel of twelve hours (110,000 words). Each is brought in by a process of its
own, `syncd run --until-idle`, into a Postgres with its default durability, and so are small transcripts: by
themselves, and beside the large file, which is handed in first. Prints one line of JSON: bytes, parts or words,
seconds, the peak of the process's memory in MB (10^6 bytes), that without the 80 MB or so that a process has anyway
as a multiple of the file, and how long after the start half of the small ones were loaded, with and without it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.stack import Emulator, EmulatorOptions, Scenario, hand_in, loaded_at, stack

FILE_MEGABYTES, PANEL_WORDS, SMALL_COUNT = 200.0, 110_000, 100
INVENTED_WORDS, SMALL_FILE_WORDS = 6000, 500
LIVE_PROVIDER = "deepgram_streaming"
AUDIO_TIMES = frozenset({"start", "end", "timestamp", "last_word_end"})
"""What counts seconds from the start of the audio, in a message of that provider."""
INVENTED_MEETING_S = 2600.0
"""Longer than the invented meeting."""
RUN_TO_THE_END = [sys.executable, "-m", "syncd", "run", "--until-idle"]
NO_LIMIT = 600_000
"""Calls a minute: so many that no limit is reached."""
MEMORY_EVERY_S = 0.05
"""Between two looks at its memory."""


@dataclass(frozen=True)
class Took:
    """One run: seconds by the clock, its most memory in MB, and when half of the small ones were loaded, seconds."""

    seconds: float
    peak_mb: float
    small_s: float


def main(megabytes: float = FILE_MEGABYTES, words: int = PANEL_WORDS, small: int = SMALL_COUNT) -> dict[str, Any]:
    """Bring in each kind of file, and small ones; the figures."""
    file, parts = provider_file(int(megabytes * 1e6))
    transcript = transcript_file(words)
    without = run([], small)
    return {
        "bench": "large",
        "small": small,
        "small_s": round(without.small_s, 2),
        "peak_mb": round(without.peak_mb),
        "provider_file": {"parts": parts, **_figures(file, provider_scenario(file), small, without)},
        "transcript_file": {"words": words, **_figures(transcript, Scenario(payload=transcript), small, without)},
    }


def _figures(content: bytes, scenario: Scenario, small: int, without: Took) -> dict[str, float]:
    took = run([scenario], small)
    return {
        "bytes": len(content),
        "seconds": round(took.seconds, 1),
        "peak_mb": round(took.peak_mb),
        "times_the_file": round((took.peak_mb - without.peak_mb) / (len(content) / 1e6), 1),
        "small_s": round(took.small_s, 2),
        "ratio_small": round(took.small_s / without.small_s, 2),
    }


def provider_file(size: int) -> tuple[bytes, int]:
    """A file of at least so many bytes, and its number of parts."""
    with Emulator() as emulator:
        id_ = emulator.add(Scenario(words=INVENTED_WORDS, seed=1, provider=LIVE_PROVIDER))
        seed = json.loads(emulator.expected(id_).provider_data or b"")["parts"]
    written = bytearray(b'{"parts": [')
    for parts, part in enumerate(_again_and_again(seed), start=1):
        written += json.dumps(part).encode()
        if len(written) >= size:
            return bytes(written + b"]}"), parts
        written += b", "
    raise AssertionError


def _again_and_again(parts: Sequence[Any]) -> Iterator[Any]:
    times = 0
    while True:
        yield from (_later(part, times * INVENTED_MEETING_S) for part in parts)
        times += 1


def _later(value: Any, by_s: float) -> Any:
    if isinstance(value, dict):
        return {
            name: round(each + by_s, 6) if name in AUDIO_TIMES else _later(each, by_s) for name, each in value.items()
        }
    return [_later(each, by_s) for each in value] if isinstance(value, list) else value


def transcript_file(words: int) -> bytes:
    """A transcript file of so many words."""
    with Emulator() as emulator:
        return emulator.expected(emulator.add(Scenario(words=words, seed=2))).transcript or b""


def provider_scenario(content: bytes) -> Scenario:
    """A transcript with this file of the provider."""
    return Scenario(provider=LIVE_PROVIDER, payload=b"[]", provider_data=content)


def run(large: Sequence[Scenario], small: int) -> Took:
    """One process, until all is loaded: these, and so many small ones, which are handed in after them."""
    options = EmulatorOptions(retrieve_limit=NO_LIMIT, list_limit=NO_LIMIT)
    with stack(options, []) as (emulator, environment):
        url = environment["SYNCD_DATABASE_URL"]
        hand_in(emulator, url, large)
        few = [Scenario(words=SMALL_FILE_WORDS, seed=seed, has_provider_data=False) for seed in range(small)]
        ids = hand_in(emulator, url, few)
        limits = {"SYNCD_RETRIEVE_LIMIT": str(NO_LIMIT), "SYNCD_LIST_LIMIT": str(NO_LIMIT)}
        began, began_s = time.time(), time.monotonic()
        process = subprocess.Popen(RUN_TO_THE_END, env=environment | limits)  # noqa: S603  our own command
        peak_mb = 0.0
        while process.poll() is None:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            time.sleep(MEMORY_EVERY_S)
        took_s = time.monotonic() - began_s
        assert process.returncode == 0, f"it has ended with {process.returncode}"
        loaded = loaded_at(url)
    assert len(loaded) == small + len(large), f"only {len(loaded)} are loaded"
    return Took(took_s, peak_mb, median(loaded[id_] for id_ in ids) - began)


def _peak_mb(pid: int) -> float:
    """The most memory that a process has had so far, MB; 0 where it has just ended.

    What `wait4` tells of a child begins with the memory of its parent.
    """
    for line in (Path("/proc") / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


if __name__ == "__main__":
    megabytes, words, small = (
        *sys.argv[1:],
        *map(str, (FILE_MEGABYTES, PANEL_WORDS, SMALL_COUNT)[len(sys.argv) - 1 :]),
    )
    print(json.dumps(main(float(megabytes), int(words), int(small))))
