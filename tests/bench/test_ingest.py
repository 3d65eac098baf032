"""The benchmark of ingest at a tiny size, without the other tools."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from bench import storage
from bench.databases import databases
from bench.ingest import __main__ as ingest
from bench.ingest import contenders, profile, sampled
from bench.recall import Corpus, rounded
from bench.stack import make_meeting, transcript_of, written

pytestmark = pytest.mark.usefixtures("in_memory")


def test_everything_arrives_with_one_process_and_with_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ingest, "FILES_OF", ("deepgram_async",))
    monkeypatch.setattr(contenders, "ENVIRONMENTS", tmp_path)
    found = json.loads(
        json.dumps(ingest.main(ingest.parse(["--count", "2", "--words", "40", "--runs", "1", "--processes", "2"])))
    )
    assert (found["bench"], found["words"]) == ("ingest", 80)
    assert found["syncd_words_per_s"] > 0
    assert found["processes"]["2"] > 0
    assert found["copy_words_per_s"] > 0
    assert found["ratio_copy"] > 0
    assert found["used"]["syncd"]["kept_bytes_per_word"] > 0
    assert found["providers"]["deepgram_async"]["syncd_mb_per_s"] >= 0


def test_every_table_is_measured() -> None:
    with databases() as server:
        tables = storage.measured(server, Corpus(2, 60))["tables"]
    assert isinstance(tables, dict)
    assert "payloads" in tables
    assert all(parts["all"] > 0 for parts in tables.values())


def test_rounded_files_say_the_same_at_rounded_times() -> None:
    [scenario] = Corpus(1, 30).scenarios
    exact = transcript_of(make_meeting(scenario, 0), "3", 1_760_000_000.0, has_phrases=False)
    found = json.loads(rounded(written(exact), 2))
    for element, before in zip(found, exact, strict=True):
        for word, said in zip(element["words"], before["words"], strict=True):
            at = word["start_timestamp"]
            assert word["text"] == said["text"]
            assert at["relative"] == round(said["start_timestamp"]["relative"], 2)
            moment = datetime.fromisoformat(at["absolute"]).timestamp()
            assert moment - at["relative"] == pytest.approx(1_760_000_000.0, abs=2e-6)


def test_a_profile_knows_every_step_of_the_process() -> None:
    shares = profile.main(Corpus(2, 300))["share"]
    assert isinstance(shares, dict)
    assert set(shares) <= {sampled.WAITING, sampled.COMMIT, *sampled.STEP_OF_FILE.values()}
    assert set(shares) - {sampled.WAITING}
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)
