"""Rev: monologues of elements; punctuation, single spaces too, stands by itself and has no time."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import Audio, Message, answered, bare, called_back, growing, streamed

_API = "https://api.rev.ai/speechtotext/v1/jobs"
_LIVE = "wss://api.rev.ai/speechtotext/v1/stream?content_type=audio/x-raw"


def whole(audio: Audio) -> list[Message]:
    """Return the webhook about the job, then the transcript."""
    job = str(audio.uuid("job"))[:16]
    ended = timestamp(audio.began_at + audio.seconds + 60, 3)
    notice = {"id": job, "status": "transcribed", "type": "async", "language": audio.language, "completed_on": ended}
    monologues = [{"speaker": turn.speaker.number, "elements": _elements(audio, turn.words)} for turn in audio.turns]
    return [
        called_back({"job": notice | {"duration_seconds": round(audio.seconds, 2)}}, audio.seconds + 60),
        answered(f"{_API}/{job}/transcript", {"monologues": monologues}, audio.seconds + 61),
    ]


def streaming(audio: Audio) -> list[Message]:
    """Return connected, then partial and final hypotheses."""
    messages = [streamed(_LIVE, {"type": "connected", "id": str(audio.uuid("stream"))[:20]}, 0.0)]
    for turn in audio.turns:
        for words, is_final in growing(turn):
            elements = _elements(audio, words) if is_final else [_guess(word) for word in words]
            heard = {"type": "final" if is_final else "partial", "ts": words[0].start, "end_ts": words[-1].end}
            messages.append(streamed(_LIVE, heard | {"elements": elements}, words[-1].end))
    return messages


def _guess(word: Word) -> dict[str, Json]:
    return {"type": "text", "value": bare(word)[0].lower()}


def _elements(audio: Audio, words: tuple[Word, ...]) -> list[dict[str, Json]]:
    elements: list[dict[str, Json]] = []
    for word in words:
        if elements:
            elements.append({"type": "punct", "value": " "})
        letters, marks = bare(word)
        timed = {"type": "text", "value": letters, "ts": word.start, "end_ts": word.end}
        elements.append(timed | {"confidence": audio.confidence(word)})
        if marks:
            elements.append({"type": "punct", "value": marks})
    return elements
