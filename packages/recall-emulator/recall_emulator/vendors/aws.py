"""AWS Transcribe: numbers as strings in the batch form, PascalCase in the live one."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.vendors.speech import Audio, Message, answered, bare, growing, joined, streamed

_LIVE = "wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket"


def whole(audio: Audio) -> list[Message]:
    """Return the transcript file of a batch job."""
    job = f"recall-{audio.uuid('job')}"
    segments = [_segment(turn) for turn in audio.turns]
    speakers = {turn.speaker.number for turn in audio.turns}
    body = {
        "jobName": job,
        "accountId": "000000000000",
        "status": "COMPLETED",
        "results": {
            "transcripts": [{"transcript": audio.text}],
            "speaker_labels": {"segments": segments, "channel_label": "ch_0", "speakers": len(speakers)},
            "items": [item for turn in audio.turns for item in _batch_items(audio, turn)],
        },
    }
    return [answered(f"https://s3.us-east-1.amazonaws.com/transcripts/{job}.json", body, audio.seconds + 120)]


def _segment(turn: Turn) -> dict[str, Json]:
    label = _label(turn)
    items = [{"speaker_label": label, "start_time": str(w.start), "end_time": str(w.end)} for w in turn.words]
    return {"start_time": str(turn.start), "end_time": str(turn.end), "speaker_label": label, "items": items}


def _label(turn: Turn) -> str:
    return f"spk_{turn.speaker.number}"


def _batch_items(audio: Audio, turn: Turn) -> list[dict[str, Json]]:
    items: list[dict[str, Json]] = []
    for word in turn.words:
        letters, marks = bare(word)
        said = [{"confidence": str(audio.confidence(word)), "content": letters}]
        timed = {"type": "pronunciation", "start_time": str(word.start), "end_time": str(word.end)}
        items.append(timed | {"alternatives": said, "speaker_label": _label(turn)})
        if marks:
            pause = [{"confidence": "0.0", "content": marks}]
            items.append({"type": "punctuation", "alternatives": pause, "speaker_label": _label(turn)})
    return items


def streaming(audio: Audio) -> list[Message]:
    """Return transcript events; the partials share the ResultId of their final."""
    messages = []
    for number, turn in enumerate(audio.turns):
        result_id = str(audio.uuid("result", number))
        for words, is_final in growing(turn):
            result = {
                "ResultId": result_id,
                "StartTime": words[0].start,
                "EndTime": words[-1].end,
                "IsPartial": not is_final,
                "Alternatives": [{"Transcript": joined(words), "Items": _live_items(audio, turn, words, is_final)}],
                "ChannelId": "ch_0",
            }
            messages.append(streamed(_LIVE, {"Transcript": {"Results": [result]}}, words[-1].end))
    return messages


def _live_items(audio: Audio, turn: Turn, words: tuple[Word, ...], is_final: bool) -> list[dict[str, Json]]:
    items: list[dict[str, Json]] = []
    for word in words:
        letters, marks = bare(word)
        shared = {"Speaker": str(turn.speaker.number), "VocabularyFilterMatch": False, "Stable": is_final}
        timed = {"StartTime": word.start, "EndTime": word.end, "Type": "pronunciation", "Content": letters}
        items.append(timed | {"Confidence": audio.confidence(word)} | shared)
        if marks:
            pause = {"StartTime": word.end, "EndTime": word.end, "Type": "punctuation", "Content": marks}
            items.append(pause | {"Confidence": None} | shared)
    return items
