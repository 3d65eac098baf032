"""The benchmark of ingest at a tiny size."""

import json

import pytest

from bench.ingest.__main__ import Options, main
from bench.recall import Corpus

pytestmark = pytest.mark.usefixtures("in_memory")


def test_all_words_arrive_with_one_process_and_with_two() -> None:
    line = json.loads(main(Options(Corpus(count=3, words=40), runs=1, processes=(1, 2))))
    assert (line["bench"], line["words"]) == ("ingest", 120)
    assert all(line["processes"][count] > 0 for count in ("1", "2"))
