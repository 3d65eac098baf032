"""AWS Transcribe: `{"jobName", "results": {"items": [{"type", "start_time", "alternatives": [{"content"}]}]}}`.

Punctuation is an item of its own without times. Finished files write numbers as text; live messages are
`{"Transcript": {"Results": [{"ResultId", "IsPartial", "Alternatives": [{"Items": []}]}]}}`.
Source: https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html and the API reference of its streaming.
"""

from collections.abc import Iterator
from functools import cache

from syncd.core.reading.document import Json
from syncd.core.reading.values import channel, child, confidence, key, label, objects, pick, seconds, stripped
from syncd.core.reading.vendors.heard import (
    RECEIPT,
    REFUSED,
    UNREAD,
    Answer,
    Attaches,
    Message,
    Statement,
    Token,
    finished_transcript,
    names,
)

OPENING = frozenset("¿¡")
Labels = dict[tuple[Json, ...], Json]


def read_message(message: Message) -> Answer:
    """The words of a batch file or of a live event."""
    results = message.get("results")
    if "items" in message and "transcripts" in message:
        results = message
    if isinstance(results, dict) and results.keys() & {"items", "channel_labels", "transcripts"}:
        return _batch(message, results)
    live = _member(_member(message, "transcript"), "results")
    if isinstance(live, list) and _is_live(live):
        return tuple(_result(result) for result in objects(live))
    is_job = "TranscriptionJob" in message or "TranscriptionJobStatus" in message
    if message.get("results"):
        return None
    if is_job or (message.get("jobName") and "status" in message):
        return REFUSED if "FAILED" in (message.get("status"), _job_status(message)) else RECEIPT
    return None


def _job_status(message: Message) -> Json:
    return pick(message, "TranscriptionJobStatus") or child(message, "TranscriptionJob", "TranscriptionJobStatus")


def _batch(message: Message, results: dict[str, Json]) -> Answer:
    channels = objects(child(results, "channel_labels", "channels"))
    items = objects(results.get("items"))
    if items:
        speakers, lines = _labels_of_segments(results), _labels_of_channels(channels)
        tokens = list(_of_all_channels(items, speakers, lines))
    else:
        tokens = [token for line in channels for token in _of_channel(line, _labels_of_segments(results))]
    if not tokens and not items and not channels:
        tokens = [
            Token(said) for told in objects(results.get("transcripts")) if (said := stripped(told.get("transcript")))
        ]
    return finished_transcript(tokens, key(message.get("jobName")), channel_count=len(channels))


def _of_all_channels(items: list[dict[str, Json]], speakers: Labels, lines: Labels) -> Iterator[Token]:
    """Where items do not name their channel, a word's is known by its times, and a mark stands behind its word."""
    line = None
    for item in items:
        told = pick(item, "channel_label")
        if told is not None or item.get("type") != "punctuation":
            line = told or lines.get((*_times(item), _content(item)))
        token = _item(item | {"channel_label": line}, speakers)
        if token:
            yield token


def _of_channel(line: dict[str, Json], speakers: Labels) -> Iterator[Token]:
    for item in objects(line.get("items")):
        token = _item({"channel_label": line.get("channel_label")} | item, speakers)
        if token:
            yield token


def _labels_of_segments(results: dict[str, Json]) -> Labels:
    """Older files name the speaker of an item only here, by its times."""
    found: Labels = {}
    for segment in objects(child(results, "speaker_labels", "segments")):
        for item in objects(segment.get("items")):
            found.setdefault(_times(item), pick(item, "speaker_label") or segment.get("speaker_label"))
    return found


def _labels_of_channels(channels: list[dict[str, Json]]) -> Labels:
    found: Labels = {}
    for line in channels:
        for item in objects(line.get("items")):
            found.setdefault((*_times(item), _content(item)), line.get("channel_label"))
    return found


def _times(item: dict[str, Json]) -> tuple[Json, Json]:
    return seconds(item.get("start_time")), seconds(item.get("end_time"))


def _content(item: dict[str, Json]) -> str | None:
    return stripped(child(next(iter(objects(item.get("alternatives"))), {}), "content"))


def _item(item: dict[str, Json], speakers: Labels) -> Token | None:
    said, times = _content(item), _times(item)
    if said is None:
        return None
    line = item.get("channel_label")
    if item.get("type") == "punctuation":
        return Token(said, channel=channel(line), attaches=_attaches(said))
    best = next(iter(objects(item.get("alternatives"))), {})
    who = label(pick(item, "speaker_label")) or label(speakers.get(times))
    return Token(said, *times, confidence(best.get("confidence")), who, channel(line))


def _attaches(mark: str) -> Attaches:
    return Attaches.NEXT if mark in OPENING else Attaches.PREVIOUS


def _member(value: Json, name: str) -> Json:
    """What a live message has under a name: the service writes StartTime, client libraries also the other two."""
    if not isinstance(value, dict):
        return None
    pascal, *others = _spellings(name)
    found = value.get(pascal)
    return pick(value, *others) if found is None else found


@cache
def _spellings(name: str) -> tuple[str, str, str]:
    pascal = "".join(part.capitalize() for part in name.split("_"))
    return pascal, name, pascal[0].lower() + pascal[1:]


def _is_live(results: list[Json]) -> bool:
    """Google has results in a transcript, too, but no items."""
    return all(
        _member(result, "result_id") is not None or _member(result, "is_partial") is not None for result in results
    )


def _result(result: dict[str, Json]) -> Statement:
    """A result grows under one id until it is final."""
    best = next(iter(objects(_member(result, "alternatives"))), {})
    line = channel(_member(result, "channel_id"))
    items = objects(_member(best, "items"))
    tokens = [token for item in items if (token := _live_item(item, line))]
    if not items and (phrase := stripped(_member(best, "transcript"))):
        start_s = seconds(_member(result, "start_time"))
        tokens = [Token(phrase, start_s, seconds(_member(result, "end_time")), channel=line)]
    note = UNREAD if _member(result, "alternatives") is None else None
    is_final = _member(result, "is_partial") is not True
    name = names("result", key(_member(result, "result_id"))) if is_final else ()
    return Statement(tokens, is_final, known_as=name, replaces=name, note=note)


def _live_item(item: dict[str, Json], line: str | None) -> Token | None:
    said = stripped(_member(item, "content"))
    if said is None:
        return None
    if (_member(item, "type") or item.get("item_type")) == "punctuation":
        return Token(said, channel=line, attaches=_attaches(said))
    return Token(
        said,
        seconds(_member(item, "start_time")),
        seconds(_member(item, "end_time")),
        confidence(_member(item, "confidence")),
        label(_member(item, "speaker")),
        line,
    )
