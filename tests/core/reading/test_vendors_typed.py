"""What is read by types is what the vendor's own reader reads, or is left to it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Scenario
from syncd.core.reading.document import read_document
from syncd.core.reading.provider_file import NotPlain, RawPart, read_provider_parts, read_raw_parts
from syncd.core.reading.vendors import Heard, read_provider_content, read_provider_words
from syncd.core.reading.vendors.registry import typed_reader
from tests.core.reading.vendor_parts import MIXED, audio_of

AWS, DEEPGRAM = "aws_transcribe_streaming", "deepgram_streaming"
MARK = "changed here"
ODD = st.sampled_from(
    [
        *(None, True, 0, 7, -1, 1.5, 1e9, 2**70, "", " a ", "0.5", "¿", ".", [], {}, [1, 1], {"a": 1}),
        *("punctuation", "TurnInfo", "https://a.example/?sig=x", {"api_key": "x"}, "token", "é", "\x1f"),
    ]
)
WRITTEN = st.sampled_from(
    ["-0", "1e400", "1E5", "1.50", "9" * 250 + ".5", '"\\u0041"', '"\\ud800"', "NaN", '{"a":1,"a":2}', "[1e999]"]
)
NAMES = st.sampled_from(
    [
        *("confidence", "speaker", "channel_id", "channelId", "item_type", "items", "transcripts", "results", "body"),
        *(
            "transcript",
            "channel",
            "words",
            "punctuated_word",
            "word",
            "type",
            "is_final",
            "channel_index",
            "payload",
        ),
    ]
)


def heard(content: bytes, provider: str) -> list[Heard]:
    """What the lenient reader and the vendor's own hear."""
    return [*read_provider_words(provider, read_provider_parts(read_document(content)))]


def item(text: str, start_s: float, type_: str = "pronunciation", **more: Any) -> dict[str, Any]:
    said = {"StartTime": start_s, "EndTime": start_s + 0.5, "Type": type_, "Content": text}
    return said | {"Confidence": 0.5, "Speaker": "0"} | more


def aws(*items: dict[str, Any], is_partial: bool = False) -> dict[str, Any]:
    result = {"ResultId": "r", "IsPartial": is_partial, "Alternatives": [{"Items": [*items]}], "ChannelId": "ch_0"}
    return {"payload": {"Transcript": {"Results": [result]}}}


def deepgram(*texts: str, live: bool = False) -> dict[str, Any]:
    words = [
        {"word": text, "start": at, "end": at + 0.5, "confidence": 0.5, "speaker": at}
        for at, text in enumerate(texts)
    ]
    channel = {"alternatives": [{"transcript": " ".join(texts), "words": words}]}
    if live:
        return {"payload": {"type": "Results", "channel_index": [1, 2], "is_final": True, "channel": channel}}
    return {"body": {"metadata": {"request_id": "r"}, "results": {"channels": [channel, channel]}}}


MESSAGES = {
    AWS: [aws(item("Hi", 0), item(",", 1, "punctuation", Confidence=None)), aws(item("Hi", 0), is_partial=True)],
    DEEPGRAM: [deepgram("Hi", "you"), deepgram("Hi"), deepgram("Hi", live=True), deepgram("Ho", "Ho", live=True)],
}


@st.composite
def changed(draw: st.DrawFn, message: Any) -> str:
    """JSON text of the message with a value or a name of it changed."""
    copy = json.loads(json.dumps(message))
    node = copy
    while True:
        key = draw(st.sampled_from([*node] if isinstance(node, dict) else range(len(node))))
        if not (isinstance(node[key], dict | list) and node[key]) or draw(st.integers(0, 9)) == 0:
            break
        node = node[key]
    how = draw(st.sampled_from(["value", "text", "name", "none", "more"]))
    if how == "none":
        del node[key]
    elif how == "name" and isinstance(node, dict):
        node[draw(NAMES)] = node.pop(key)
    elif how == "more" and isinstance(node, dict):
        node[draw(NAMES)] = draw(ODD)
    else:
        node[key] = MARK if how == "text" else draw(ODD)
    return json.dumps(copy, ensure_ascii=draw(st.booleans())).replace(f'"{MARK}"', draw(WRITTEN))


@pytest.mark.parametrize("provider", [AWS, DEEPGRAM])
@given(data=st.data())
def test_a_message_read_by_its_types_says_the_same(provider: str, data: st.DataObject) -> None:
    told = st.sampled_from(MESSAGES[provider])
    written = data.draw(st.lists(told.map(json.dumps) | told.flatmap(changed), min_size=1, max_size=4))
    sources = data.draw(st.lists(st.sampled_from([MIXED, audio_of(1, 1.5)]), min_size=4, max_size=4))
    parts = [f'{{"source_audio":{json.dumps(of)},"data":{text}}}' for of, text in zip(sources, written, strict=False)]
    content = f'{{"parts":[{",".join(parts)}]}}'.encode()
    found, words, _ = read_provider_content(content, provider)
    expected = read_provider_parts(read_document(content))
    assert [*words] == heard(content, provider)
    assert [part.data_json and json.loads(part.data_json) for part in found] == [part.data for part in expected]


@pytest.mark.parametrize("provider", sorted(PROVIDER_KEYS))
def test_each_provider_is_read_to_the_same_words(provider: str) -> None:
    emulator = Emulator(EmulatorOptions(seed=3))
    scenario = Scenario(provider=provider, words=80, speakers=2, seed=3, has_separate_streams=True)
    content = emulator.expected(emulator.add(scenario)).provider_data
    assert content is not None
    parts, words, _ = read_provider_content(content, provider)
    assert [*words] == heard(content, provider)
    assert all(isinstance(part, RawPart) for part in parts)
    if provider.startswith((AWS, "deepgram_async")):
        read = typed_reader(provider)
        assert read is not None
        assert all(read(part.raw) for part in parts if isinstance(part, RawPart))


@pytest.mark.parametrize("provider", [AWS, DEEPGRAM])
def test_the_usual_shape_is_read_by_its_types(provider: str) -> None:
    read = typed_reader(provider)
    assert read is not None
    assert all(read(msgspec.Raw(json.dumps(message).encode())) for message in MESSAGES[provider])


LEFT = {
    "names of a finished file": (AWS, {"payload": aws(item("Hi", 0))["payload"] | {"transcripts": None}}),
    "no results": (AWS, {"payload": {"Transcript": {"Results": []}}}),
    "no alternatives": (AWS, json.loads(json.dumps(aws()).replace('[{"Items": []}]', "[]"))),
    "no items": (AWS, aws()),
    "an empty text": (AWS, aws(item(" ", 0))),
    "a mark that opens": (AWS, aws(item("Hi", 0), item("\u00bf", 1, "punctuation"))),
    "a time of day": (AWS, aws(item("Hi", 1e9))),
    "no probability": (AWS, aws(item("Hi", 0, Confidence=7))),
    "no message": (DEEPGRAM, {"url": None}),
    "another shape": (DEEPGRAM, {"body": {"results": {"channels": 5}}}),
    "no words": (DEEPGRAM, deepgram()),
    "no channel": (DEEPGRAM, {"payload": {"type": "Results"}}),
}


@pytest.mark.parametrize(("provider", "message"), LEFT.values(), ids=LEFT)
def test_any_other_shape_is_left_to_the_own_reader(provider: str, message: Any) -> None:
    read = typed_reader(provider)
    assert read is not None
    assert read(msgspec.Raw(json.dumps(message).encode())) is None


def test_an_audio_nested_too_deep_is_left_to_the_lenient_reader() -> None:
    with pytest.raises(NotPlain):
        read_raw_parts(b'{"parts": [{"source_audio": ' + b"[" * 900 + b"]" * 900 + b"}]}")


def test_secrets_in_every_message_leave_its_words_and_its_other_text() -> None:
    message = aws(item("Hi", 0)) | {"url": "wss://a.example/?X-Amz-Signature=canary", "number": 5}
    content = json.dumps({"parts": [{"data": message}]}).replace("5}", "5.00}").encode()
    (part,) = read_raw_parts(content)
    assert part.data_json is not None
    assert part.data_json.startswith('{"payload":{"Transcript":')
    assert part.data_json.endswith(',"url":null,"number":5.00}')


@pytest.mark.parametrize("number", ["1e400", "9" * 400 + ".5", "1" + "0" * 400 + "e3", "-1E+999"])
def test_a_number_that_no_float_holds_is_seen_where_nobody_reads_it(number: str) -> None:
    content = json.dumps({"parts": [{"data": aws(item("Hi", 0, Other=MARK))}]}).replace(f'"{MARK}"', number).encode()
    (part,) = read_raw_parts(content)
    assert not part.is_plain
    with pytest.raises(NotPlain):
        _ = part.data
