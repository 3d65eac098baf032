"""What the routes of one transcript and of one recording answer: GET, PATCH and DELETE."""

import json
import time
import uuid

from recall_emulator.documents import Json
from recall_emulator.http1 import Answer, Call, json_answer
from recall_emulator.links import linked_artifact
from recall_emulator.recording import recording_code, recording_document
from recall_emulator.state import State

NOT_FOUND_ANSWER = json_answer(404, {"detail": "Not found."})
_NO_CONTENT = Answer(204)
_LONGEST_VALUE = 500


class RefusedBodyError(ValueError):
    """The body of a PATCH cannot be used; its argument is the document of the 400."""


def transcript_answer(state: State, workspace: str, transcript_id: uuid.UUID, call: Call) -> Answer:
    """Show a transcript, change its metadata or delete it."""
    if state.visible(transcript_id, workspace, call.at) is None:
        return NOT_FOUND_ANSWER
    if call.method == "DELETE":
        state.store.delete(transcript_id, time.time())
        return _NO_CONTENT
    if call.method == "PATCH":
        changes = _changes(call, "metadata")
        state.store.change(transcript_id, changes, time.time())
    entry = state.store.newest(transcript_id)
    return json_answer(200, linked_artifact(state, entry, call.at))


def recording_answer(state: State, workspace: str, recording_id: uuid.UUID, call: Call) -> Answer:
    """Show a recording, change its metadata, or delete it with its transcripts."""
    entries = state.store.of_recording(recording_id, workspace)
    if not entries or entries[0].created_at > call.at or not state.shows(recording_code(entries[0], call.at)):
        return NOT_FOUND_ANSWER
    if call.method == "DELETE":
        state.store.delete_recording(recording_id, time.time())
        return _NO_CONTENT
    if call.method == "PATCH":
        changes = _changes(call, "recording_metadata")
        state.store.change(entries[0].transcript_id, changes, time.time())
        entries = state.store.of_recording(recording_id, workspace)
    return json_answer(200, recording_document(state, entries, call.at))


def _changes(call: Call, field: str) -> dict[str, Json]:
    """Read a PATCH, which may hold `metadata` and nothing else that counts; return the change as `field`."""
    try:
        document = json.loads(call.body or b"{}")
    except (ValueError, RecursionError):
        raise RefusedBodyError({"detail": "JSON parse error"}) from None
    if not isinstance(document, dict):
        told = f"Invalid data. Expected a dictionary, but got {type(document).__name__}."
        raise RefusedBodyError({"non_field_errors": [told]})
    if "metadata" not in document:
        return {}
    if wrong := _wrong_in(document["metadata"]):
        raise RefusedBodyError({"metadata": wrong})
    return {field: document["metadata"]}


def _wrong_in(metadata: Json) -> Json:
    """Return what is wrong with metadata: sentences about it or about its keys; empty where it can be taken."""
    if metadata is None:
        return ["This field may not be null."]
    if not isinstance(metadata, dict):
        return [f'Expected a dictionary of items but got type "{type(metadata).__name__}".']
    wrong: dict[str, Json] = {}
    for key, value in metadata.items():
        if value is not None and not isinstance(value, str):
            wrong[key] = ["Not a valid string."]
        elif value is not None and len(value) > _LONGEST_VALUE:
            wrong[key] = [f"Ensure this field has no more than {_LONGEST_VALUE} characters."]
    return wrong
