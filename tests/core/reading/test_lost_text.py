"""Text of a transcript file that was not read: without any other it is unreadable, beside words it is noted."""

import json
from typing import Any

import pytest

from syncd.core.reading.document import Unreadable
from syncd.core.reading.transcript_file import read_transcript_file
from tests.core.reading.transcript_files import at, word

SPOKEN = {"participant": {"id": 1}, "words": [word("We agreed.", at(1))]}
THERE = "element 0 of the transcript file"
DEEP: dict[str, Any] = {"text": "lost"}
for _ in range(300):
    DEEP = {"x": [DEEP]}
NO_OBJECTS = ["lost", 5, None, [{"words": [word("lost")]}]]
LOST = {
    "another shape": ({"speaker_name": "Ana", "text": "we agreed", "start": 0.1}, "text"),
    "a text beside no words": ({"words": [], "utterance": "lost"}, "utterance"),
    "a number as a text": ({"words": None, "text": "5"}, "text"),
    "texts in an array": ({"words": [], "texts": ["", "lost"]}, "texts"),
    "a text in an object": ({"words": [], "transcript": {"text": "we left"}}, "text"),
    "camel case": ({"words": [], "displayText": "うん"}, "displayText"),
    "a paragraph": ({"words": [], "paragraphs": [{"sentences": [{"text": "We left."}]}]}, "text"),
    "an alternative": ({"words": [word("")], "alternatives": [{"content": "lost"}]}, "content"),
    "words of the participant": ({"participant": {"id": 1, "words": [word("lost")]}}, "text"),
    "what describes it": ({"words": [word(" ")], "metadata": {"text": "lost"}}, "text"),
    "a long key": ({"words": [], f"{'x' * 50}Text": "lost"}, "x" * 40),
    "far below": ({"words": [], "x": DEEP}, "text"),
    "words by number": ({"words": {"0": word("lost")}}, "text"),
    "words as a text": ({"words": "we agreed"}, "words"),
    "a word as a text": ({"words": [word(""), "lost"]}, "words"),
    "another key of a word": ({"words": [word(""), {"word": "x"}]}, "word"),
    "a blank text beside another": ({"words": [word(" ") | {"punctuated_word": "Lost."}]}, "punctuated_word"),
    "texts as an array": ({"words": [{"text": ["lost"]}]}, "text"),
}
ODD = [
    {},
    {"speaker_name": "Ana", "quote": "we agreed"},
    {"words": {}},
    {"words": 5},
    {"words": [5]},
    {"words": [None]},
    {"words": [{"value": "x"}]},
    {"words": [word(""), {"text": None}]},
    {"words": [{"text": True}]},
]
BESIDE = {
    "what was said once more": {"text": "we  AGREED", "utterance": {"words": [{"word": "agreed"}]}},
    "a translation": {"translation": "Wir haben zugestimmt.", "translations": [{"text": "Estamos de acuerdo."}]},
    "a summary": {
        "summary": "They agreed.",
        "avatar": "green circle of user",
        "alternatives": [{"transcript": "we"}],
    },
}
HARMLESS = {
    "reason": "nobody spoke",
    "title": "Weekly meeting",
    "summary": "Nobody came.",
    "avatar": "green circle of user",
    "text": " ",
    "participant": {"id": 1, "name": "Ana Lima", "job": "Head of all", "extra_data": {"zoom": {"text": "a b"}}},
}


def read(*elements: Any) -> tuple[bool, str | None]:
    """Whether a file of these elements has text, and what was lost of it."""
    payload, _ = read_transcript_file(json.dumps(elements).encode())
    assert len(payload.utterances) == len(elements)
    return payload.has_text, payload.lost


@pytest.mark.parametrize("odd", [{}, {"speaker_id": True}], ids=["typed", "lenient"])
@pytest.mark.parametrize(("element", "key"), LOST.values(), ids=LOST)
def test_a_text_that_was_not_read_is_told_with_its_place(element: Any, key: str, odd: dict[str, Any]) -> None:
    place = f"{THERE} has a text under {key!r} that was not read"
    with pytest.raises(Unreadable) as caught:
        read(element | odd)
    assert str(caught.value) == place
    for others in ([SPOKEN], [{"words": []}, SPOKEN], [SPOKEN | {"words": [word(5)]}]):
        assert read(element | odd, *others) == (True, place)


@pytest.mark.parametrize("element", NO_OBJECTS, ids=repr)
def test_an_element_that_is_no_object_is_told(element: Any) -> None:
    with pytest.raises(Unreadable, match=f"{THERE} is not an object"):
        read(element, {"words": []})
    assert read(element, SPOKEN) == (True, f"{THERE} is not an object")


@pytest.mark.parametrize("element", ODD, ids=repr)
def test_an_unknown_shape_is_no_silent_meeting_and_no_loss_beside_words(
    element: Any,
) -> None:
    keys = ", ".join(map(repr, element)) or "none"
    with pytest.raises(Unreadable, match=f"{THERE} has no words in a shape that is known; its keys are {keys}"):
        read(element)
    assert read(element, SPOKEN) == (True, None)


@pytest.mark.parametrize("odd", [{}, {"speaker_id": True}], ids=["typed", "lenient"])
@pytest.mark.parametrize("blank", ["", " ", None, " \n"])
def test_a_word_without_text_has_it_under_another_key(blank: str | None, odd: dict[str, Any]) -> None:
    words = [word("We", at(1)), word(blank) | {"word": "agreed"}, word('[so] "words": ', at(2))]
    assert read({"words": words} | odd) == (True, f"{THERE} has a text under 'word' that was not read")
    assert read({"words": [*words[::2], word(blank) | {"type": "pause"}]} | odd) == (True, None)


@pytest.mark.parametrize("odd", [{}, {"speaker_id": True}], ids=["typed", "lenient"])
@pytest.mark.parametrize("more", BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_words_that_were_read_is_no_loss(more: Any, odd: dict[str, Any]) -> None:
    assert read(SPOKEN | odd | more) == (True, None)
    assert read({"words": [word("Hi ") | more, word(" there")]} | odd) == (True, None)


@pytest.mark.parametrize("words", [None, [], [word("")], [word(" \n"), word("")]], ids=repr)
def test_a_meeting_in_which_nobody_spoke_has_no_text(words: Any) -> None:
    assert read({"words": words} | HARMLESS, {"words": words}) == (False, None)
    assert read({"words": words} | HARMLESS, SPOKEN) == (True, None)
    assert read() == (False, None)


@pytest.mark.parametrize("language", ['"en"', "true", "NaN", "9" * 5000], ids=["typed", "lenient", "NaN", "long"])
@pytest.mark.parametrize(
    ("earlier", "later", "is_lost", "has_text"),
    [
        ('[{"text": "We left."}]', '[{"text": "We agreed."}]', True, True),
        ('[{"text": "We left."}]', "[]", True, False),
        ('[{"text": "We left."}]', "null", True, False),
        ("[]", '[{"text": "[laughs] \\"words\\":[1]"}]', False, True),
    ],
)
def test_words_that_come_twice_in_an_element_are_not_lost_in_silence(
    earlier: str, later: str, is_lost: bool, has_text: bool, language: str
) -> None:
    content = f'[{{"words"  : {earlier}, "words":\n{later}, "language": {language}}}, {{"words": []}}]'.encode()
    place = f"{THERE} has a text under 'text' that was not read"
    if has_text:
        payload, _ = read_transcript_file(content)
        assert (payload.has_text, payload.lost) == (True, place if is_lost else None)
    else:
        with pytest.raises(Unreadable, match=place):
            read_transcript_file(content)


def test_arrays_of_words_elsewhere_are_not_taken_for_lost_ones() -> None:
    who = {"participant": {"extra_data": {"zoom": {"words": ["a b"]}}}, "segments": [{"words": [word("agreed")]}]}
    assert read(SPOKEN | who) == (True, None)


def test_what_is_nested_too_deep_costs_neither_the_words_nor_what_was_lost() -> None:
    """Where all is read it is not looked at; metadata is kept as deep beside an element without words."""
    deep, far = ('{"a":' * levels + "1" + "}" * levels for levels in (400, 2000))
    silent = f'{{"participant": {{"id": 1, "extra_data": {deep}}}, "words": [], "x": 1}}'
    payload, is_altered = read_transcript_file(f'[{silent}, {{"words": [{{"text": "Hi."}}], "x": {deep}}}]'.encode())
    assert (payload.participants[0].extra_data is None, is_altered, payload.lost) == (False, False, None)
    payload, is_altered = read_transcript_file(
        f'[{{"words": [{{"text": "Hi."}}]}}, {{"x": {far}, "text": "lost"}}]'.encode()
    )
    assert (payload.utterances[0].text, is_altered) == ("Hi.", True)
    assert payload.lost == "element 1 of the transcript file has a text under 'text' that was not read"
