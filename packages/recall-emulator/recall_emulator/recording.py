"""The recording around transcripts, as its own route answers it."""

from recall_emulator.documents import Json
from recall_emulator.entry import Entry, recorded_at
from recall_emulator.links import linked_artifact
from recall_emulator.seeded import seeded_uuid
from recall_emulator.state import State
from recall_emulator.timeline import DELETED, END_OF_TIME
from recall_emulator.timestamps import timestamp

_OTHER_MEDIA = ("video_mixed", "participant_events", "meeting_metadata", "audio_mixed")


def recording_document(state: State, entries: list[Entry], now: float) -> dict[str, Json]:
    """Return the recording of some transcripts at `now`; what it says follows from the one that was added first.

    Of its media only the transcript is there, in the form without `recording`. expires_at is null where the recording
    never expires, and before it is known.
    """
    first = entries[0]
    metadata = first.scenario.recording_metadata
    begun, done = state.store.started_at(first), recorded_at(first)
    return {
        "id": str(first.recording_id),
        "created_at": timestamp(begun),
        "started_at": timestamp(begun),
        "completed_at": timestamp(done) if done <= now else None,
        "expires_at": None if first.expires_at == END_OF_TIME else timestamp(first.expires_at),
        "status": _status(first, now),
        "bot": {"id": str(seeded_uuid("bot", first.recording_id)), "metadata": {}},
        "desktop_sdk_upload": None,
        "realtime_endpoints": [],
        "metadata": {} if metadata is None else dict(metadata),
        "media_shortcuts": dict.fromkeys(_OTHER_MEDIA) | {"transcript": _shortcut(state, first, now)},
    }


def recording_code(first: Entry, now: float) -> str:
    """Return the status code of a recording: processing, done or deleted."""
    if first.recording_gone_at <= now:
        return DELETED
    return "done" if recorded_at(first) <= now else "processing"


def _status(first: Entry, now: float) -> dict[str, Json]:
    code = recording_code(first, now)
    since = {DELETED: first.recording_gone_at, "done": recorded_at(first)}.get(code, first.created_at)
    return {"code": code, "sub_code": None, "updated_at": timestamp(since)}


def _shortcut(state: State, first: Entry, now: float) -> dict[str, Json] | None:
    if not state.is_shown(first.at(now)):
        return None
    artifact = linked_artifact(state, first, now)
    return {name: value for name, value in artifact.items() if name != "recording"}
