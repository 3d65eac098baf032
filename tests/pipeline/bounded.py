"""Read a large file within a bound of memory: `python -m tests.pipeline.bounded kind path times megabytes`.

A process of its own, which may take so many times the size of the file, and so many megabytes (10^6 bytes), beyond
what it has after its imports. It gathers the file as a download does, reads it, compresses it and makes its rows.
Ends with 3 where that is not enough.
"""

import json
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from syncd.core.reading.document import Content
from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import read_transcript_file
from syncd.core.reading.vendors import read_provider_content
from syncd.db.content import files, provider_parts, utterances
from syncd.recall.body import STEP_BYTES

TOO_LITTLE = 3


def transcript(content: Content) -> int:
    """A transcript file; how many rows it has."""
    payload, _ = read_transcript_file(content)
    reckon(payload), fingerprint(payload)
    files.pack(content)
    return sum(1 for _ in utterances._utterance_lines(payload, defaultdict(lambda: "english")))


def provider_data(content: Content) -> int:
    """A provider's file; how many rows it has."""
    parts, heard, _ = read_provider_content(content, "deepgram_streaming")
    files.pack(content)
    return sum(1 for _ in provider_parts._lines(parts, heard))


def at_once(content: Content) -> int:
    """Either of them, as values all at once."""
    return len(json.loads(content))


KINDS: Mapping[str, Callable[[Content], int]] = {
    "transcript": transcript,
    "provider_data": provider_data,
    "at_once": at_once,
}


def gathered(path: Path) -> bytearray:
    """The file, put together step by step."""
    content = bytearray()
    with path.open("rb") as file:
        while step := file.read(STEP_BYTES):
            content += step
    return content


def used() -> int:
    """The address space of this process, bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def main(kind: str, path: Path, times: float, megabytes: float) -> int:
    """Print how many rows there are; the exit code."""
    bound = int(used() + times * path.stat().st_size + megabytes * 1e6)
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    try:
        sys.stdout.write(str(KINDS[kind](gathered(path))))
    except MemoryError:
        return TOO_LITTLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
