"""One audio of a file: what was said in it so far, and which of it still stands."""

from collections import deque
from collections.abc import Hashable
from typing import Any

from syncd.core.reading.vendors.glue import Word, glued
from syncd.core.reading.vendors.heard import Everything, HeardWord, Said
from syncd.core.reading.vendors.values import label, number, seconds

_PRECISION = 6


def identity(source: Any) -> Hashable:
    """What tells the audios of a file apart: whose it is, and when it began."""
    if not isinstance(source, dict):
        return None
    who = source.get("participant")
    whose = (label(who.get("id")), label(who.get("name"))) if isinstance(who, dict) else None
    return label(source.get("type")), whose, number(source.get("offset"))


class Stream:
    """Hears the messages of one audio in their order. Every word is touched a bounded number of times."""

    def __init__(self, source: Any) -> None:
        told = source.get("offset") if isinstance(source, dict) else None
        self._offset_s = 0.0 if told is None else seconds(told)
        self._session = 0
        self._known: dict[Hashable, dict[Hashable, deque[list[Word]]]] = {}
        self._standing: dict[Hashable, list[list[Word]]] = {}
        self._latest: Word | None = None
        self._channels: set[str] = set()
        self._channel_count = 1

    def hear(self, said: Said) -> list[Word]:
        """The words of a message, in place of those that it replaces."""
        if said.opens_session:
            self._session += 1
            self._latest = None
        found = glued(said.tokens, is_final=said.is_final)
        if said.continues and said.is_final and self._latest is not None:
            self._latest.marks += found.leading
        self._channel_count = max(self._channel_count, said.channel_count)
        self._channels.update(word.channel for word in found.words if word.channel is not None)
        if any(word.is_final for word in found.words):
            session = (self._session, said.session)
            self._replace(session, said.replaces, found.words)
            self._remember(session, said.known_as, found.words)
        return found.words

    def _replace(self, session: Hashable, name: Hashable, words: list[Word]) -> None:
        if name is Everything.SAID:
            earlier = self._standing.pop(session, [])
            self._known.pop(session, None)
        else:
            waiting = self._known.get(session, {}).get(name)
            earlier = [waiting.popleft()] if waiting else []
        for old in earlier:
            for word in old:
                word.is_final = False
        if any(word.confidence is None for word in words):
            _keep_confidences(earlier, words)

    def _remember(self, session: Hashable, name: Hashable, words: list[Word]) -> None:
        self._standing.setdefault(session, []).append(words)
        self._latest = words[-1] if words[-1].is_final else None
        if name is not None:
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


def _keep_confidences(earlier: list[list[Word]], words: list[Word]) -> None:
    """A repetition that does not say how sure it is keeps what was said of the word at the same time."""
    told = {word.start_s: word.confidence for old in earlier for word in old if word.start_s is not None}
    for word in words:
        if word.confidence is None and word.start_s is not None:
            word.confidence = told.get(word.start_s)
