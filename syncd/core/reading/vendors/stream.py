"""One audio of a file: what was said in it so far, and which of it still stands."""

from collections import deque
from collections.abc import Hashable, Iterable

from syncd.core.reading.document import Json
from syncd.core.reading.values import child, label, number, seconds
from syncd.core.reading.vendors.glue import Word, attach_punctuation
from syncd.core.reading.vendors.heard import HeardWord, Statement

_PRECISION = 6


def identity(source: Json) -> Hashable:
    """What tells the audios of a file apart: whose it is, and when it began. Names may change during a call."""
    if not isinstance(source, dict):
        return None
    who = source.get("participant")
    participant_id = label(child(who, "id"))
    whose = ("name", label(child(who, "name"))) if participant_id is None else ("id", participant_id)
    return label(source.get("type")), whose, number(source.get("offset"), from_text=True)


class Stream:
    """Hears the messages of one audio in their order. Every word is touched a bounded number of times."""

    def __init__(self, source: Json) -> None:
        told = source.get("offset") if isinstance(source, dict) else None
        self._offset_s = 0.0 if told is None else seconds(told)
        self._session = 0
        self._known: dict[Hashable, dict[Hashable, deque[list[Word]]]] = {}
        self._standing: dict[Hashable, list[list[Word]]] = {}
        self._latest: dict[Hashable, Word] = {}
        self._channels: set[str] = set()
        self._channel_count = 1
        self._texts: dict[str, str] = {}

    def hear(self, said: Statement) -> list[Word]:
        """The words of a message, in place of those that it replaces."""
        if said.opens_session:
            self._session += 1
            self._latest.clear()
        found = attach_punctuation(said.tokens, is_final=said.is_final)
        if said.continues and said.is_final and said.line in self._latest:
            self._latest[said.line].marks += found.leading
        self._channel_count = max(self._channel_count, said.channel_count)
        for word in found.words:
            word.text = self._texts.setdefault(word.text, word.text)  # most words come again
            if word.channel is not None:
                self._channels.add(word.channel)
        if any(word.is_final for word in found.words):
            session = (self._session, said.session)
            earlier = self._everything(session) if said.replaces_session else self._named(session, said.replaces)
            _replace(earlier, found.words)
            self._remember(session, said, found.words)
        return found.words

    def _everything(self, session: Hashable) -> list[list[Word]]:
        self._known.pop(session, None)
        return self._standing.pop(session, [])

    def _named(self, session: Hashable, names: Iterable[Hashable]) -> list[list[Word]]:
        """The earliest statement of the first name that has one; it may have been replaced under another name."""
        known = self._known.get(session, {})
        for name in names:
            waiting = known.get(name, deque())
            while waiting:
                words = waiting.popleft()
                if any(word.is_final for word in words):
                    return [words]
        return []

    def _remember(self, session: Hashable, said: Statement, words: list[Word]) -> None:
        self._standing.setdefault(session, []).append(words)
        self._latest.pop(said.line, None)
        if words[-1].is_final:
            self._latest[said.line] = words[-1]
        for name in said.known_as:
            self._known.setdefault(session, {}).setdefault(name, deque()).append(words)

    def row(self, word: Word) -> HeardWord:
        """The word as it stands at the end of the file."""
        speaker = word.speaker
        if speaker is None and word.channel is not None and max(self._channel_count, len(self._channels)) > 1:
            speaker = f"channel {word.channel}"
        start_s, end_s = self._placed(word.start_s), self._placed(word.end_s)
        return HeardWord(word.written, start_s, end_s, word.confidence, speaker, word.is_final)

    def _placed(self, time_s: float | None) -> float | None:
        if time_s is None or self._offset_s is None:
            return None
        return time_s if self._offset_s == 0 else round(time_s + self._offset_s, _PRECISION)


def _replace(earlier: list[list[Word]], words: list[Word]) -> None:
    for old in earlier:
        for word in old:
            word.is_final = False
    if any(word.confidence is None for word in words):
        _keep_confidences(earlier, words)


def _keep_confidences(earlier: list[list[Word]], words: list[Word]) -> None:
    """A repetition that does not say how sure it is keeps what was said of the word at the same time."""
    told = {word.start_s: word.confidence for old in earlier for word in old if word.start_s is not None}
    for word in words:
        if word.confidence is None and word.start_s is not None:
            word.confidence = told.get(word.start_s)
