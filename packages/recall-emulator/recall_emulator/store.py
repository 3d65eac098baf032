"""The scenarios that were added, and their two files."""

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from recall_emulator.artifact import artifact_of, recording_of
from recall_emulator.configs import PROVIDER_KEYS, UNKNOWN_PROVIDER, config_of
from recall_emulator.corpus import TOPICS
from recall_emulator.documents import Json
from recall_emulator.envelope import provider_file
from recall_emulator.hostile import HOSTILE_KINDS, hostile_bytes, hostile_provider_bytes
from recall_emulator.meeting import Meeting, make_meeting
from recall_emulator.payload import transcript_of, written
from recall_emulator.scenario import Scenario
from recall_emulator.timeline import END_OF_TIME, TranscriptState, is_ever_done, transcript_state_at

_KEPT_BYTES = 128 * 2**20
TRANSCRIPT_FILE = "transcript.json"
PROVIDER_FILE = "provider_data.json"


@dataclass(frozen=True)
class Entry:
    """A scenario and the moment its transcript was created, in seconds since the epoch."""

    scenario: Scenario
    created_at: float

    @property
    def recording_id(self) -> uuid.UUID:
        return recording_of(self.scenario)

    def at(self, now: float) -> TranscriptState:
        return transcript_state_at(self.scenario, self.created_at, now)


@dataclass(frozen=True)
class Expected:
    """How a transcript ends.

    artifact has null download URLs, and is empty where the end is 404. transcript and provider_data are the decoded
    bytes of the two files, None where there is nothing to download at any time.
    """

    artifact: dict[str, Json]
    transcript: bytes | None
    provider_data: bytes | None


@dataclass(frozen=True)
class StoredFile:
    """A file's bytes and its ETag, quotes included."""

    content: bytes
    etag: str


class TranscriptStore:
    """All scenarios. Their files are made when first asked for, and kept up to 128 MiB."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._entries: dict[uuid.UUID, Entry] = {}
        self._files: OrderedDict[tuple[uuid.UUID, str], StoredFile] = OrderedDict()
        self._kept = 0
        self._lock = threading.Lock()

    def add(self, scenario: Scenario, now: float) -> Entry:
        """Add a scenario at `now`; ValueError for an unknown provider, topic or hostile kind, or a taken id."""
        entry = Entry(
            _known(scenario), round(now + scenario.created, 6)
        )  # whole microseconds, as timestamps show them
        with self._lock:
            if scenario.transcript_id in self._entries:
                raise ValueError(f"transcript {scenario.transcript_id} was added already")
            self._entries[scenario.transcript_id] = entry
        return entry

    def change(
        self,
        transcript_id: uuid.UUID,
        changes: Mapping[str, Any],  # fields of a Scenario, each of its own type
    ) -> None:
        """Give a transcript other fields than it was added with; the moment of its creation stays.

        Raises KeyError for an id that was never added, TypeError for a field that there is not, and ValueError like
        Scenario and add, and for another id or another creation.
        """
        with self._lock:
            entry = self._entries[transcript_id]
            scenario = _known(replace(entry.scenario, **changes))
            if scenario.transcript_id != transcript_id:
                raise ValueError("transcript_id cannot be changed: a transcript keeps its id")
            if scenario.created != entry.scenario.created:
                raise ValueError("created cannot be changed: a transcript keeps the moment of its creation")
            self._entries[transcript_id] = Entry(scenario, entry.created_at)
            for name in (TRANSCRIPT_FILE, PROVIDER_FILE):  # they are made anew
                dropped = self._files.pop((transcript_id, name), None)
                self._kept -= 0 if dropped is None else len(dropped.content)

    def find(self, transcript_id: uuid.UUID) -> Entry | None:
        return self._entries.get(transcript_id)

    def of_workspace(self, workspace: str) -> list[Entry]:
        with self._lock:
            entries = list(self._entries.values())
        return [entry for entry in entries if entry.scenario.workspace == workspace]

    def expected(self, transcript_id: uuid.UUID) -> Expected:
        """Return how a transcript ends; raises KeyError for an unknown id."""
        entry = self._entries[transcript_id]
        state = entry.at(END_OF_TIME)
        artifact = {} if state.is_missing else artifact_of(entry.scenario, entry.created_at, state)
        if not is_ever_done(entry.scenario):
            return Expected(artifact, None, None)
        transcript = self.file(entry, TRANSCRIPT_FILE).content
        provider_data = self.file(entry, PROVIDER_FILE).content if entry.scenario.has_provider_data else None
        return Expected(artifact, transcript, provider_data)

    def file(self, entry: Entry, name: str) -> StoredFile:
        """Return one of the two files of a transcript."""
        key = (entry.scenario.transcript_id, name)
        with self._lock:
            if key in self._files:
                self._files.move_to_end(key)
                return self._files[key]
        stored = _stored(self._written(entry, name))
        with self._lock:
            if self._entries[key[0]] is entry:  # it was not changed meanwhile
                self._keep(key, stored)
        return stored

    def _keep(self, key: tuple[uuid.UUID, str], stored: StoredFile) -> None:
        replaced = self._files.pop(key, None)
        self._kept += len(stored.content) - (0 if replaced is None else len(replaced.content))
        self._files[key] = stored
        while self._kept > _KEPT_BYTES and len(self._files) > 1:
            self._kept -= len(self._files.popitem(last=False)[1].content)

    def _written(self, entry: Entry, name: str) -> bytes:
        scenario = entry.scenario
        given = scenario.payload if name == TRANSCRIPT_FILE else scenario.provider_data
        if given is not None:
            return given
        return (_transcript_bytes if name == TRANSCRIPT_FILE else _provider_bytes)(entry, self._seed)


def _known(scenario: Scenario) -> Scenario:
    words: dict[str, tuple[str | None, Iterable[str]]] = {
        "provider": (scenario.provider, (*PROVIDER_KEYS, UNKNOWN_PROVIDER)),
        "topic": (scenario.topic, TOPICS),
        "hostile": (scenario.hostile, HOSTILE_KINDS),
    }
    for name, (word, known) in words.items():
        if word is not None and word not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, not {word!r}")
    return scenario


def _stored(content: bytes) -> StoredFile:
    return StoredFile(content, f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')


def _transcript_bytes(entry: Entry, seed: int) -> bytes:
    scenario = entry.scenario
    if scenario.is_empty:
        return b"[]"
    meeting = make_meeting(scenario, seed)
    elements = transcript_of(
        meeting, scenario.variant, _started_at(entry, meeting), scenario.provider == "meeting_captions"
    )
    if scenario.hostile is not None:
        return hostile_bytes(scenario.hostile, elements, scenario.size)
    return written(elements)


def _provider_bytes(entry: Entry, seed: int) -> bytes:
    scenario = entry.scenario
    hostile = hostile_provider_bytes(scenario.hostile, scenario.size) if scenario.hostile else None
    if hostile is not None:
        return hostile
    if scenario.is_empty:
        return written({"parts": []})
    name = str(scenario.transcript_id)
    config = config_of(scenario.provider, scenario.flavour)
    meeting = make_meeting(scenario, seed)
    began = _started_at(entry, meeting)
    return written(provider_file(meeting, scenario.provider, config, name, began, scenario.has_separate_streams))


def _started_at(entry: Entry, meeting: Meeting) -> float:
    """An async transcript is created after its meeting, the others when their recording starts."""
    return entry.created_at - meeting.seconds - 30 if entry.scenario.provider.endswith("_async") else entry.created_at
