"""The emulator knows what was said, and shares no code with the readers: the final words are exactly that."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Scenario
from syncd.core.reading.document import read_document
from syncd.core.reading.provider_file import read_provider_parts
from syncd.core.reading.vendors import Heard, HeardWord, read_provider_words
from syncd.core.reading.vendors.reading import HeardParts

WITHOUT_MESSAGES = {"zoom_rtms"}
PHRASES = {"meeting_captions", "gladia_v1_streaming"}
"""These tell phrases."""
WITHOUT_TIMES = {"meeting_captions"}
WITHOUT_CONFIDENCE = {"meeting_captions", "google_speech_v2_async"}
MILLISECONDS = 0.0011

Expected = tuple[list[dict[str, Any]], HeardParts, list[dict[str, Any]]]


def served(provider: str, *, is_separate: bool) -> Expected:
    """The elements of the transcript, what was read from the provider's file, and its parts."""
    emulator = Emulator(EmulatorOptions(seed=9))
    scenario = Scenario(provider=provider, words=200, speakers=3, seed=9, has_separate_streams=is_separate)
    found = emulator.expected(emulator.add(scenario))
    assert found.transcript is not None
    assert found.provider_data is not None
    parts = read_provider_parts(read_document(found.provider_data))
    heard = read_provider_words(provider, parts)
    return json.loads(found.transcript), heard, json.loads(found.provider_data)["parts"]


def finals(heard: Iterable[Heard]) -> list[HeardWord]:
    return [word for said in heard for word in said.words if word.is_final]


@pytest.mark.parametrize("provider", sorted(set(PROVIDER_KEYS) - WITHOUT_MESSAGES))
def test_the_final_words_are_what_was_said(provider: str) -> None:
    elements, heard, _ = served(provider, is_separate=False)
    said = [word for element in elements for word in element["words"]]
    words = finals(heard)
    assert " ".join(word.text for word in words) == " ".join(word["text"] for word in said)
    assert {part.note for part in heard} == {None}
    if provider not in PHRASES:
        assert [word.text for word in words] == [word["text"] for word in said]
    if provider not in WITHOUT_CONFIDENCE:
        assert all(word.confidence is not None and 0.7 < word.confidence <= 1 for word in words)
    if provider not in PHRASES | WITHOUT_TIMES:
        starts = [word["start_timestamp"]["relative"] for word in said]
        assert [word.start_s for word in words] == pytest.approx(starts, abs=MILLISECONDS)


@pytest.mark.parametrize("provider", sorted(set(PROVIDER_KEYS) - WITHOUT_MESSAGES))
def test_the_final_words_of_each_participant_are_what_they_said(provider: str) -> None:
    elements, heard, parts = served(provider, is_separate=True)
    for name in {element["participant"]["name"] for element in elements}:
        said = [word for element in elements if element["participant"]["name"] == name for word in element["words"]]
        own = tuple(
            one for one, part in zip(heard, parts, strict=True) if part["source_audio"]["participant"]["name"] == name
        )
        words = finals(own)
        assert " ".join(word.text for word in words) == " ".join(word["text"] for word in said)
        if provider not in PHRASES | WITHOUT_TIMES:
            ends = [word["end_timestamp"]["relative"] for word in said]
            assert [word.end_s for word in words] == pytest.approx(ends, abs=MILLISECONDS)


def test_live_providers_say_more_than_what_is_final() -> None:
    for provider in PROVIDER_KEYS:
        if provider.endswith(("_streaming", "_captions")):
            _, heard, _ = served(provider, is_separate=False)
            assert len(finals(heard)) < sum(len(said.words) for said in heard), provider
