"""A message whose outside is known and whose inside is not leaves a note: silence is never guessed."""

import copy
from typing import Any

import pytest

from syncd.core.reading.provider_file import ProviderPart
from tests.core.reading.test_vendors_shapes import FILES, places
from tests.core.reading.vendor_parts import answered, only, rows, streamed

JOB = {"jobName": "j", "status": "COMPLETED"}
NOTES = {"its shape is not one that syncd knows", "it seems to hold words, but none of them could be read"}


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("aws_transcribe_async", JOB | {"results": {"segments": [{"words": [{"text": "red"}]}]}}),
        ("aws_transcribe_async", JOB | {"results": [{"words": [{"text": "red"}]}]}),
        ("google_speech_v2_async", {"name": "projects/p/operations/1", "done": True, "answer": {"results": []}}),
        (
            "gladia_v2_async",
            {"id": "j", "status": "done", "kind": "pre-recorded", "request_params": {}, "result": None, "output": {}},
        ),
        ("gladia_v2_async", {"id": "j", "status": "queued", "request_params": {}, "utterance": {"text": "red"}}),
        ("assembly_ai_async", {"id": "j", "status": "completed", "sentences": [{"text": "red"}]}),
        ("rev_async", {"id": "j", "status": "transcribed", "transcript": "red"}),
        ("elevenlabs_async", {"words": [{"word": "red", "type": "word", "logprob": -0.1}]}),
        ("elevenlabs_async", {"request_id": "q", "message": "done", "transcription": {"text": "red"}}),
        ("rev_async", {"monologues": [{"speaker": 0, "tokens": [{"type": "text", "value": "red"}]}]}),
        (
            "aws_transcribe_streaming",
            {"Transcript": {"Results": [{"ResultId": "r", "IsPartial": False, "Hypotheses": [{"Items": []}]}]}},
        ),
    ],
)
def test_words_in_an_unknown_place_are_noted(provider: str, body: dict[str, Any]) -> None:
    for key in (provider, None):
        heard = only(key, answered(body))
        assert heard.words == ()
        assert heard.note in NOTES


def test_results_written_as_text_are_read() -> None:
    inner = '{"transcripts": [], "items": [{"type": "pronunciation", "alternatives": [{"content": "red"}]}]}'
    assert [said[0] for said in rows("aws_transcribe_async", answered(JOB | {"results": inner}))] == ["red"]


@pytest.mark.parametrize("state", [{"status": "COMPLETED"}, {"status": "IN_PROGRESS"}])
def test_a_job_without_results_is_a_receipt(state: dict[str, str]) -> None:
    assert only("aws_transcribe_async", answered({"jobName": "j"} | state)).note is None


@pytest.mark.parametrize(
    ("channel", "speaker"), [({}, None), ({"channel": "left"}, "left"), ({"channel": "channel_1"}, None)]
)
def test_a_live_message_of_speechmatics_without_results_is_read_as_a_phrase(
    channel: dict[str, str], speaker: str | None
) -> None:
    told = {"transcript": "red fox. ", "start_time": 0, "end_time": 1}
    part = streamed({"message": "AddTranscript", "metadata": told} | channel)
    assert rows("speechmatics_streaming", part) == [("red fox.", 0.0, 1.0, None, speaker, True)]
    silent = streamed({"message": "AddTranscript", "metadata": {"transcript": ""}} | channel)
    assert only("speechmatics_streaming", silent).note is None


@pytest.mark.parametrize(("depth", "is_noted"), [(10, True), (300, False)])
def test_words_are_looked_for_in_so_many_places_and_no_more(depth: int, is_noted: bool) -> None:
    nested: dict[str, Any] = {"words": [{"text": "red"}]}
    for _ in range(depth):
        nested = {"inner": nested}
    heard = only("aws_transcribe_async", answered(JOB | {"results": {"items": [], "segments": nested}}))
    assert (heard.words, heard.note in NOTES) == ((), is_noted)


def kind_of(part: ProviderPart) -> str:
    """Messages of one kind have the same keys."""
    message = part.data.get("payload") or part.data.get("body")
    return str(sorted(message)) if isinstance(message, dict) else "a list"


MESSAGES = [
    pytest.param(provider, part, id=f"{provider}-{number}")
    for provider, parts in FILES.items()
    for number, part in enumerate({kind_of(part): part for part in parts}.values())
    if only(provider, part).words
]
SILENT = {
    ("assembly_ai_v3_streaming", "words"),
    ("recallai_streaming", "words"),
    ("aws_transcribe_async", "results"),
    ("elevenlabs_streaming", "text"),
    ("gladia_v1_streaming", "transcription"),
    ("gladia_v2_streaming", "data"),
    ("gladia_v2_streaming", "utterance"),
    ("google_speech_v2_async", "alternatives"),
    ("google_speech_v2_async", "results"),
}
"""Without these a message is one that may hold no words: a receipt, a turn that has just begun, silence."""
PHRASES = {("elevenlabs_streaming", "text"), ("gladia_v1_streaming", "transcription")}
"""A message that is nothing but a phrase, whose key says that it is one."""


@pytest.mark.parametrize("is_renamed", [True, False])
@pytest.mark.parametrize(("provider", "part"), MESSAGES)
def test_no_field_can_be_renamed_or_left_out_without_words_or_a_note(
    provider: str, part: ProviderPart, is_renamed: bool
) -> None:
    silent = PHRASES if is_renamed else SILENT
    for number, (_, name) in enumerate(places(part.data)):
        data = copy.deepcopy(part.data)
        node, key = places(data)[number]
        value = node.pop(key)
        if is_renamed and isinstance(node, dict):
            node["renamed"] = value
        heard = only(provider, ProviderPart(None, None, None, part.source_audio, data))
        assert heard.words or heard.note or isinstance(name, int) or (provider, name) in silent, name
