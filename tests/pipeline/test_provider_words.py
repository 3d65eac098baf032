"""From the provider's file at the store to the rows of an analyst."""

import pytest

from recall_emulator import Scenario
from tests.pipeline.harness import Harness

FINAL = "select text, participant_name from recall.provider_words where transcript_id = %s and is_final"
SAID = "select text, speaker from recall.words where transcript_id = %s"


@pytest.mark.parametrize("provider", ["assembly_ai_v3_streaming", "rev_async", "speechmatics_streaming"])
def test_a_load_makes_rows_of_what_the_provider_heard(harness: Harness, provider: str) -> None:
    (id_,) = harness.track(Scenario(provider=provider, words=60, speakers=2, has_separate_streams=True))
    harness.turns()
    heard = sorted((row["text"], row["participant_name"]) for row in harness.rows(FINAL, id_))
    assert heard == sorted((row["text"], row["speaker"]) for row in harness.rows(SAID, id_))
    confidence = "select min(confidence) as least from recall.provider_words where transcript_id = %s and is_final"
    assert harness.row(confidence, id_)["least"] > 0.5
