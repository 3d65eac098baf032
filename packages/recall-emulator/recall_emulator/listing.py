"""The list: filters, order, and pages by cursor."""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from recall_emulator.entry import Entry
from recall_emulator.fault_injection import ChosenFault
from recall_emulator.http1 import Answer, Call, json_answer
from recall_emulator.links import linked_artifact
from recall_emulator.options import Bounds, EmulatorOptions, PageOrder
from recall_emulator.state import State

LIST_PATH = "/api/v1/transcript/"
_STATUS_CODES = ("done", "failed", "processing")
_END_OF_MICROSECONDS = 10**17
_BEFORE_ALL = "!"


class BadFilterError(ValueError):
    """A filter cannot be understood; the two words are the query's field and the sentence about it."""


@dataclass(frozen=True)
class Cursor:
    """A point between two entries: everything after `position`, or before it where it is reversed."""

    position: str
    is_reversed: bool = False


@dataclass(frozen=True)
class Page:
    """One page, and the cursors of its neighbours."""

    entries: list[Entry]
    next: Cursor | None
    previous: Cursor | None


def list_answer(state: State, workspace: str, call: Call, api_url: str, fault: ChosenFault | None) -> Answer:
    """Answer a list call of a workspace: as a fault has it, with what was true before or with what is of others."""
    query = dict(parse_qsl(call.query, keep_blank_values=True))
    kind = None if fault is None else fault.kind
    stale = 0.0 if fault is None or kind != "stale_page" else fault.faults.stale_seconds
    lag = max(state.options.list_lag_seconds, stale)
    entries = [
        entry
        for entry in state.store.at(call.at - lag)
        if (entry.scenario.workspace == workspace) is not (kind == "foreign_page")
    ]
    try:
        found = _filtered(state, entries, query, call.at - lag)
    except BadFilterError as error:
        field, sentence = error.args
        return json_answer(400, {field: [sentence]})
    try:
        cursor = _read_cursor(query.get("cursor"))
    except ValueError:
        return json_answer(404, {"detail": "Invalid cursor"})
    page = _page(found, state.options, cursor)
    origin = state.options.foreign_next or api_url
    following = cursor or Cursor(_BEFORE_ALL) if state.options.has_looping_next else page.next
    document = {
        "next": _page_url(origin, query, following),
        "previous": _page_url(api_url, query, page.previous),
        "results": [linked_artifact(state, entry, call.at, lag) for entry in page.entries],
    }
    return json_answer(200, document)


def _filtered(state: State, entries: list[Entry], query: Mapping[str, str], now: float) -> list[Entry]:
    after, before = _moment(query, "created_at_after"), _moment(query, "created_at_before")
    recording, code = _recording(query), _status_code(query)
    return [
        entry
        for entry in entries
        if _is_between(after, entry.created_at, before, state.options.list_bounds)
        and (recording is None or entry.recording_id == recording)
        and state.is_shown(then := entry.at(now), is_listed=True)
        and code in (None, then.code)
    ]


def _is_between(after: float | None, created_at: float, before: float | None, bounds: Bounds) -> bool:
    if bounds == "exclusive" and created_at in (after, before):
        return False
    return (after is None or created_at >= after) and (before is None or created_at <= before)


def _moment(query: Mapping[str, str], field: str) -> float | None:
    if not (text := query.get(field)):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadFilterError(field, "Enter a valid date/time.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _recording(query: Mapping[str, str]) -> uuid.UUID | None:
    if not (text := query.get("recording_id")):
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadFilterError("recording_id", "Enter a valid UUID.") from None


def _status_code(query: Mapping[str, str]) -> str | None:
    code = query.get("status_code") or None
    if code is not None and code not in _STATUS_CODES:
        sentence = f"Select a valid choice. {code} is not one of the available choices."
        raise BadFilterError("status_code", sentence)
    return code


def _page(found: list[Entry], options: EmulatorOptions, cursor: Cursor | None) -> Page:
    ordered = sorted((_position(entry, options.page_order), entry) for entry in found)
    positions = [position for position, _ in ordered]
    if cursor is None:
        begin = 0
    elif cursor.is_reversed:
        begin = max(0, sum(position < cursor.position for position in positions) - options.page_size)
    else:
        begin = sum(position <= cursor.position for position in positions)
    end = min(begin + options.page_size, len(positions))
    if cursor is not None and cursor.is_reversed:
        end = min(end, sum(position < cursor.position for position in positions))
    following = Cursor(positions[end - 1]) if begin < end < len(positions) else None
    preceding = Cursor(positions[begin], is_reversed=True) if 0 < begin < end else None
    return Page([entry for _, entry in ordered[begin:end]], following, preceding)


def _position(entry: Entry, order: PageOrder) -> str:
    identity = str(entry.scenario.transcript_id)
    if order == "random":
        return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()
    microseconds = round(entry.created_at * 1e6)
    counted = _END_OF_MICROSECONDS - microseconds if order == "newest" else microseconds
    return f"{counted:018d}/{identity}"


def _read_cursor(text: str | None) -> Cursor | None:
    if not text:
        return None
    try:
        fields = dict(parse_qsl(base64.b64decode(text, validate=True).decode()))
        return Cursor(fields["p"], fields.get("r") == "1")
    except (binascii.Error, UnicodeDecodeError, KeyError) as error:
        raise ValueError("invalid cursor") from error


def _page_url(origin: str, query: Mapping[str, str], cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    fields = {"r": "1", "p": cursor.position} if cursor.is_reversed else {"p": cursor.position}
    opaque = base64.b64encode(urlencode(fields).encode()).decode()
    return f"{origin}{LIST_PATH}?{urlencode({**query, 'cursor': opaque})}"
