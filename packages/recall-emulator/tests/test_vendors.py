import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Scenario
from recall_emulator.documents import Json
from recall_emulator.vendors import VENDORS

Parts = list[dict[str, Json]]
SEED = 11


def served(provider: str, **fields: Any) -> tuple[str, Parts]:  # fields of a Scenario, each of its own type
    """Return the words of the normalised transcript as one text, and the parts of the provider file."""
    emulator = Emulator(EmulatorOptions(seed=SEED))
    found = emulator.expected(emulator.add(Scenario(provider=provider, words=150, seed=SEED, **fields)))
    assert found.transcript is not None
    assert found.provider_data is not None
    elements = json.loads(found.transcript)
    return " ".join(word["text"] for element in elements for word in element["words"]), json.loads(
        found.provider_data
    )["parts"]


def bodies(parts: Parts) -> list[Json]:
    return [part["data"]["body"] for part in parts if part["type"] == "http_response"]


def messages(parts: Parts) -> list[Json]:
    return [part["data"]["payload"] for part in parts if part["type"] == "websocket_message"]


def glued(tokens: list[tuple[str, bool]]) -> str:
    """Join tokens; True means punctuation that attaches to the word before it."""
    return "".join(text if attaches else f" {text}" for text, attaches in tokens).strip()


def assembly_text(parts: Parts) -> str:
    return " ".join(word["text"] for body in bodies(parts) for word in body["words"])


def assembly_live(parts: Parts) -> str:
    return " ".join(m["text"] for m in messages(parts) if m["message_type"] == "FinalTranscript")


def assembly_turns(parts: Parts) -> str:
    return " ".join(m["transcript"] for m in messages(parts) if m["type"] == "Turn" and m["end_of_turn"])


def deepgram_text(parts: Parts) -> str:
    [body] = bodies(parts)
    return " ".join(w["punctuated_word"] for w in body["results"]["channels"][0]["alternatives"][0]["words"])


def deepgram_live(parts: Parts) -> str:
    finals = [m for m in messages(parts) if m["type"] == "Results" and m["is_final"]]
    return " ".join(w["punctuated_word"] for m in finals for w in m["channel"]["alternatives"][0]["words"])


def gladia_v1_text(parts: Parts) -> str:
    return " ".join(word["word"] for said in bodies(parts)[0]["prediction"] for word in said["words"])


def gladia_v1_live(parts: Parts) -> str:
    return " ".join(m["transcription"] for m in messages(parts) if m.get("type") == "final")


def gladia_v2_text(parts: Parts) -> str:
    utterances = bodies(parts)[-1]["result"]["transcription"]["utterances"]
    return "".join(word["word"] for said in utterances for word in said["words"]).strip()


def gladia_v2_live(parts: Parts) -> str:
    finals = [m["data"] for m in messages(parts) if m["type"] == "transcript" and m["data"]["is_final"]]
    return " ".join(final["utterance"]["text"] for final in finals)


def rev_elements(elements: list[dict[str, Json]]) -> str:
    return "".join(element["value"] for element in elements)


def rev_text(parts: Parts) -> str:
    return " ".join(rev_elements(monologue["elements"]) for monologue in bodies(parts)[0]["monologues"])


def rev_live(parts: Parts) -> str:
    return " ".join(rev_elements(m["elements"]) for m in messages(parts) if m["type"] == "final")


def speechmatics_results(results: list[dict[str, Json]]) -> str:
    return glued([(r["alternatives"][0]["content"], r["type"] == "punctuation") for r in results])


def speechmatics_text(parts: Parts) -> str:
    return speechmatics_results(bodies(parts)[0]["results"])


def speechmatics_live(parts: Parts) -> str:
    finals = [m for m in messages(parts) if m["message"] == "AddTranscript"]
    return speechmatics_results([result for final in finals for result in final["results"]])


def aws_text(parts: Parts) -> str:
    items = bodies(parts)[0]["results"]["items"]
    return glued([(item["alternatives"][0]["content"], item["type"] == "punctuation") for item in items])


def aws_live(parts: Parts) -> str:
    results = [m["Transcript"]["Results"][0] for m in messages(parts)]
    items = [item for r in results if not r["IsPartial"] for item in r["Alternatives"][0]["Items"]]
    return glued([(item["Content"], item["Type"] == "punctuation") for item in items])


def google_text(parts: Parts) -> str:
    [found] = bodies(parts)[-1]["response"]["results"].values()
    results = found["transcript"]["results"]
    return " ".join(word["word"] for result in results for word in result["alternatives"][0]["words"])


def elevenlabs_text(parts: Parts) -> str:
    return " ".join(word["text"] for word in bodies(parts)[0]["words"] if word["type"] == "word")


def elevenlabs_live(parts: Parts) -> str:
    kind = "committed_transcript_with_timestamps"
    committed = [m for m in messages(parts) if m["message_type"] == kind]
    return " ".join("".join(word["text"] for word in m["words"]) for m in committed)


def captions_text(parts: Parts) -> str:
    return " ".join(m["text"] for m in messages(parts) if m["is_final"])


READERS: MappingProxyType[str, Callable[[Parts], str]] = MappingProxyType(
    {
        "assembly_ai_async": assembly_text,
        "assembly_ai_async_chunked": assembly_text,
        "assembly_ai_streaming": assembly_live,
        "assembly_ai_v3_streaming": assembly_turns,
        "recallai_async": assembly_text,
        "recallai_streaming": assembly_turns,
        "deepgram_async": deepgram_text,
        "deepgram_streaming": deepgram_live,
        "gladia_v1_async": gladia_v1_text,
        "gladia_v1_streaming": gladia_v1_live,
        "gladia_v2_async": gladia_v2_text,
        "gladia_v2_streaming": gladia_v2_live,
        "rev_async": rev_text,
        "rev_streaming": rev_live,
        "speechmatics_async": speechmatics_text,
        "speechmatics_streaming": speechmatics_live,
        "aws_transcribe_async": aws_text,
        "aws_transcribe_streaming": aws_live,
        "google_speech_v2_async": google_text,
        "elevenlabs_async": elevenlabs_text,
        "elevenlabs_streaming": elevenlabs_live,
        "meeting_captions": captions_text,
    }
)


@pytest.mark.parametrize("provider", READERS)
def test_the_vendors_own_words_agree_with_the_transcript(provider: str) -> None:
    text, parts = served(provider)
    assert READERS[provider](parts) == text


@pytest.mark.parametrize("provider", PROVIDER_KEYS)
def test_every_part_has_the_documented_envelope(provider: str) -> None:
    _, parts = served(provider, has_separate_streams=True)
    shapes = {
        "webhook": {"payload"},
        "http_response": {"url", "status_code", "body"},
        "websocket_message": {"url", "event", "payload"},
    }
    for part in parts:
        assert set(part) == {"id", "created_at", "source_audio", "type", "data"}
        assert set(part["data"]) == shapes[part["type"]]
        assert set(part["source_audio"]) == {"type", "offset", "participant"}
    assert len({part["id"] for part in parts}) == len(parts)


def test_every_provider_key_has_a_vendor_and_a_reader() -> None:
    assert set(VENDORS) == set(PROVIDER_KEYS) == set(READERS) | {"zoom_rtms"}


def test_separate_streams_count_from_their_own_offset() -> None:
    emulator = Emulator()
    found = emulator.expected(emulator.add(Scenario(provider="deepgram_async", has_separate_streams=True)))
    assert found.transcript is not None
    assert found.provider_data is not None
    parts, elements = json.loads(found.provider_data)["parts"], json.loads(found.transcript)
    assert len(parts) > 1
    for part in parts:
        source = part["source_audio"]
        said = [e["words"] for e in elements if e["participant"] == source["participant"]]
        expected = [word["start_timestamp"]["relative"] for words in said for word in words]
        heard = part["data"]["body"]["results"]["channels"][0]["alternatives"][0]["words"]
        assert source["offset"] > 0
        assert [word["start"] + source["offset"] for word in heard] == pytest.approx(expected)


def test_mixed_audio_names_no_participant() -> None:
    _, parts = served("rev_async")
    assert {json.dumps(part["source_audio"]) for part in parts} == {
        '{"type": "mixed", "offset": 0.0, "participant": null}'
    }


@pytest.mark.parametrize(
    "fields", [{"provider": "zoom_rtms"}, {"provider": "vendor_of_tomorrow_async"}, {"is_empty": True}]
)
def test_some_files_have_no_parts(fields: dict[str, Any]) -> None:  # fields of a Scenario, each of its own type
    assert served(**{"provider": "deepgram_async", **fields})[1] == []


def test_a_provider_file_may_have_very_many_parts() -> None:
    assert len(served("deepgram_streaming", hostile="many_parts", size=2000)[1]) == 2000


def test_live_vendors_send_partials_before_finals() -> None:
    _, parts = served("deepgram_streaming")
    results = [m for m in messages(parts) if m["type"] == "Results"]
    assert sum(not m["is_final"] for m in results) > sum(m["is_final"] for m in results) / 2
