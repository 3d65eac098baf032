import json
from itertools import pairwise
from typing import Any

import pytest

from recall_emulator import HOSTILE_KINDS, Emulator, EmulatorOptions, Scenario
from recall_emulator.corpus import NAMES
from recall_emulator.documents import Json

PARTICIPANTS = {
    "1": {"id", "name"},
    "2": {"id", "name", "is_host", "platform", "extra_data"},
    "3": {"id", "name", "is_host", "platform", "extra_data", "email"},
}


def raw(**fields: Any) -> bytes:  # fields of a Scenario, each of its own type
    emulator = Emulator(EmulatorOptions())
    content = emulator.expected(emulator.add(Scenario(**fields))).transcript
    assert content is not None
    return content


def elements(**fields: Any) -> list[dict[str, Json]]:  # fields of a Scenario, each of its own type
    read: list[dict[str, Json]] = json.loads(raw(**fields))
    return read


def words(document: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [word for element in document for word in element["words"]]


@pytest.mark.parametrize("variant", ["1", "2", "3"])
def test_a_variant_has_exactly_its_keys(variant: str) -> None:
    document = elements(variant=variant)
    for element in document:
        assert set(element) == {"participant", "words"} | ({"language_code"} if variant == "3" else set())
        assert set(element["participant"]) == PARTICIPANTS[variant]
        assert element["participant"]["name"] in NAMES
    for word in words(document):
        assert set(word) == {"text", "start_timestamp", "end_timestamp"}
        assert set(word["start_timestamp"]) == {"relative"} | ({"absolute"} if variant != "1" else set())


def test_the_legacy_variant_has_plain_numbers() -> None:
    document = elements(variant="L")
    assert set(document[0]) == {"speaker", "speaker_id", "language", "words"}
    assert all(isinstance(word["start_timestamp"], float) for word in words(document))
    assert {tuple(word) for word in words(document)} == {
        ("text", "start_timestamp", "end_timestamp", "language", "confidence")
    }


def test_mixed_mixes_the_variants() -> None:
    assert len({frozenset(element["participant"]) for element in elements(variant="mixed")}) == 3


def test_a_meeting_has_as_many_words_as_asked_and_times_that_advance() -> None:
    document = elements(words=1000, speakers=4)
    assert len(words(document)) == 1000
    starts = [word["start_timestamp"]["relative"] for word in words(document)]
    assert starts == sorted(starts)
    assert all(w["start_timestamp"]["relative"] < w["end_timestamp"]["relative"] for w in words(document))
    assert len({element["participant"]["id"] for element in document}) == 4


def test_a_meeting_may_be_given_a_length() -> None:
    last = words(elements(words=300, seconds=3600))[-1]["end_timestamp"]["relative"]
    assert 2500 < last < 5000


def test_separate_streams_overlap_and_keep_the_order_of_their_starts() -> None:
    document = elements(has_separate_streams=True, words=600)
    spans = [
        (e["words"][0]["start_timestamp"]["relative"], e["words"][-1]["end_timestamp"]["relative"]) for e in document
    ]
    assert spans == sorted(spans)
    assert any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def test_captions_are_phrases_without_an_end() -> None:
    document = elements(provider="meeting_captions")
    assert all(len(element["words"]) == 1 for element in document)
    assert {word["end_timestamp"] for word in words(document)} == {None}
    assert any(" " in word["text"] for word in words(document))
    assert all("end_timestamp" not in word for word in words(elements(provider="meeting_captions", variant="L")))


def test_an_empty_transcript_is_an_empty_array() -> None:
    assert raw(is_empty=True) == b"[]"


def test_the_same_seed_tells_the_same_meeting() -> None:
    first, second, third = (elements(variant="1", seed=seed) for seed in (1, 1, 2))
    assert first == second != third


def test_about_190_bytes_a_word_as_the_real_ones_have() -> None:
    assert 150 < len(raw(words=2000)) / 2000 < 230


@pytest.mark.parametrize("kind", HOSTILE_KINDS)
@pytest.mark.parametrize("variant", ["L", "3"])
def test_every_hostile_kind_can_be_made(kind: str, variant: str) -> None:
    assert raw(hostile=kind, variant=variant, size=1000) != b"" or kind == "empty_file"


def test_hostile_files_are_hostile_in_the_way_they_say() -> None:
    assert b"\\u0000" in raw(hostile="nul")
    assert b"\\ud83d " in raw(hostile="lone_surrogate")
    assert b"NaN" in raw(hostile="nan")
    assert b"Infinity" in raw(hostile="nan")
    assert raw(hostile="bom").startswith(b"\xef\xbb\xbf[")
    assert b"[" * 1500 in raw(hostile="deep")
    assert b"1e400" in raw(hostile="overflow")
    assert elements(hostile="null_participant")[0]["participant"] is None
    assert elements(hostile="empty_words")[0]["words"] == []
    assert isinstance(elements(hostile="string_ids")[0]["participant"]["id"], str)
    first = words(elements(hostile="reversed_times"))[0]
    assert first["start_timestamp"]["relative"] > first["end_timestamp"]["relative"]
    for kind in ("not_json", "utf16", "invalid_utf8", "trailing", "raw_control", "empty_file"):
        with pytest.raises(ValueError, match=r".*"):
            json.loads(raw(hostile=kind).decode("utf-8"))


def test_an_unknown_hostile_kind_is_refused_when_added() -> None:
    with pytest.raises(ValueError, match="hostile must be one of nul"):
        Emulator().add(Scenario(hostile="unheard_of"))
