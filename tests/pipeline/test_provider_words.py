"""From the provider's file at the store to the rows of an analyst."""

import pytest

from recall_emulator import Scenario
from tests.pipeline.harness import Bench

FINAL = "select text, participant_name from recall.provider_words where transcript_id = %s and is_final"
SAID = "select text, speaker from recall.words where transcript_id = %s"


@pytest.mark.parametrize("provider", ["assembly_ai_v3_streaming", "rev_async", "speechmatics_streaming"])
def test_a_load_makes_rows_of_what_the_provider_heard(bench: Bench, provider: str) -> None:
    (id_,) = bench.track(Scenario(provider=provider, words=60, speakers=2, has_separate_streams=True))
    bench.turns()
    heard = sorted((row["text"], row["participant_name"]) for row in bench.rows(FINAL, id_))
    assert heard == sorted((row["text"], row["speaker"]) for row in bench.rows(SAID, id_))
    confidence = "select min(confidence) as least from recall.provider_words where transcript_id = %s and is_final"
    assert bench.row(confidence, id_)["least"] > 0.5
