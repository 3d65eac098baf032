"""Transcript files that try to break their reader, by name.

Changed elements, as JSON in ASCII:

nul                 a NUL character in a word and in a name.
lone_surrogate      half a surrogate pair in a word.
nan                 times that are NaN and Infinity.
reversed_times      words that end before they start.
missing_times       words without one or both times.
negative_times      a word before the recording began.
odd_absolutes       absolute times that are numbers, null, without a zone, a leap second or no time at all.
null_participant    participants that are null, empty, or have nulls or blanks in them.
empty_words         elements whose words are [] and null.
cjk_rtl_emoji       words in other scripts, from right to left, and emoji.
string_ids          participant ids that are strings.
machine_speakers    participants without an id, with the numbers 0 and 1 for names.
hybrid_speakers     participants without an id, named like 100-0.
control_names       names with line breaks, escape sequences, formulas, SQL, and 9000 letters.
long_word           a word of two million characters.
big_numbers         an id of 2**64, and times of 1e300 and 10**400.
out_of_order        elements from last to first.
bare_elements       elements without most of their fields, or with fields of other types.

Changed bytes:

bom                 a byte order mark before the JSON.
utf16               UTF-16.
invalid_utf8, cesu8 bytes that are no UTF-8; half a surrogate pair as bytes.
deep                1500 arrays, one in the other.
duplicate_keys      an object that has a key twice.
overflow            a time of 1e400.
not_json            an HTML page.
empty_file          no byte at all.
null, object        the JSON null; the array inside an object.
trailing            a second JSON value after the first.
raw_control         control characters in a string, without an escape.
huge                as many bytes as the scenario's size.

many_parts: the transcript is good, and the provider's file has as many parts as the scenario's size.
"""

import copy
import json
from collections.abc import Callable
from types import MappingProxyType

from recall_emulator.documents import Json
from recall_emulator.payload import Element, written


def hostile_bytes(kind: str, elements: list[Element], size: int) -> bytes:
    """Return the hostile file of a kind, made from a good transcript.

    `size` is the bytes of "huge". Raises ValueError for an unknown kind.
    """
    if kind in _EDITS:
        edited = copy.deepcopy(elements)
        _EDITS[kind](edited)
        return json.dumps(edited, separators=(",", ":")).encode()
    if kind in _WRAPPINGS:
        return _WRAPPINGS[kind](written(elements))
    if kind == "huge":
        return _huge(elements, size)
    if kind in PROVIDER_KINDS:
        return written(elements)
    raise ValueError(f"unknown hostile kind {kind!r}; known are {', '.join(HOSTILE_KINDS)}")


def hostile_provider_bytes(kind: str, size: int) -> bytes | None:
    """Return the hostile provider file of a kind, or None where only the transcript is hostile.

    `size` is the number of parts of "many_parts".
    """
    if kind != "many_parts":
        return None
    part = '{"id":"%d","created_at":"2025-09-13T12:00:00Z",'
    part += '"source_audio":{"type":"mixed","offset":0.0,"participant":null},'
    part += '"type":"websocket_message","data":{"url":"wss://vendor.example","event":"message","payload":{"n":%d}}}'
    return ('{"parts":[' + ",".join(part % (n, n) for n in range(size)) + "]}").encode()


def _first_word(elements: list[Element]) -> dict[str, Json]:
    word: dict[str, Json] = elements[0]["words"][0]
    return word


def _nul(elements: list[Element]) -> None:
    _first_word(elements)["text"] = "nul\u0000here"
    elements[0].setdefault("participant", {})["name"] = "Zero\u0000Name"


def _lone_surrogate(elements: list[Element]) -> None:
    _first_word(elements)["text"] = "half \ud83d pair"


def _nan(elements: list[Element]) -> None:
    _set_times(elements, float("nan"), float("inf"))


def _set_times(elements: list[Element], start: float, end: float) -> None:
    _first_word(elements).update(start_timestamp={"relative": start}, end_timestamp={"relative": end})


def _reversed_times(elements: list[Element]) -> None:
    for word in _words(elements):
        word["start_timestamp"], word["end_timestamp"] = word.get("end_timestamp"), word["start_timestamp"]


def _missing_times(elements: list[Element]) -> None:
    for index, word in enumerate(_words(elements)):
        word.pop("end_timestamp", None)
        if index % 2:
            word["start_timestamp"] = None
        else:
            del word["start_timestamp"]


def _negative_times(elements: list[Element]) -> None:
    _set_times(elements, -4.25, -3.5)


def _odd_absolutes(elements: list[Element]) -> None:
    odd = (
        1757763562.5,
        None,
        "2025-09-13T11:39:22+14:00",
        "2016-12-31T23:59:60Z",
        "yesterday",
        "2025-09-13T11:39:22",
    )
    for index, word in enumerate(_words(elements)):
        word["start_timestamp"] = {"relative": float(index), "absolute": odd[index % len(odd)]}


def _words(elements: list[Element]) -> list[dict[str, Json]]:
    return [word for element in elements for word in element["words"]]


def _null_participant(elements: list[Element]) -> None:
    for element, participant in zip(elements, (None, {}, {"id": None, "name": None}, {"name": "  "}), strict=False):
        element["participant"] = participant


def _empty_words(elements: list[Element]) -> None:
    elements[0]["words"] = []
    elements[-1]["words"] = None


def _cjk_rtl_emoji(elements: list[Element]) -> None:
    texts = ("会議を始めます。", "مرحبا", "שלום", "👩🏽\u200d💻", "\u202etxet desrever", "e\u0301clair", "𝔘𝔫𝔦")
    for index, word in enumerate(_words(elements)):
        word["text"] = texts[index % len(texts)]


def _string_ids(elements: list[Element]) -> None:
    for element in elements:
        participant = element.setdefault("participant", {})
        participant["id"] = f"user-{participant.get('id')}"


def _machine_speakers(elements: list[Element]) -> None:
    for index, element in enumerate(elements):
        element["participant"] = {"id": None, "name": str(index % 2)}


def _hybrid_speakers(elements: list[Element]) -> None:
    for index, element in enumerate(elements):
        element["participant"] = {"id": None, "name": f"{100 * (index % 3 + 1)}-{index % 2}"}


def _control_names(elements: list[Element]) -> None:
    names = (
        "Eve\n2025-01-01 ERROR forged line",
        "\x1b[31mRed\x1b[0m",
        "=HYPERLINK(1)",
        "'; drop table x; --",
        "a" * 9000,
    )
    for index, element in enumerate(elements):
        element["participant"] = {"id": index, "name": names[index % len(names)]}


def _long_word(elements: list[Element]) -> None:
    _first_word(elements)["text"] = "ha " * 700_000


def _big_numbers(elements: list[Element]) -> None:
    elements[0]["participant"] = {"id": 2**64, "name": "Big"}
    _set_times(elements, 1e300, 10**400)


def _out_of_order(elements: list[Element]) -> None:
    elements.reverse()


def _bare_elements(elements: list[Element]) -> None:
    elements[:] = [{}, {"words": [{}]}, {"words": [{"text": None}]}, {"participant": 7, "words": "none"}]


def _deep(good: bytes) -> bytes:
    return good[:-1] + b',{"participant":{"extra_data":' + b"[" * 1500 + b"]" * 1500 + b'},"words":[]}]'


def _duplicate_keys(good: bytes) -> bytes:
    return good[:-1] + b',{"words":[],"words":[{"text":"second","text":"last"}],"participant":null}]'


def _overflow(good: bytes) -> bytes:
    number = (
        b'[{"participant":null,"words":[{"text":"far","start_timestamp":{"relative":1e400},"end_timestamp":null}]},'
    )
    return number + good[1:]


def _huge(elements: list[Element], size: int) -> bytes:
    block = written(elements)[1:-1]
    copies = max(1, -(-size // (len(block) + 1)))
    return b"[" + b",".join([block] * copies) + b"]"


_EDITS: MappingProxyType[str, Callable[[list[Element]], None]] = MappingProxyType(
    {
        "nul": _nul,
        "lone_surrogate": _lone_surrogate,
        "nan": _nan,
        "reversed_times": _reversed_times,
        "missing_times": _missing_times,
        "negative_times": _negative_times,
        "odd_absolutes": _odd_absolutes,
        "null_participant": _null_participant,
        "empty_words": _empty_words,
        "cjk_rtl_emoji": _cjk_rtl_emoji,
        "string_ids": _string_ids,
        "machine_speakers": _machine_speakers,
        "hybrid_speakers": _hybrid_speakers,
        "control_names": _control_names,
        "long_word": _long_word,
        "big_numbers": _big_numbers,
        "out_of_order": _out_of_order,
        "bare_elements": _bare_elements,
    }
)

_WRAPPINGS: MappingProxyType[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "bom": lambda good: b"\xef\xbb\xbf" + good,
        "utf16": lambda good: good.decode().encode("utf-16"),
        "invalid_utf8": lambda good: good.replace(b'"text":"', b'"text":"\xff\xc0\x80', 1),
        "cesu8": lambda good: good.replace(b'"text":"', b'"text":"\xed\xa0\xbd', 1),
        "deep": _deep,
        "duplicate_keys": _duplicate_keys,
        "overflow": _overflow,
        "not_json": lambda _: b"<html><body>This is not a transcript.</body></html>",
        "empty_file": lambda _: b"",
        "null": lambda _: b"null",
        "object": lambda good: b'{"transcript":' + good + b"}",
        "trailing": lambda good: good + b"\n[]",
        "raw_control": lambda good: good.replace(b'"text":"', b'"text":"\x01\n', 1),
    }
)

PROVIDER_KINDS = ("many_parts",)
HOSTILE_KINDS: tuple[str, ...] = (*_EDITS, *_WRAPPINGS, "huge", *PROVIDER_KINDS)
