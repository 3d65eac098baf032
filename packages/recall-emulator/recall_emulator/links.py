"""From an entry to its two presigned URLs, and from a path back to the entry's file."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from recall_emulator.artifact import Links, artifact_of
from recall_emulator.seeded import drawn_uuid
from recall_emulator.state import Scene
from recall_emulator.store import PROVIDER_FILE, TRANSCRIPT_FILE, Entry

_PATH = re.compile(
    r"^/_workspace-[0-9a-f-]{36}/recordings/[0-9a-f-]{36}/transcript/([0-9a-f-]{36})/(transcript|provider_data)\.json$"
)


@dataclass(frozen=True)
class Place:
    """A file's place in the store."""

    transcript_id: uuid.UUID
    name: str


def place_of(path: str) -> Place | None:
    """Return the place that a path of the file store names, None where it names none."""
    match = _PATH.match(path)
    return Place(uuid.UUID(match[1]), f"{match[2]}.json") if match else None


def linked_artifact(scene: Scene, entry: Entry, now: float, lag: float = 0.0) -> dict[str, Any]:
    """Return the artifact of an entry `lag` seconds before `now`; the URLs that its state has are signed at `now`."""
    state = entry.at(now - lag)
    links = Links(
        _link(scene, entry, TRANSCRIPT_FILE, now) if state.has_transcript_link else None,
        _link(scene, entry, PROVIDER_FILE, now) if state.has_provider_link else None,
    )
    return artifact_of(entry.script, entry.born, state, links)


def _link(scene: Scene, entry: Entry, name: str, now: float) -> str:
    script = entry.script
    workspace = drawn_uuid("workspace", script.workspace)
    path = f"/_workspace-{workspace}/recordings/{entry.recording_id}/transcript/{script.transcript_id}/{name}"
    return f"{scene.files_url}{path}?{scene.signer.query(path, int(now + scene.options.link_seconds))}"
