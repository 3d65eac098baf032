"""Text in a file of another shape that its reader does not read: silence is only where there is no text at all.

No list names every key that somebody may put text under, so it is the other way round. Where nothing was read, every
text counts that is not known to be something else: the value of a key that bears no speech (`id`, `type`, `speaker`),
a number, a time, a UUID, an address. Beside words that were read a text counts under a key that bears speech (`text`,
`utterance`), and anywhere if it is a phrase; and only if the words do not have it, for many repeat what was said.

The words of keys are judgements, out of the files of some twenty vendors.
"""

import re
from collections.abc import Iterable, Iterator

from syncd.core.reading.document import Content, Json
from syncd.core.reading.payload import Utterance
from syncd.core.reading.values import as_object, id_text, uuid

_SPEECH = re.compile(
    "(alternative|caption|content|lexical|paragraph|phrase|said|sentence|subtitle|text|transcript|transcription"
    "|utterance|word)s?"
)
"""Last words of keys that bear what was said."""
_NO_SPEECH = re.compile(
    "(absolute|at|channel|code|confidence|config|country|created|date|device|duration|email|end|event|extra|format"
    "|host|id|index|kind|label|lang|language|link|locale|metadata|model|name|offset|order|origin|participant|person"
    "|platform|provider|relative|role|score|sentiment|sequence|source|speaker|start|state|status|stream|tag|time"
    "|timestamp|timezone|track|type|updated|uri|url|user|uuid|vendor|version)s?"
)
"""Last words of keys that bear something else; below them only a key that bears speech does."""
_OF_AN_ELEMENT = frozenset({"participant", "speaker", "speaker_id", "words", "language_code", "language"})
_OF_A_PARTICIPANT = frozenset({"id", "name", "is_host", "platform", "email", "extra_data"})
"""Keys whose values are read as they are."""
_OF_A_WORD = frozenset({"text", "start_timestamp", "end_timestamp", "language", "confidence"})
_WORD_OF_A_KEY = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PLAIN = re.compile(r"[\w.:/+@=-]*", re.ASCII)
"""One word of letters, digits and signs: a name or a code as likely as speech."""
_NO_TEXT = re.compile(r"[\d\s.:,/+Z%-]*|\d{4}-\d\d-\d\dT[\d:.+Z-]*|\w+://\S*", re.ASCII)
_BETWEEN = re.compile(r"[\W_]+")
_MOST_KEYS, _LONGEST_KEY = 12, 40
_FAR = 100
"""Characters between a key and its value, where somebody writes many spaces."""


def first_lost(elements: Iterable[Json], utterances: Iterable[Utterance]) -> str | None:
    """What the first element lost that lost any, and was read into the utterance of the same position."""
    pairs = enumerate(zip(elements, utterances, strict=True))
    told = (lost_from(element, index, utterance.text) for index, (element, utterance) in pairs)
    return next(filter(None, told), None)


def has_more_arrays_of_words(content: Content, count: int) -> bool:
    """Whether a transcript file has more arrays under `words` than so many: an object has two, or another has one.

    Goes from bracket to bracket, which are few: to look for the key takes a tenth of the reading.
    """
    place = content.find(b"[")
    while (place := content.find(b"[", place + 1)) > 0:
        before = content[max(place - _FAR, 0) : place].rstrip()
        count -= before.endswith(b":") and before[:-1].rstrip().endswith(b'"words"')
    return count < 0


def lost_from(element: Json, index: int, said: str) -> str | None:
    """Where an element of the transcript file has text that is not in what was read from it, and why; None: nowhere.

    `said` is that. What should be text and is none is lost, too.
    """
    place = f"element {index} of the transcript file"
    if not isinstance(element, dict):
        return f"{place} is not an object"
    if "words" not in element:
        return f"{place} has no words; its keys are {_keys(element)}"
    return _lost_from_words(element["words"], index, place) or _lost_beside(element, place, said)


def _lost_from_words(words: Json, index: int, place: str) -> str | None:
    if words is not None and not isinstance(words, list):
        return f"the words of element {index} are not an array"
    for word_index, word in enumerate(words or []):
        if not isinstance(word, dict):
            return f"word {word_index} of element {index} is not an object"
        here = f"word {word_index} of {place}"
        said = id_text(word.get("text"))
        if said is None:
            return f"{here} has no text; its keys are {_keys(word)}"
        if not said.strip(" ") and (found := unread_text(_without(word, _OF_A_WORD))):
            return f"{here} has a text under {found!r}, and none under 'text'"
    return None


def _lost_beside(element: dict[str, Json], place: str, said: str) -> str | None:
    """Text under other keys than those that are read."""
    who = _without(as_object(element.get("participant")) or {}, _OF_A_PARTICIPANT)
    others = {"participant": who} | _without(element, _OF_AN_ELEMENT)
    found = unread_text(others, said)
    if found is None:
        return None
    return f"{place} has a text under {found!r}" + (
        " that its words do not have" if said.strip() else ", and no words"
    )


def _without(value: dict[str, Json], names: frozenset[str]) -> dict[str, Json]:
    return {name: inner for name, inner in value.items() if name not in names}


def unread_text(value: dict[str, Json], said: str = "") -> str | None:
    """The keys that lead to the first text that is speech and not in what was read, `said`; None: there is none."""
    spoken = None
    is_beside = bool(said.strip())
    for path, written, is_below in _texts(value):
        if _is_speech(path, written, is_below=is_below, is_beside=is_beside):
            spoken = _letters(said) if spoken is None else spoken
            if not spoken or _letters(written) not in spoken:
                return path
    return None


def bears_speech(name: str) -> bool:
    """Whether a text under this key is what was said."""
    return _SPEECH.fullmatch(_last_word(name)) is not None


def _texts(value: dict[str, Json]) -> Iterator[tuple[str, str, bool]]:
    """Every text with the keys that lead to it, in order, and whether one before the last bears no speech."""
    waiting: list[tuple[str, Json, bool]] = [("", value, False)]
    while waiting:
        path, node, is_below = waiting.pop()
        if isinstance(node, str):
            yield path, node, is_below
        elif isinstance(node, list):
            waiting += [(path, inner, is_below) for inner in reversed(node)]
        elif isinstance(node, dict):
            is_below = is_below or _NO_SPEECH.fullmatch(_last_word(path)) is not None
            waiting += [(_joined(path, name), inner, is_below) for name, inner in reversed(node.items())]


def _joined(path: str, name: str) -> str:
    name = name[:_LONGEST_KEY]
    return f"{path}.{name}" if path and len(path) < _LONGEST_KEY else name


def _is_speech(path: str, written: str, *, is_below: bool, is_beside: bool) -> bool:
    word = _last_word(path)
    if not written.strip() or _SPEECH.fullmatch(word):
        return bool(written.strip())
    if is_below or _NO_SPEECH.fullmatch(word) or _NO_TEXT.fullmatch(written) or uuid(written):
        return False
    return not (is_beside and _PLAIN.fullmatch(written))


def _last_word(path: str) -> str:
    words = _WORD_OF_A_KEY.findall(path)
    return words[-1].lower() if words else ""


def _letters(said: str) -> str:
    """What is left of a text when case, spaces and punctuation are taken out."""
    return _BETWEEN.sub("", said.casefold())


def _keys(value: dict[str, Json]) -> str:
    """Names of keys, so that one sees which shape it is; they are no content."""
    names = ", ".join(repr(key[:_LONGEST_KEY]) for key in list(value)[:_MOST_KEYS])
    return names or "none"
