"""The provider file: a vendor's messages, each wrapped into a part."""

from collections.abc import Mapping

from recall_emulator.documents import Json
from recall_emulator.meeting import Meeting, Speaker, shifted
from recall_emulator.payload import participant_of
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors import VENDORS
from recall_emulator.vendors.speech import Audio, Message

_JOINS_AFTER = 0.25


def provider_file(
    meeting: Meeting, provider: str, config: Mapping[str, Json], name: str, started_at: float, is_separate: bool
) -> dict[str, Json]:
    """Return `{"parts": [...]}` for a meeting as a provider heard it.

    With separate streams every speaker is an audio of their own that begins later than the recording: the times in
    its messages count from source_audio.offset. An unknown provider sends nothing.
    """
    vendor = VENDORS.get(provider)
    if vendor is None or not meeting.turns:
        return {"parts": []}
    parts: list[dict[str, Json]] = []
    for source, audio in _audios(meeting, config, name, started_at, is_separate):
        for number, message in enumerate(vendor(audio)):
            parts.append(_part(audio, source, number, message))
    return {"parts": parts}


def _audios(
    meeting: Meeting, config: Mapping[str, Json], name: str, started_at: float, is_separate: bool
) -> list[tuple[dict[str, Json], Audio]]:
    if not is_separate:
        mixed = {"type": "mixed", "offset": 0.0, "participant": None}
        return [(mixed, Audio(name, started_at, meeting.seconds, meeting.turns, config, meeting.turns[0].language))]
    streams = []
    for speaker in meeting.speakers:
        turns = [turn for turn in meeting.turns if turn.speaker is speaker]
        if turns:
            offset = round(min(turns[0].start, _JOINS_AFTER * (speaker.number + 1)), 3)
            heard = tuple(shifted(turn, offset) for turn in turns)
            length = meeting.seconds - offset
            audio = Audio(f"{name}-{speaker.number}", started_at + offset, length, heard, config, turns[0].language)
            streams.append((_separate(speaker, offset), audio))
    return streams


def _separate(speaker: Speaker, offset: float) -> dict[str, Json]:
    return {"type": "separate", "offset": offset, "participant": participant_of(speaker, "3")}


def _part(audio: Audio, source: dict[str, Json], number: int, message: Message) -> dict[str, Json]:
    wrapped: dict[str, Json] = {"payload": message.payload}
    if message.kind == "http_response":
        wrapped = {"url": message.url, "status_code": message.status, "body": message.payload}
    elif message.kind == "websocket_message":
        wrapped = {"url": message.url, "event": message.event, "payload": message.payload}
    return {
        "id": str(audio.uuid("part", number)),
        "created_at": timestamp(audio.began_at + message.at),
        "source_audio": source,
        "type": message.kind,
        "data": wrapped,
    }
