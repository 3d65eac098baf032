"""The words of a provider's file, part by part. Whatever the JSON, this never raises."""

from collections.abc import Hashable, Iterator, Sequence

from syncd.core.reading.document import Content, Json, read_document
from syncd.core.reading.lost_text import bears_speech
from syncd.core.reading.provider_file import NotPlain, Part, RawPart, read_provider_parts, read_raw_parts
from syncd.core.reading.vendors.envelope import messages
from syncd.core.reading.vendors.heard import UNREAD, Answer, Heard, Message, Statement, Words
from syncd.core.reading.vendors.registry import Reader, readers, typed_reader
from syncd.core.reading.vendors.stream import Stream, identity

_EMPTY = "there is no message in it"
_UNKNOWN = "its shape is not one that syncd knows"
_WORDS = frozenset({"words", "elements", "items", "Items"})
_LISTS = frozenset({"channels", "alternatives", "Alternatives", "results", "Results", "utterances", "monologues"})
_MOST_NODES = 200
"""A judgement: it bounds what looking for unread words costs; a miss costs only a note."""
_FIRST_REFUSAL = 400
"""The first HTTP status that is an error."""


class HeardParts:
    """What was heard in each part, made when it is asked for: so the words of a large file are in memory once."""

    def __init__(self, found: Sequence[tuple[Stream, Sequence[Words], str | None]]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Heard]:
        return (stream.heard(words, note) for stream, words, note in self._found)


def read_provider_content(content: Content, provider: str | None) -> tuple[Sequence[Part], HeardParts, bool]:
    """The parts of a provider's file, what was heard in each, and whether characters had to be replaced.

    Raises Unreadable.
    """
    try:
        raw = read_raw_parts(content)
        return raw, read_provider_words(provider, raw), False
    except NotPlain:
        document = read_document(content)
        parts = read_provider_parts(document)
        return parts, read_provider_words(provider, parts), document.is_altered


def read_provider_words(provider: str | None, parts: Sequence[Part]) -> HeardParts:
    """What the provider heard, one Heard for each part. Times count from the start of the recording."""
    known, typed = readers(provider), typed_reader(provider)
    streams: dict[Hashable, Stream] = {}
    heard: list[tuple[Stream, Sequence[Words], str | None]] = []
    source: Json = None
    stream = None
    for part in parts:
        if stream is None or part.source_audio is not source:
            source = part.source_audio
            name = identity(source)
            stream = streams.get(name) or streams.setdefault(name, Stream(source))
        answer = typed(part.plain) if typed and isinstance(part, RawPart) and part.is_plain else None
        found = (_said(answer, stream), None) if answer else _hear(part.data, stream, known)
        heard.append((stream, *found))
    return HeardParts(heard)


def _hear(data: Json, stream: Stream, known: Sequence[Reader]) -> tuple[Sequence[Words], str | None]:
    found: list[Message] = []
    for message in messages(data):
        answer = known[0](message)
        if answer is not None:
            return _taken(data, message, answer, stream)
        found.append(message)
    for message in found:
        answer = _answer(message, known[1:])
        if answer is not None:
            return _taken(data, message, answer, stream)
    return (), _refusal(data) or (_UNKNOWN if _has_message(found) else _EMPTY)


def _taken(
    data: Json, message: Message, answer: tuple[Statement, ...], stream: Stream
) -> tuple[Sequence[Words], str | None]:
    found = _said(answer, stream)
    return found, None if found else _reason(message, answer) or _refusal(data)


def _said(answer: tuple[Statement, ...], stream: Stream) -> list[Words]:
    return [words for said in answer if (words := stream.hear(said)).texts]


def _answer(message: Message, known: Sequence[Reader]) -> Answer:
    return next((answer for read in known if (answer := read(message)) is not None), None)


def _reason(message: Message, answer: tuple[Statement, ...]) -> str | None:
    """Why a message of a known shape has no words; None where it is one that has none."""
    if not answer:
        return None
    note = next((said.note for said in answer if said.note), None)
    is_read = any(said.tokens or said.opens_session for said in answer)
    return note or (UNREAD if not is_read and _seems_to_hold_words(message) else None)


def _seems_to_hold_words(message: Message) -> bool:
    """Whether any of its lists of words has something in it, a list that leads there holds no objects, or there is a
    text under a key of speech.
    """
    level: list[Json] = [message]
    for _ in range(_MOST_NODES):
        if not level:
            return False
        node = level.pop()
        named = node.items() if isinstance(node, dict) else (("", inner) for inner in node[:_MOST_NODES])
        for name, value in named:
            if _is_unread(name, value):
                return True
            if isinstance(value, dict | list):
                level.append(value)
    return False


def _is_unread(name: str, value: Json) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and bears_speech(name)
    if not isinstance(value, list):
        return False
    return bool(value) if name in _WORDS else name in _LISTS and not all(isinstance(inner, dict) for inner in value)


def _has_message(found: Sequence[Message]) -> bool:
    """The envelope alone is none."""
    return any(message.keys() - {"payload", "body", "url", "event", "status_code"} for message in found)


def _refusal(data: Json) -> str | None:
    status = data.get("status_code") if isinstance(data, dict) else None
    is_refusal = isinstance(status, int) and not isinstance(status, bool) and _FIRST_REFUSAL <= status < 600
    return f"the provider answered with HTTP status {status}" if is_refusal else None
