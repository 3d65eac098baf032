"""The emulated Recall in a process of its own, with finished transcripts whose files are made before it is asked.

What a benchmark measures is then the reader, and neither the making of files nor threads of its own process.
"""

import contextlib
import json
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bench.stack import Emulator, EmulatorOptions, Scenario, timestamp, written

KEY = "demo-key"
NO_LIMIT = 600_000
"""Calls a minute: so many that no limit is reached."""
TIMES = ("start_timestamp", "end_timestamp")
AGE_S = 3600.0
"""The transcripts were created so long ago, and have finished at once."""


@dataclass(frozen=True)
class Corpus:
    """Finished transcripts, alike but for what is said: how many, and words in each.

    With a `provider` they are that provider's files: the transcript file is then empty. Without one there is only the
    transcript file, in the shape that Recall writes today, with absolute times. Its times have the noise of 32 bit
    floats, six decimals of it; with `decimals` they are rounded. A page of the list holds `page_size` of them.
    """

    count: int = 40
    words: int = 9000
    provider: str | None = None
    decimals: int | None = None
    page_size: int = EmulatorOptions.page_size

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The same ones each time."""
        return [
            Scenario(
                transcript_id=uuid.UUID(int=(4 << 76) + (2 << 62) + number),
                created=-AGE_S - number,
                words=self.words,
                seed=number,
                provider=self.provider or "deepgram_async",
                has_provider_data=self.provider is not None,
                payload=b"[]" if self.provider else None,
            )
            for number in range(self.count)
        ]


@dataclass(frozen=True)
class Served:
    """Where the files are: origins without a path, an id and an address for each, and what is in all of them.

    `words` are those of the transcript files, so 0 where there are only files of a provider; `bytes` are raw JSON.
    """

    api_url: str
    files_url: str
    ids: Sequence[str]
    urls: Sequence[str]
    words: int
    bytes: int

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a daemon that reads from here; the database is still missing."""
        return {
            "SYNCD_API_URL": self.api_url,
            "SYNCD_API_KEY": KEY,
            "SYNCD_DOWNLOAD_ORIGINS": self.files_url,
            "SYNCD_RETRIEVE_LIMIT": str(NO_LIMIT),
            "SYNCD_LIST_LIMIT": str(NO_LIMIT),
            "SYNCD_LOG_LEVEL": "error",
        }


@contextlib.contextmanager
def serving(corpus: Corpus) -> Iterator[Served]:
    """Serve the files of a corpus, while the block lasts."""
    command = [sys.executable, "-m", "bench.recall", json.dumps(asdict(corpus))]
    with subprocess.Popen(  # noqa: S603  our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            yield Served(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()  # it ends with this


def _serve(corpus: Corpus) -> None:
    """Print where it is served, and serve until the standard input ends."""
    options = EmulatorOptions(retrieve_limit=NO_LIMIT, list_limit=NO_LIMIT, page_size=corpus.page_size)
    with Emulator(options) as emulator:
        ids = [emulator.add(scenario) for scenario in corpus.scenarios]
        words, size = 0, 0
        for id_ in ids:
            made = emulator.expected(id_)
            transcript, provider_data = made.transcript or b"", made.provider_data
            if corpus.decimals is not None:
                transcript = rounded(transcript, corpus.decimals)
            emulator.change(id_, payload=transcript, provider_data=provider_data)  # kept, and never made again
            words += transcript.count(b'"text":')
            size += len(provider_data or transcript)
        urls = [_link(emulator.api_url, id_, corpus) for id_ in ids]
        served = Served(emulator.api_url, emulator.files_url, [*map(str, ids)], urls, words, size)
        print(json.dumps(asdict(served)), flush=True)
        sys.stdin.read()


def rounded(transcript: bytes, decimals: int) -> bytes:
    """A transcript file with all its times rounded, seconds to so many decimals."""
    elements = json.loads(transcript)
    times = [word[name] for element in elements for word in element["words"] for name in TIMES]
    began = min(datetime.fromisoformat(each["absolute"]) - timedelta(seconds=each["relative"]) for each in times)
    for each in times:
        each["relative"] = round(each["relative"], decimals)
        each["absolute"] = timestamp((began + timedelta(seconds=each["relative"])).timestamp())
    return written(elements)


def _link(api_url: str, id_: uuid.UUID, corpus: Corpus) -> str:
    """The address of the file that is measured."""
    request = urllib.request.Request(  # noqa: S310  a loopback address of our own
        f"{api_url}/api/v1/transcript/{id_}/", headers={"Authorization": f"Token {KEY}"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310  as above
        return str(json.load(answer)["data"]["provider_data_download_url" if corpus.provider else "download_url"])


if __name__ == "__main__":
    _serve(Corpus(**json.loads(sys.argv[1])))
