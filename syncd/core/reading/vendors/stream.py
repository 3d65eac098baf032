"""One audio of a file: what was said in it so far, and which of it still stands."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence

from syncd.core.reading.document import Json
from syncd.core.reading.values import child, label, number, seconds
from syncd.core.reading.vendors.glue import attach_punctuation
from syncd.core.reading.vendors.heard import Heard, Statement, Words, joined

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
        self._known: dict[Hashable, dict[Hashable, deque[Words]]] = {}
        self._standing: dict[Hashable, list[Words]] = {}
        self._latest: dict[Hashable, Words] = {}
        self._channels: set[str | None] = {None}
        self._channel_count = 1
        self._texts: dict[str, str] = {}

    def hear(self, said: Statement) -> Words:
        """The words of a message, in place of those that it replaces."""
        if said.opens_session:
            self._session += 1
            self._latest.clear()
        words = said.words
        if words is None:
            found = attach_punctuation(said.tokens, is_final=said.is_final)
            words = found.words
            if said.continues and said.is_final and said.line in self._latest:
                self._latest[said.line].texts[-1] += found.leading
        self._channel_count = max(self._channel_count, said.channel_count)
        same = self._texts.setdefault
        words.texts = [same(text, text) for text in words.texts]  # most words come again
        self._channels.update(words.channels)
        if True in words.finals:
            session = (self._session, said.session)
            earlier = self._everything(session) if said.replaces_session else self._named(session, said.replaces)
            _replace(earlier, words)
            self._remember(session, said, words)
        return words

    def _everything(self, session: Hashable) -> list[Words]:
        self._known.pop(session, None)
        return self._standing.pop(session, [])

    def _named(self, session: Hashable, names: Iterable[Hashable]) -> list[Words]:
        """The earliest statement of the first name that has one; it may have been replaced under another name."""
        known = self._known.get(session, {})
        for name in names:
            waiting = known.get(name, deque())
            while waiting:
                words = waiting.popleft()
                if True in words.finals:
                    return [words]
        return []

    def _remember(self, session: Hashable, said: Statement, words: Words) -> None:
        self._standing.setdefault(session, []).append(words)
        self._latest.pop(said.line, None)
        if words.finals[-1]:
            self._latest[said.line] = words
        for name in said.known_as:
            self._known.setdefault(session, {}).setdefault(name, deque()).append(words)

    def heard(self, found: Sequence[Words], note: str | None) -> Heard:
        """The words of a part as they stand at the end of the file."""
        if not found:
            return Heard(note=note)
        words = found[0] if len(found) == 1 else joined(found)
        starts_s, ends_s = words.starts_s, words.ends_s
        if self._offset_s != 0:
            starts_s, ends_s = self._placed(starts_s), self._placed(ends_s)
        return Heard(words.texts, starts_s, ends_s, words.confidences, self._speakers(words), words.finals, note)

    def _speakers(self, words: Words) -> Sequence[str | None]:
        """Channels stand for speakers where there are several, and nobody is told."""
        if max(self._channel_count, len(self._channels) - 1) == 1 or None not in words.speakers:
            return words.speakers
        told = zip(words.speakers, words.channels, strict=True)
        return [f"channel {line}" if who is None and line is not None else who for who, line in told]

    def _placed(self, times_s: Sequence[float | None]) -> Sequence[float | None]:
        offset_s = self._offset_s
        if offset_s is None:
            return [None] * len(times_s)
        return [None if time_s is None else round(time_s + offset_s, _PRECISION) for time_s in times_s]


def _replace(earlier: list[Words], words: Words) -> None:
    for old in earlier:
        old.finals = [False] * len(old.finals)
    if None in words.confidences:
        _keep_confidences(earlier, words)


def _keep_confidences(earlier: list[Words], words: Words) -> None:
    """A repetition that does not say how sure it is keeps what was said of the word at the same time."""
    told: dict[float | None, float | None] = {
        start_s: confidence
        for old in earlier
        for start_s, confidence in zip(old.starts_s, old.confidences, strict=True)
    }
    told[None] = None
    words.confidences = [
        told.get(start_s) if confidence is None else confidence
        for start_s, confidence in zip(words.starts_s, words.confidences, strict=True)
    ]
