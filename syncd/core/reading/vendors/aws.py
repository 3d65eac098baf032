"""AWS Transcribe: items, some of them punctuation. Batch files write numbers as text, live messages capitalise."""

from collections.abc import Iterator
from typing import Any

from syncd.core.reading.vendors.heard import REFUSED, Answer, Joins, Message, Said, Token, whole
from syncd.core.reading.vendors.values import channel, child, confidence, key, label, objects, pick, seconds, text

_OPENING = frozenset("¿¡")
Labels = dict[tuple[Any, ...], Any]


def read(message: Message) -> Answer:
    """The words of a batch file or of a live event."""
    results = message.get("results")
    if "items" in message and "transcripts" in message:
        results = message
    if isinstance(results, dict) and results.keys() & {"items", "channel_labels", "transcripts"}:
        return _batch(message, results)
    live = pick(pick(message, "Transcript", "transcript"), "Results", "results")
    if isinstance(live, list) and _is_live(live):
        return tuple(_result(result) for result in objects(live))
    is_job = "TranscriptionJob" in message or "TranscriptionJobStatus" in message
    if is_job or (message.get("jobName") and "status" in message):
        return REFUSED if "FAILED" in (message.get("status"), _job_status(message)) else ()
    return None


def _job_status(message: Message) -> Any:
    return pick(message, "TranscriptionJobStatus") or child(message, "TranscriptionJob", "TranscriptionJobStatus")


def _batch(message: Message, results: dict[str, Any]) -> Answer:
    channels = objects(child(results, "channel_labels", "channels"))
    items = objects(results.get("items"))
    if items:
        speakers, lines = _labels_of_segments(results), _labels_of_channels(channels)
        tokens = [token for item in items if (token := _item(item, speakers, lines))]
    else:
        tokens = [token for line in channels for token in _of_channel(line, _labels_of_segments(results))]
    if not tokens and not items and not channels:
        tokens = [
            Token(said) for told in objects(results.get("transcripts")) if (said := text(told.get("transcript")))
        ]
    return whole(tokens, key(message.get("jobName")), channel_count=len(channels))


def _of_channel(line: dict[str, Any], speakers: Labels) -> Iterator[Token]:
    for item in objects(line.get("items")):
        token = _item({"channel_label": line.get("channel_label")} | item, speakers, {})
        if token:
            yield token


def _labels_of_segments(results: dict[str, Any]) -> Labels:
    """Older files name the speaker of an item only here, by its times."""
    found: Labels = {}
    for segment in objects(child(results, "speaker_labels", "segments")):
        for item in objects(segment.get("items")):
            found.setdefault(_times(item), pick(item, "speaker_label") or segment.get("speaker_label"))
    return found


def _labels_of_channels(channels: list[dict[str, Any]]) -> Labels:
    found: Labels = {}
    for line in channels:
        for item in objects(line.get("items")):
            found.setdefault((*_times(item), _content(item)), line.get("channel_label"))
    return found


def _times(item: dict[str, Any]) -> tuple[Any, Any]:
    return seconds(item.get("start_time")), seconds(item.get("end_time"))


def _content(item: dict[str, Any]) -> str | None:
    return text(child(next(iter(objects(item.get("alternatives"))), {}), "content"))


def _item(item: dict[str, Any], speakers: Labels, lines: Labels) -> Token | None:
    said, times = _content(item), _times(item)
    if said is None:
        return None
    line = pick(item, "channel_label") or lines.get((*times, said))
    if item.get("type") == "punctuation":
        return Token(said, channel=channel(line), joins=_joins(said))
    best = next(iter(objects(item.get("alternatives"))), {})
    who = label(pick(item, "speaker_label")) or label(speakers.get(times))
    return Token(said, *times, confidence(best.get("confidence")), who, channel(line))


def _joins(mark: str) -> Joins:
    return Joins.NEXT if mark in _OPENING else Joins.PREVIOUS


def _is_live(results: list[Any]) -> bool:
    """Google has results in a transcript, too, but no items."""
    return all(pick(result, "ResultId", "result_id", "IsPartial", "is_partial") is not None for result in results)


def _result(result: dict[str, Any]) -> Said:
    """A result grows under one id until it is final."""
    best = next(iter(objects(pick(result, "Alternatives", "alternatives"))), {})
    line = channel(pick(result, "ChannelId", "channel_id"))
    items = objects(pick(best, "Items", "items"))
    tokens = [token for item in items if (token := _live_item(item, line))]
    if not items and (phrase := text(pick(best, "Transcript", "transcript"))):
        start_s = seconds(pick(result, "StartTime", "start_time"))
        tokens = [Token(phrase, start_s, seconds(pick(result, "EndTime", "end_time")), channel=line)]
    is_final = pick(result, "IsPartial", "is_partial") is not True
    result_id = key(pick(result, "ResultId", "result_id"))
    name = ("result", result_id) if is_final and result_id is not None else None
    return Said(tokens, is_final, known_as=name, replaces=name)


def _live_item(item: dict[str, Any], line: str | None) -> Token | None:
    said = text(pick(item, "Content", "content"))
    if said is None:
        return None
    if pick(item, "Type", "type", "item_type") == "punctuation":
        return Token(said, channel=line, joins=_joins(said))
    return Token(
        said,
        seconds(pick(item, "StartTime", "start_time")),
        seconds(pick(item, "EndTime", "end_time")),
        confidence(pick(item, "Confidence", "confidence")),
        label(pick(item, "Speaker", "speaker")),
        line,
    )
