"""The scenarios that were added, in all their versions, and their files."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recall_emulator.configs import PROVIDER_KEYS, UNKNOWN_PROVIDER
from recall_emulator.content import PROVIDER_FILE, TRANSCRIPT_FILE, StoredFile, make_file, started_at
from recall_emulator.corpus import TOPICS
from recall_emulator.entry import Entry, expiry_of, in_force
from recall_emulator.hostile import HOSTILE_KINDS
from recall_emulator.meeting import make_meeting
from recall_emulator.scenario import Scenario

_KEPT_BYTES = 128 * 2**20

_FileId = tuple[uuid.UUID, str, bool]


class UnknownIdError(KeyError):
    """No transcript or no recording (`what`) has this id, which is its argument."""

    def __init__(self, what: str, identity: uuid.UUID) -> None:
        super().__init__(identity)
        self.what = what


class TranscriptStore:
    """All scenarios. Their files are made when first asked for, and kept up to 128 MiB."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._versions: dict[uuid.UUID, list[Entry]] = {}
        self._recordings: dict[uuid.UUID, list[uuid.UUID]] = {}
        self._files: OrderedDict[_FileId, StoredFile] = OrderedDict()
        self._kept = 0
        self._lock = threading.Lock()

    def add(self, scenario: Scenario, now: float) -> Entry:
        """Add a scenario at `now`.

        Raises ValueError for an unknown provider, topic or hostile kind, a taken id, and a recording of another
        workspace.
        """
        created_at = round(now + scenario.created, 6)  # whole microseconds, as timestamps show them
        entry = Entry(_known(scenario), created_at)
        with self._lock:
            if scenario.transcript_id in self._versions:
                raise ValueError(f"transcript {scenario.transcript_id} was added already")
            others = self._recordings.setdefault(entry.recording_id, [])
            _refuse_mixed([entry, *(self._versions[each][-1] for each in others)])
            expires_at = self._versions[others[0]][-1].expires_at if others else expiry_of(entry)
            entry = replace(entry, expires_at=expires_at)
            others.append(entry.transcript_id)
            self._versions[entry.transcript_id] = [entry]
        return entry

    def change(
        self,
        transcript_id: uuid.UUID,
        changes: Mapping[str, Any],  # fields of a Scenario, each of its own type
        now: float,
    ) -> None:
        """Give a transcript other fields from `now` on; the moment of its creation and its recording stay.

        What is the recording's (its metadata and, of its first transcript, the retention) changes for all of its
        transcripts. Raises UnknownIdError, TypeError for a field that there is not, and ValueError like Scenario and
        add, and for another id, creation or recording.
        """
        with self._lock:
            entry = self.newest(transcript_id)
            changed = replace(entry, scenario=_known(replace(entry.scenario, **changes)))
            _refuse_another(changed, entry)
            others = {each: self._versions[each][-1] for each in self._recordings[entry.recording_id]}
            others[transcript_id] = changed
            _refuse_mixed(list(others.values()))
            expires_at = expiry_of(next(iter(others.values())))
            shared = {name: changes[name] for name in ("recording_metadata",) if name in changes}
            for other in others.values():
                scenario = replace(other.scenario, **shared) if shared else other.scenario
                self._put(replace(other, scenario=scenario, expires_at=expires_at), now)

    def delete(self, transcript_id: uuid.UUID, now: float) -> None:
        """Delete a transcript at `now`. Raises UnknownIdError."""
        with self._lock:
            entry = self.newest(transcript_id)
            self._put(replace(entry, deleted_at=min(entry.deleted_at, now)), now)

    def delete_recording(self, recording_id: uuid.UUID, now: float) -> None:
        """Delete a recording at `now`, and its transcripts with it. Raises UnknownIdError."""
        with self._lock:
            if recording_id not in self._recordings:
                raise UnknownIdError("recording", recording_id)
            for transcript_id in self._recordings[recording_id]:
                entry = self.newest(transcript_id)
                self._put(replace(entry, recording_deleted_at=min(entry.recording_deleted_at, now)), now)

    def _put(self, entry: Entry, now: float) -> None:
        """Add a version, unless the newest one is just like it."""
        versions = self._versions[entry.transcript_id]
        entry = replace(entry, since=versions[-1].since)
        if entry == versions[-1]:
            return
        versions.append(replace(entry, since=max(now, entry.since)))
        for name, has_emails in ((TRANSCRIPT_FILE, True), (TRANSCRIPT_FILE, False), (PROVIDER_FILE, True)):
            dropped = self._files.pop((entry.transcript_id, name, has_emails), None)  # it is made anew
            self._kept -= 0 if dropped is None else len(dropped.content)

    def newest(self, transcript_id: uuid.UUID) -> Entry:
        """Return the version of a transcript that is in force now. Raises UnknownIdError."""
        if (entry := self.find(transcript_id)) is None:
            raise UnknownIdError("transcript", transcript_id)
        return entry

    def find(self, transcript_id: uuid.UUID) -> Entry | None:
        versions = self._versions.get(transcript_id)
        return None if versions is None else versions[-1]

    def versions(self) -> list[tuple[Entry, ...]]:
        """Return the versions of each transcript, oldest first."""
        with self._lock:
            return [tuple(each) for each in self._versions.values()]

    def at(self, now: float) -> list[Entry]:
        """Return the version of each transcript that was in force at `now`."""
        with self._lock:
            return [in_force(each, now) for each in self._versions.values()]

    def of_recording(self, recording_id: uuid.UUID, workspace: str) -> list[Entry]:
        """Return the transcripts of a recording in the order in which they were added."""
        with self._lock:
            entries = [self._versions[each][-1] for each in self._recordings.get(recording_id, ())]
        return [entry for entry in entries if entry.scenario.workspace == workspace]

    def file(self, entry: Entry, name: str, has_emails: bool = True) -> StoredFile:
        """Return one of the two files of a transcript."""
        key = (entry.transcript_id, name, has_emails or name == PROVIDER_FILE)
        is_newest = self.find(entry.transcript_id) is entry
        with self._lock:
            if is_newest and key in self._files:
                self._files.move_to_end(key)
                return self._files[key]
        stored = make_file(entry, name, self._seed, has_emails)
        with self._lock:
            if self._versions[key[0]][-1] is entry:  # it was not changed meanwhile
                self._keep(key, stored)
        return stored

    def started_at(self, entry: Entry) -> float:
        """Return when the recording of a transcript began, in seconds since the epoch."""
        return started_at(entry, make_meeting(entry.scenario, self._seed))

    def _keep(self, key: _FileId, stored: StoredFile) -> None:
        replaced = self._files.pop(key, None)
        self._kept += len(stored.content) - (0 if replaced is None else len(replaced.content))
        self._files[key] = stored
        while self._kept > _KEPT_BYTES and len(self._files) > 1:
            self._kept -= len(self._files.popitem(last=False)[1].content)


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


def _refuse_another(changed: Entry, entry: Entry) -> None:
    if changed.transcript_id != entry.transcript_id:
        raise ValueError("transcript_id cannot be changed: a transcript keeps its id")
    if changed.scenario.created != entry.scenario.created:
        raise ValueError("created cannot be changed: a transcript keeps the moment of its creation")
    if changed.recording_id != entry.recording_id:
        raise ValueError("recording_id cannot be changed: a transcript keeps its recording")


def _refuse_mixed(entries: Sequence[Entry]) -> None:
    """Raise ValueError where these transcripts of one recording are not of one workspace."""
    if len({entry.scenario.workspace for entry in entries}) > 1:
        raise ValueError(f"recording {entries[0].recording_id} has transcripts of another workspace")
