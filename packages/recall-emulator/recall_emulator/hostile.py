"""Transcript files that try to break their reader, by name."""

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
