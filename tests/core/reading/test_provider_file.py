import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.document import Document, Unreadable, read_document, storable, write_document
from syncd.core.reading.provider_file import NotPlain, ProviderPart, read_provider_parts, read_raw_parts
from syncd.core.reading.vendors import read_provider_content
from tests.core.reading.strategies import JSON, TEXT, shaped_like


def read(value: Any) -> tuple[ProviderPart, ...]:
    return read_provider_parts(Document(value, is_altered=False))


def test_a_part_is_read_whole() -> None:
    audio = {"type": "separate", "offset": 1.5, "participant": {"id": 100, "name": "Ada"}}
    data = {"event": "Results", "url": "wss://vendor.example/v1/listen?model=nova-3", "payload": {"words": [1]}}
    part = {"id": "p", "created_at": "2025-09-13T11:39:22Z", "source_audio": audio, "type": "websocket_message"}
    moment = datetime(2025, 9, 13, 11, 39, 22, tzinfo=UTC)
    assert read({"parts": [part | {"data": data}]}) == (ProviderPart("p", moment, "websocket_message", audio, data),)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param({}, ProviderPart(None, None, None, None, None), id="nothing"),
        pytest.param({"id": 7, "type": 5, "created_at": 9}, ProviderPart("7", None, None, None, None), id="numbers"),
        pytest.param({"data": [1], "source_audio": "x"}, ProviderPart(None, None, None, "x", [1]), id="odd shapes"),
    ],
)
def test_every_key_of_a_part_is_optional(part: dict[str, Any], expected: ProviderPart) -> None:
    assert read({"parts": [part]}) == (expected,)


def test_parts_keep_the_order_of_the_file() -> None:
    assert [part.part_id for part in read({"parts": [{"id": name} for name in "cab"]})] == ["c", "a", "b"]


def test_no_parts_are_no_fault() -> None:
    assert read({"parts": [], "more": 1}) == ()


def test_what_opens_something_is_taken_out() -> None:
    body = {"audio_url": "https://s3.example/a.mp3?X-Amz-Signature=canary", "webhook_auth_header_value": "canary"}
    quoted = '{"audio_url": "https://s3.example/a.mp3?X-Amz-Signature=canary"}'
    parts = [
        {"data": {"url": "https://api.example/v2?token=canary", "status_code": 200, "body": body}},
        {"data": {"body": quoted}},
    ]
    first, second = read({"parts": parts})
    assert first.data == {
        "url": None,
        "status_code": 200,
        "body": {"audio_url": None, "webhook_auth_header_value": None},
    }
    assert second.data == {"body": '{"audio_url": "[removed]"}'}


@pytest.mark.parametrize(
    "value",
    [[], {}, None, {"parts": None}, {"parts": {}}, "parts"],
    ids=["an array", "no parts", "null", "null parts", "an object of parts", "a text"],
)
def test_without_an_array_of_parts_it_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match="no array of parts"):
        read(value)


def test_a_part_that_is_no_object_is_named() -> None:
    with pytest.raises(Unreadable, match="part 1 of the provider's file is not an object"):
        read({"parts": [{}, []]})


PARTS = shaped_like({"id": TEXT, "type": TEXT, "created_at": TEXT, "source_audio": JSON, "data": JSON})


@given(value=st.fixed_dictionaries({"parts": st.lists(PARTS, max_size=4)}) | JSON)
def test_any_json_is_parts_or_unreadable(value: Any) -> None:
    value = storable(value)
    try:
        parts = read(value)
    except Unreadable:
        return
    assert len(parts) == len(value["parts"])
    for part in parts:
        write_document([part.part_id, part.type, part.source_audio, part.data]).encode()


SECRETS = [
    "https://a.example/?sig=x",
    "see https://u:p@a.example/ and more",
    {"api_key": "x"},
    {"Webhook_Token": "x"},
]
MESSAGES = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(SECRETS) | st.just("https://a.example/v1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(messages=st.lists(MESSAGES, max_size=3), ascii=st.booleans(), indent=st.none() | st.just(1))
def test_a_plain_file_is_read_raw_and_to_the_same_values(messages: Any, ascii: bool, indent: int | None) -> None:
    file = {"parts": [{"id": number, "data": message} for number, message in enumerate(messages)], "more": 1}
    content = json.dumps(file, ensure_ascii=ascii, indent=indent).encode()
    if "\\u0000" in content.decode():
        return
    expected = read_provider_parts(read_document(content))
    parts = read_raw_parts(content)
    assert [part.data for part in parts] == [part.data for part in expected]
    assert [part.data_json and json.loads(part.data_json) for part in parts] == [part.data for part in expected]
    about = [(part.part_id, part.created_at, part.type, part.source_audio) for part in parts]
    assert about == [(part.part_id, part.created_at, part.type, part.source_audio) for part in expected]


def test_the_lenient_reader_has_the_same_text_for_the_column() -> None:
    parts = read_provider_parts(read_document(b'{"parts": [{"data": {"a": [1, null]}}, {}]}'))
    assert [part.data_json for part in parts] == ['{"a":[1,null]}', None]


NOT_PLAIN = {
    "a number that Postgres cannot tell from 0": b'{"parts": [{"data": [1e-20000]}]}',
    "no object": b"[]",
    "a part that is none": b'{"parts": [1]}',
    "U+0000": b'{"parts": [{"data": "a\\u0000b"}]}',
    "a lone surrogate": b'{"parts": [{"data": "a\\ud800b"}]}',
    "nothing finite": b'{"parts": [{"data": NaN}]}',
    "a number that is too large": b'{"parts": [{"data": 1e999}]}',
    "no UTF-8": b'{"parts": [{"data": "\xff"}]}',
    "nested too deep to look for secrets": b'{"parts": [{"data": {"a": '
    + b"[" * 900
    + b'{"token": 1}'
    + b"]" * 900
    + b"}}]}",
    "nested too deep": b'{"parts": [{"data": ' + b"[" * 3000 + b"]" * 3000 + b"}]}",
}


@pytest.mark.parametrize("content", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_any_other_file_is_left_to_the_lenient_reader(content: bytes) -> None:
    with pytest.raises(NotPlain):
        _ = [part.data for part in read_raw_parts(content)]


def test_only_the_lenient_reader_replaces_characters() -> None:
    parts, heard, is_altered = read_provider_content(NOT_PLAIN["U+0000"], None)
    assert ([part.data for part in parts], len(heard), is_altered) == (["a\ufffdb"], 1, True)
    parts, heard, is_altered = read_provider_content(b'{"parts": [{"data": "\\ud83d\\ude00"}]}', None)
    assert ([part.data for part in parts], len(heard), is_altered) == (["\U0001f600"], 1, False)


def test_no_message_is_larger_than_memory_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.core.reading.document.MAX_VALUE_BYTES", 12)
    parts, _, _ = read_provider_content(b'{"parts": [{"data": [12345678 ]}, {"data": [12345678 ]}]}', None)
    assert [part.data for part in parts] == [[12345678], [12345678]]
    with pytest.raises(Unreadable, match="larger than 12 bytes"):
        read_provider_content(b'{"parts": [{"data": [1234567890 ]}]}', None)


def test_a_byte_order_mark_is_dropped() -> None:
    assert [part.data for part in read_raw_parts(b'\xef\xbb\xbf{"parts": [{"data": 1}]}')] == [1]


@pytest.mark.parametrize("name", ["nested too deep to look for secrets", "nested too deep"])
def test_a_message_nested_too_deep_is_cut_and_costs_no_other(name: str) -> None:
    content = NOT_PLAIN[name].replace(b'{"parts": [', b'{"parts": [{"data": "other"}, ')
    parts, heard, is_altered = read_provider_content(content, None)
    assert (parts[0].data, len(parts), len(heard), is_altered) == ("other", 2, 2, True)
    assert [part.data_json is not None for part in parts] == [True, True]
