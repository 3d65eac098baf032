"""What changed when: the ground truth for whoever measures how soon a client knows.

Nothing is recorded for it. The versions of a transcript say what was true at any moment, so all moments at which
something may have changed are compared with the one before.
"""

import hashlib
import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from recall_emulator.content import PROVIDER_FILE, TRANSCRIPT_FILE, StoredFile
from recall_emulator.documents import Json
from recall_emulator.entry import Entry, in_force
from recall_emulator.scenario import Scenario

Read = Callable[[Entry, str, bool], StoredFile]
NOT_CONTENT = frozenset(
    (
        "transcript_id", "workspace", "recording_id", "recording_metadata", "metadata", "created", "finishes_after",
        "end", "sub_code", "deleted_after", "expires_after", "relapses_after", "relapse_seconds", "has_provider_data",
        "is_stored", "download_link_delay", "provider_link_delay", "email_delay", "artifact", "faults",
    )
)  # fmt: skip
"""Fields of a scenario that do not change what is in its files."""


@dataclass(frozen=True)
class Change:
    """One thing that became true of a transcript at `at`, seconds since the epoch.

    what                 value
    status               the status code, "deleted" also where that is answered with 404; not_found before and after
    metadata             the new metadata of the transcript
    recording_metadata   that of its recording
    transcript_link, provider_link   whether the link is there
    transcript.json, provider_data.json   SHA-256 of the new content of that file, in hex

    At its creation only the status is told, and of the files only what differs from the first content.
    """

    at: float
    transcript_id: uuid.UUID
    recording_id: uuid.UUID
    what: str
    value: Json


def changes_of(versions: Sequence[Entry], now: float, read: Read) -> list[Change]:
    """Return the changes of a transcript until `now`, in order; `read` makes a file of an entry."""
    has_contents = _has_contents(versions)
    found: list[Change] = []
    before: dict[str, Json] = {"status": "not_found"}
    for moment in sorted(each for each in _moments(versions) if each <= now):
        entry = in_force(versions, moment)
        after = _view(entry, moment, read if has_contents else None)
        found.extend(
            Change(moment, entry.transcript_id, entry.recording_id, what, value)
            for what, value in after.items()
            if before.get(what, value) != value
        )
        before |= after
    return found


def _moments(versions: Sequence[Entry]) -> set[float]:
    moments = {entry.since for entry in versions if entry.since > -math.inf}
    for entry, following in zip(versions, [*versions[1:], None], strict=True):
        end = math.inf if following is None else following.since
        moments |= {moment for moment in entry.timeline.moments() if entry.since <= moment < end}
    return moments


def _has_contents(versions: Sequence[Entry]) -> bool:
    """Tell whether the files may have more than one content; to compare them costs the making of them."""
    kinds = [_content(entry.scenario) for entry in versions]
    return any(entry.scenario.email_delay for entry in versions) or any(kind != kinds[0] for kind in kinds)


def _content(scenario: Scenario) -> tuple[object, ...]:
    return tuple(getattr(scenario, each.name) for each in fields(scenario) if each.name not in NOT_CONTENT)


def _view(entry: Entry, now: float, read: Read | None) -> dict[str, Json]:
    """Return what can be seen of a transcript at a moment; of the files nothing without `read`."""
    state = entry.at(now)
    view: dict[str, Json] = {"status": state.code}
    if state.is_missing:
        return view
    metadata, recording_metadata = entry.scenario.metadata, entry.scenario.recording_metadata
    view |= {
        "metadata": None if metadata is None else dict(metadata),
        "recording_metadata": None if recording_metadata is None else dict(recording_metadata),
        "transcript_link": state.has_transcript_link,
        "provider_link": state.has_provider_link,
    }
    if read is not None and state.has_files:
        for name in (TRANSCRIPT_FILE, PROVIDER_FILE):
            content = read(entry, name, state.has_emails).content
            view[name] = hashlib.sha256(content).hexdigest()
    return view
