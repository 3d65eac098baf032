"""The bytes of the two files of a transcript."""

import hashlib
from dataclasses import dataclass, replace

from recall_emulator.configs import config_of
from recall_emulator.entry import Entry
from recall_emulator.envelope import provider_file
from recall_emulator.hostile import hostile_bytes, hostile_provider_bytes
from recall_emulator.meeting import Meeting, make_meeting
from recall_emulator.payload import transcript_of, written

TRANSCRIPT_FILE = "transcript.json"
PROVIDER_FILE = "provider_data.json"


@dataclass(frozen=True)
class StoredFile:
    """A file's bytes and its ETag, quotes included."""

    content: bytes
    etag: str


def make_file(entry: Entry, name: str, seed: int, has_emails: bool) -> StoredFile:
    """Make one of the two files; without e-mails those of the transcript file's participants are null."""
    content = _transcript_bytes(entry, seed, has_emails) if name == TRANSCRIPT_FILE else _provider_bytes(entry, seed)
    return StoredFile(content, f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')


def started_at(entry: Entry, meeting: Meeting) -> float:
    """An async transcript is created after its meeting, the others when their recording starts."""
    return entry.created_at - meeting.seconds - 30 if entry.scenario.provider.endswith("_async") else entry.created_at


def _transcript_bytes(entry: Entry, seed: int, has_emails: bool) -> bytes:
    scenario = entry.scenario
    if scenario.payload is not None:
        return scenario.payload
    if scenario.is_empty:
        return b"[]"
    meeting = make_meeting(scenario, seed)
    shown = meeting if has_emails else _without_emails(meeting)
    elements = transcript_of(
        shown, scenario.variant, started_at(entry, meeting), scenario.provider == "meeting_captions"
    )
    if scenario.hostile is not None:
        return hostile_bytes(scenario.hostile, elements, scenario.size)
    return written(elements)


def _without_emails(meeting: Meeting) -> Meeting:
    turns = (replace(turn, speaker=replace(turn.speaker, email=None)) for turn in meeting.turns)
    return replace(meeting, turns=tuple(turns))


def _provider_bytes(entry: Entry, seed: int) -> bytes:
    scenario = entry.scenario
    if scenario.provider_data is not None:
        return scenario.provider_data
    hostile = hostile_provider_bytes(scenario.hostile, scenario.size) if scenario.hostile else None
    if hostile is not None:
        return hostile
    if scenario.is_empty:
        return written({"parts": []})
    name = str(scenario.transcript_id)
    config = config_of(scenario.provider, scenario.flavour)
    meeting = make_meeting(scenario, seed)
    began = started_at(entry, meeting)
    return written(provider_file(meeting, scenario.provider, config, name, began, scenario.has_separate_streams))
