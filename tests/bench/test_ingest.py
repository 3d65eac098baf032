"""The benchmark of ingest at a tiny size, without the other tools."""

import json
from pathlib import Path

import pytest

from bench.ingest import contenders
from bench.ingest.__main__ import PROVIDERS, main, parse

pytestmark = pytest.mark.usefixtures("in_memory")


def test_everything_arrives_with_one_process_and_with_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contenders, "ENVIRONMENTS", tmp_path)
    found = json.loads(json.dumps(main(parse(["--count", "3", "--words", "40", "--runs", "1", "--processes", "2"]))))
    assert (found["bench"], found["words"]) == ("ingest", 120)
    assert found["syncd_words_per_s"] == found["processes"]["1"]
    assert found["processes"]["2"] > 0
    assert found["copy_words_per_s"] > 0
    assert found["ratio_copy"] > 0
    assert found["used"]["syncd"]["kept_bytes_per_word"] > 0
    assert set(found["providers"]) == set(PROVIDERS)
