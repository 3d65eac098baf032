"""A large file takes no more memory than docs/settings.md says: some three or four times its size, and 20 MB."""

import subprocess
import sys
from pathlib import Path

import pytest

from recall_emulator import Emulator, Scenario
from tests.pipeline.bounded import TOO_LITTLE

TIMES, MEGABYTES = {"transcript": 3, "provider_data": 4}, 20
SIZE = 24_000_000


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each kind of file: what a meeting has in it, again and again."""
    emulator = Emulator()
    made = emulator.expected(emulator.add(Scenario(words=2000, seed=1, provider="deepgram_streaming")))
    assert made.transcript is not None
    assert made.provider_data is not None
    directory = tmp_path_factory.mktemp("large")
    found = {kind: directory / kind for kind in ("transcript", "provider_data")}
    found["transcript"].write_bytes(repeated(made.transcript))
    found["provider_data"].write_bytes(repeated(made.provider_data))
    return found


def repeated(content: bytes) -> bytes:
    """A file whose array has its elements several times."""
    begin, end = content.index(b"[") + 1, content.rindex(b"]")
    inner = content[begin:end]
    return content[:begin] + b", ".join([inner] * (SIZE // len(inner) + 1)) + content[end:]


def run(kind: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.pipeline.bounded", kind, str(path), str(TIMES[path.name]), str(MEGABYTES)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["transcript", "provider_data"])
def test_it_is_read_and_made_into_rows_within_the_bound(kind: str, paths: dict[str, Path]) -> None:
    done = run(kind, paths[kind])
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 1000


@pytest.mark.parametrize("kind", ["transcript", "provider_data"])
def test_the_bound_is_too_small_for_all_its_values_at_once(kind: str, paths: dict[str, Path]) -> None:
    assert run("at_once", paths[kind]).returncode == TOO_LITTLE
