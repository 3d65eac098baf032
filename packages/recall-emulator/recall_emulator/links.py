"""From an entry to its two presigned URLs, and from a path back to the entry's file."""

import re
import uuid
from dataclasses import dataclass

from recall_emulator.artifact import Links, artifact_of
from recall_emulator.content import PROVIDER_FILE, TRANSCRIPT_FILE
from recall_emulator.documents import Json
from recall_emulator.entry import Entry
from recall_emulator.seeded import seeded_uuid
from recall_emulator.state import State

_PATH = re.compile(
    r"^/_workspace-[0-9a-f-]{36}/recordings/[0-9a-f-]{36}/transcript/([0-9a-f-]{36})/(transcript|provider_data)\.json$"
)


@dataclass(frozen=True)
class FileKey:
    """Which file of which transcript a key of the file store names."""

    transcript_id: uuid.UUID
    name: str


def file_key_of(path: str) -> FileKey | None:
    """Return the file that a path of the file store names, None where it names none."""
    match = _PATH.match(path)
    return FileKey(uuid.UUID(match[1]), f"{match[2]}.json") if match else None


def linked_artifact(state: State, entry: Entry, now: float, lag: float = 0.0) -> dict[str, Json]:
    """Return the artifact of an entry `lag` seconds before `now`; the URLs that its state has are signed at `now`."""
    then = entry.at(now - lag)
    links = Links(
        _link(state, entry, TRANSCRIPT_FILE, now) if then.has_transcript_link else None,
        _link(state, entry, PROVIDER_FILE, now) if then.has_provider_link else None,
    )
    return artifact_of(entry, then, links)


def _link(state: State, entry: Entry, name: str, now: float) -> str:
    scenario = entry.scenario
    workspace = seeded_uuid("workspace", scenario.workspace)
    path = f"/_workspace-{workspace}/recordings/{entry.recording_id}/transcript/{scenario.transcript_id}/{name}"
    return f"{state.files_url}{path}?{state.signer.query(path, int(now + state.options.link_seconds))}"
