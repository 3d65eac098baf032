"""The benchmarks of growth and of the queue's size, once, at a tiny size."""

import json
from pathlib import Path

import pytest

from bench.bloat import __main__ as bloat_command
from bench.growth import __main__ as growth_command
from bench.growth.questions import ASKED

pytestmark = pytest.mark.usefixtures("in_memory")


def test_growth() -> None:
    lines = list(growth_command.main(settled=400, few=200, pending=100, runs=1))
    record = json.loads(lines[-1])
    assert (record["bench"], record["settled"], record["pending"]) == ("growth", [200, 400], 100)
    assert set(record["medians_ms"]) == set(ASKED)
    assert all(few > 0 and many > 0 for few, many in record["medians_ms"].values())


def test_bloat(tmp_path: Path) -> None:
    image = tmp_path / "bloat.svg"
    lines = list(bloat_command.main(2_000, 500, image))
    record = json.loads(lines[-1])
    for name in ("alone", "beside an old snapshot"):
        samples = record["samples"][name]
        assert [sample["polls"] for sample in samples] == list(range(0, 2_001, 200))
    kept = record["samples"]["beside an old snapshot"][-1]["table_size"]
    assert kept > 2 * record["samples"]["alone"][0]["table_size"]
    assert "beside an old snapshot, from the start" in image.read_text()
