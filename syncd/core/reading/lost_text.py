"""Text of a transcript file that its reader does not read: a meeting is silent only where there is no text at all.

A text is lost where an element or a word gave none, and has one under a key that bears speech (`utterance`,
`punctuated_word`). What stands beside words that were read is no loss: it repeats them, or sums them up.
"""

import re
from collections.abc import Callable, Collection, Sequence

from syncd.core.reading.document import Content, Json
from syncd.core.reading.payload import Utterance

_SPEECH = re.compile(
    "(alternative|caption|content|lexical|paragraph|phrase|said|sentence|speech|text|transcript|transcription"
    "|utterance|word)s?"
)
"""Last words of keys that bear what was said: a judgement, out of the files of some twenty vendors."""
_WORD_OF_A_KEY = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
WORDS_KEY = re.compile(rb'"words"\s*:')
"""Where it is found once in an element, its words do not come twice."""
_MOST_KEYS, _LONGEST_KEY = 12, 40


def first_lost(
    utterances: Sequence[Utterance], element_at: Callable[[int], Json], repeated: Collection[int]
) -> str | None:
    """Where the first element has text that was not read into the utterance of the same position, and why.

    `element_at` gives an element as `read_pairs` does, and is asked only for those that are not whole. `repeated` are
    the positions of those that may have `words` twice. Where no text was read at all, an element must also have the
    shape of a silent one: `words` that are null or an array, and a text in each word.
    """
    is_silent = all(utterance.is_silent for utterance in utterances)
    for index, utterance in enumerate(utterances):
        if index in repeated or not _is_whole(utterance):
            why = _lost_from(element_at(index), utterance, is_silent=is_silent)
            if why:
                return f"element {index} of the transcript file {why}"
    return None


def has_more_arrays(content: Content, utterances: Sequence[Utterance]) -> bool:
    """Whether a file has more arrays than itself and one of words for each utterance: else none has words twice.

    It goes from bracket to bracket, and stops at the first that is one too many.
    """
    place = -1
    for _ in range(2 + sum(1 for utterance in utterances if utterance.texts)):
        place = content.find(b"[", place + 1)
        if place < 0:
            return False
    return True


def bears_speech(name: str) -> bool:
    """Whether a text under this key is what was said."""
    words = _WORD_OF_A_KEY.findall(name[-_LONGEST_KEY:])
    return bool(words) and _SPEECH.fullmatch(words[-1].lower()) is not None


def _is_whole(utterance: Utterance) -> bool:
    """Whether each of its words has a text, and it has words; a blank one between others leaves two spaces."""
    texts = utterance.texts
    has_blank = not all(texts) or ("  " in utterance.text and any(text and text.isspace() for text in texts))
    return not has_blank and not utterance.is_silent


def _lost_from(element: Json, utterance: Utterance, *, is_silent: bool) -> str | None:
    if not isinstance(element, tuple):
        return "is not an object"
    words = [value for name, value in element if name == "words"]
    found = _speech_in("", element) if utterance.is_silent else _speech_in("words", _unread(words, utterance))
    if found:
        return f"has a text under {found[:_LONGEST_KEY]!r} that was not read"
    has_known_words = words and (words[-1] is None or isinstance(words[-1], list))
    if is_silent and (not has_known_words or None in utterance.texts):
        return f"has no words in a shape that is known; its keys are {_keys(element)}"
    return None


def _unread(words: list[Json], utterance: Utterance) -> list[Json]:
    """Of all that an element has under `words`, of which the last was read, what gave no text."""
    *earlier, last = words
    return [
        *earlier,
        *(word for word, text in zip(last, utterance.texts, strict=True) if not (text and text.strip())),
    ]


def _speech_in(name: str, value: Json) -> str | None:
    """The key of the first text that is speech; metadata of a participant is kept as a whole, and holds none."""
    waiting = [(name, value)]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, str):
            if node.strip() and bears_speech(name):
                return name
        elif isinstance(node, list):
            waiting += [(name, inner) for inner in reversed(node)]
        elif isinstance(node, tuple):
            waiting += [pair for pair in reversed(node) if pair[0] != "extra_data"]
    return None


def _keys(element: tuple[tuple[str, Json], ...]) -> str:
    """Names of keys, so that one sees which shape it is; they are no content."""
    return ", ".join(repr(name[:_LONGEST_KEY]) for name, _ in element[:_MOST_KEYS]) or "none"
