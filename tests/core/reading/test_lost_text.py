"""Text of a transcript file that was not read: without any other it is unreadable, beside words it is noted."""

import json
import re
from typing import Any

import pytest

from syncd.core.reading.document import Unreadable
from syncd.core.reading.transcript_file import read_transcript_file
from tests.core.reading.transcript_files import at, word

SPOKEN = {"participant": {"id": 1}, "words": [word("We agreed.", at(1))]}
THERE = "element 0 of the transcript file"
LOST = {
    "another shape": (
        {"speaker_name": "Ana", "text": "we agreed", "start": 0.1, "end": 2.0},
        f"{THERE} has no words; its keys are 'speaker_name', 'text', 'start', 'end'",
    ),
    "nothing": ({}, f"{THERE} has no words; its keys are none"),
    "a text": ("lost", f"{THERE} is not an object"),
    "null": (None, f"{THERE} is not an object"),
    "elements in an element": ([{"words": [word("lost")]}], f"{THERE} is not an object"),
    "words by number": ({"words": {"0": word("lost")}}, "the words of element 0 are not an array"),
    "words as a text": ({"words": "we agreed"}, "the words of element 0 are not an array"),
    "a word as a text": ({"words": [word(""), "lost"]}, "word 1 of element 0 is not an object"),
    "a word as a number": ({"words": [5]}, "word 0 of element 0 is not an object"),
    "null for a word": ({"words": [None]}, "word 0 of element 0 is not an object"),
    "another key of a word": (
        {"words": [word(""), {"word": "x"}]},
        f"word 1 of {THERE} has no text; its keys are 'word'",
    ),
    "an empty text beside another": (
        {"words": [word(" ", at(1, "2025-09-13T11:39:01Z")) | {"punctuated_word": "Lost."}]},
        f"word 0 of {THERE} has a text under 'punctuated_word', and none under 'text'",
    ),
    "null for a text": ({"words": [{"text": None}]}, f"word 0 of {THERE} has no text; its keys are 'text'"),
    "texts as an array": ({"words": [{"text": ["lost"]}]}, f"word 0 of {THERE} has no text; its keys are 'text'"),
    "a flag for a text": ({"words": [{"text": True}]}, f"word 0 of {THERE} has no text; its keys are 'text'"),
}
BESIDE = {
    "a text": ({"transcript": "we left"}, "transcript"),
    "one word": ({"utterance": "lost"}, "utterance"),
    "a number as a text": ({"text": "5"}, "text"),
    "texts in an array": ({"text": ["", "lost"]}, "text"),
    "a text in an object": ({"transcript": {"text": "we left"}}, "transcript.text"),
    "words under another key": ({"tokens": [{"value": "we left"}]}, "tokens.value"),
    "an unknown place": ({"a": {"b": [{"c": "we left"}]}}, "a.b.c"),
    "no key at all": ({"1": "we left"}, "1"),
    "another alphabet": ({"x": "うん"}, "x"),
    "camel case": ({"displayText": "lost"}, "displayText"),
    "a paragraph": ({"paragraphs": [{"sentences": [{"text": "We left."}]}]}, "paragraphs.sentences.text"),
    "an alternative": ({"alternatives": [{"content": "lost"}]}, "alternatives.content"),
    "words of the participant": ({"participant": {"id": 1, "words": [word("lost")]}}, "participant.words.text"),
    "what describes it": ({"metadata": {"text": "lost"}}, "metadata.text"),
    "a long path": ({"x" * 50: {"y": "we left"}}, "y"),
}
NOT_LOST = [
    {"id": "e1", "type": "final", "speaker_name": "Ana Lima", "createdAt": "today", "metadata": {"title": "A b"}},
    {"participant": {"id": 1, "job": "Head of all"}, "language_code": "en", "speaker": "Ana Lima"},
    {"participant": {"extra_data": {"zoom": {"os": 1}}}, "x": "2025-09-13T11:39:01Z", "y": "1.5", "z": None},
    {"ref": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "page": "https://a.example/we", "text": " ", "n": [1, True]},
]


@pytest.mark.parametrize(("element", "place"), LOST.values(), ids=LOST)
def test_no_text_where_there_should_be_some_is_no_silent_meeting(element: Any, place: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_transcript_file(json.dumps([element]).encode())
    assert str(caught.value) == place
    for others in ([SPOKEN], [{"words": []}, SPOKEN], [SPOKEN | {"words": [word(5)]}]):
        payload, _ = read_transcript_file(json.dumps([element, *others]).encode())
        assert (payload.has_text, len(payload.utterances), payload.lost) == (True, len(others) + 1, place)


@pytest.mark.parametrize(("more", "path"), BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("is_lenient", [False, True])
def test_text_under_another_key_is_not_lost_in_silence(more: Any, path: str, is_lenient: bool) -> None:
    odd = {"speaker_id": True} if is_lenient else {}
    with pytest.raises(Unreadable, match=re.escape(f"{THERE} has a text under '{path}', and no words")):
        read_transcript_file(json.dumps([{"words": []} | odd | more]).encode())
    payload, _ = read_transcript_file(json.dumps([SPOKEN | odd | more]).encode())
    assert payload.utterances[0].text == "We agreed."
    assert payload.lost == f"{THERE} has a text under '{path}' that its words do not have"


@pytest.mark.parametrize("is_lenient", [False, True])
@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_word_beside_others_has_its_text_elsewhere(blank: str, is_lenient: bool) -> None:
    words = [word("We"), word(blank, True if is_lenient else 1.0) | {"display": "agreed"}]
    payload, _ = read_transcript_file(json.dumps([{"words": words}]).encode())
    assert payload.lost == f"word 1 of {THERE} has a text under 'display', and none under 'text'"


@pytest.mark.parametrize("more", NOT_LOST)
def test_what_is_no_speech_is_none_that_is_lost(more: Any) -> None:
    payload, _ = read_transcript_file(json.dumps([{"words": []} | more]).encode())
    assert (payload.has_text, payload.lost) == (False, None)
    payload, _ = read_transcript_file(json.dumps([SPOKEN | more]).encode())
    assert (payload.has_text, payload.lost) == (True, None)


@pytest.mark.parametrize("more", [{"text": "we  AGREED"}, {"words_again": [{"word": "we"}]}, {"x": "final"}])
def test_a_text_that_the_words_have_is_not_lost(more: Any) -> None:
    payload, _ = read_transcript_file(json.dumps([SPOKEN | more]).encode())
    assert payload.lost is None


@pytest.mark.parametrize("language", ['"en"', "true"], ids=["typed", "lenient"])
@pytest.mark.parametrize(
    ("earlier", "later", "is_lost", "has_text"),
    [
        ('[{"text": "We left."}]', '[{"text": "We agreed."}]', True, True),
        ('[{"text": "We left."}]', "[]", True, False),
        ('[{"text": "We left."}]', "null", True, False),
        ('[{"text": "agreed"}]', '[{"text": "We agreed."}]', False, True),
        ("[]", '[{"text": "[laughs] \\"words\\":[1]"}]', False, True),
    ],
)
def test_words_that_come_twice_in_an_element_are_compared(
    earlier: str, later: str, is_lost: bool, has_text: bool, language: str
) -> None:
    content = f'[{{"words"  : {earlier}, "words":\n{later}, "language": {language}}}, {{"words": []}}]'.encode()
    if has_text:
        payload, _ = read_transcript_file(content)
        assert (payload.has_text, payload.lost is not None) == (True, is_lost)
    else:
        with pytest.raises(Unreadable, match=re.escape("a text under 'repeated words.text'")):
            read_transcript_file(content)


def test_arrays_of_words_elsewhere_are_not_taken_for_lost_ones() -> None:
    who = {"extra_data": {"zoom": {"words": ["a b"]}}}
    payload, _ = read_transcript_file(json.dumps([SPOKEN | {"participant": who}]).encode())
    assert payload.lost is None


def test_a_place_that_is_nested_too_deep_costs_no_words() -> None:
    deep = '{"text":' * 900 + '"lost"' + "}" * 900
    payload, is_altered = read_transcript_file(f'[{{"words": [{{"text": "Hi."}}], "x": {deep}}}]'.encode())
    assert (payload.utterances[0].text, is_altered) == ("Hi.", True)


@pytest.mark.parametrize(
    "value",
    [[], [{"words": []}], [{"words": None}, SPOKEN | {"words": [word(""), word(" \n")]}], [{"words": [word(" ")]}]],
)
def test_a_meeting_in_which_nobody_spoke_has_no_text(value: Any) -> None:
    payload, is_altered = read_transcript_file(json.dumps(value).encode())
    assert (payload.has_text, payload.lost, is_altered) == (False, None, False)
    assert len(payload.utterances) == len(value)


def test_metadata_is_kept_as_deep_beside_an_element_without_words() -> None:
    deep = '{"a":' * 400 + "1" + "}" * 400
    silent = f'{{"participant": {{"id": 1, "extra_data": {deep}}}, "words": [], "x": 1}}'
    payload, is_altered = read_transcript_file(f'[{silent}, {{"words": [{{"text": "Hi."}}]}}]'.encode())
    assert (payload.participants[0].extra_data is None, is_altered, payload.lost) == (False, False, None)
