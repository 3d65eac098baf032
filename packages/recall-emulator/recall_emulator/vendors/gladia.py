"""Gladia, two generations: words keep their leading spaces, times are seconds."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import Audio, Message, answered, growing, joined, streamed

_API_V1 = "https://api.gladia.io/audio/text/audio-transcription/"
_API_V2 = "https://api.gladia.io/v2/pre-recorded"
_LIVE_V1 = "wss://api.gladia.io/audio/text/audio-transcription"
_LIVE_V2 = "wss://api.gladia.io/v2/live?token=elided"


def whole_v1(audio: Audio) -> list[Message]:
    """Return the prediction of the first generation."""
    body = {
        "prediction": [_prediction(audio, turn) for turn in audio.turns],
        "prediction_raw": {"metadata": {"audio_duration": audio.seconds, "total_speech_duration": audio.seconds}},
    }
    return [answered(_API_V1, body, audio.seconds)]


def _prediction(audio: Audio, turn: Turn) -> dict[str, Json]:
    words = [
        {"word": word.text, "time_begin": word.start, "time_end": word.end, "confidence": audio.confidence(word)}
        for word in turn.words
    ]
    return {
        "transcription": turn.text,
        "language": turn.language,
        "original_language": turn.language,
        "time_begin": turn.start,
        "time_end": turn.end,
        "speaker": turn.speaker.number,
        "channel": "channel_0",
        "confidence": audio.mean_confidence(turn.words),
        "words": words,
    }


def streaming_v1(audio: Audio) -> list[Message]:
    """Return connected, then transcript events, partial and final."""
    request = str(audio.uuid("request"))
    messages = [streamed(_LIVE_V1, {"event": "connected", "request_id": request}, 0.0)]
    for turn in audio.turns:
        for words, is_final in growing(turn):
            heard = {
                "event": "transcript",
                "request_id": request,
                "type": "final" if is_final else "partial",
                "transcription": joined(words),
                "language": "english" if turn.language == "en" else turn.language,
                "confidence": audio.mean_confidence(words),
                "time_begin": words[0].start,
                "time_end": words[-1].end,
                "duration": round(words[-1].end - words[0].start, 4),
                "inference_time": 0.21,
            }
            messages.append(streamed(_LIVE_V1, heard, words[-1].end))
    return messages


def whole_v2(audio: Audio) -> list[Message]:
    """Return the queued answer and then the finished one of the second generation."""
    identity = str(audio.uuid("transcription"))
    opening = {"id": identity, "request_id": f"G-{identity[:8]}", "version": 2, "kind": "pre-recorded"}
    queued = opening | {
        "status": "queued",
        "created_at": timestamp(audio.began_at + audio.seconds, 3),
        "result": None,
    }
    done = opening | {
        "status": "done",
        "created_at": timestamp(audio.began_at + audio.seconds, 3),
        "completed_at": timestamp(audio.began_at + audio.seconds + 20, 3),
        "error_code": None,
        "file": {
            "id": str(audio.uuid("file")),
            "source": None,
            "audio_duration": audio.seconds,
            "number_of_channels": 1,
        },
        "request_params": dict(audio.config),
        "result": {"metadata": _metadata(audio), "transcription": _transcription(audio)},
    }
    url = f"{_API_V2}/{identity}"
    return [answered(url, queued, audio.seconds), answered(url, done, audio.seconds + 20)]


def _metadata(audio: Audio) -> dict[str, Json]:
    duration = round(audio.seconds, 3)
    times = {"audio_duration": duration, "billing_time": duration, "transcription_time": 11.2}
    return times | {"number_of_distinct_channels": 1}


def _transcription(audio: Audio) -> dict[str, Json]:
    utterances = [_utterance(audio, turn, turn.words) | {"speaker": turn.speaker.number} for turn in audio.turns]
    return {"full_transcript": audio.text, "languages": [audio.language], "utterances": utterances}


def _utterance(audio: Audio, turn: Turn, words: tuple[Word, ...]) -> dict[str, Json]:
    heard = [
        {"word": f" {word.text}", "start": word.start, "end": word.end, "confidence": audio.confidence(word)}
        for word in words
    ]
    return {
        "text": joined(words),
        "start": words[0].start,
        "end": words[-1].end,
        "language": turn.language,
        "confidence": audio.mean_confidence(words),
        "channel": 0,
        "words": heard,
    }


def streaming_v2(audio: Audio) -> list[Message]:
    """Return speech_start, transcripts, speech_end, and the whole again at the end."""
    messages = []
    for number, turn in enumerate(audio.turns):
        messages.append(_live(audio, "speech_start", {"time": turn.start, "channel": 0}, turn.start))
        for words, is_final in growing(turn):
            heard = {"id": f"00_{number:08d}", "is_final": is_final, "utterance": _utterance(audio, turn, words)}
            messages.append(_live(audio, "transcript", heard, words[-1].end))
        messages.append(_live(audio, "speech_end", {"time": turn.end, "channel": 0}, turn.end))
    messages.append(_live(audio, "post_transcript", _transcription(audio), audio.seconds))
    final = {"metadata": _metadata(audio), "transcription": _transcription(audio)}
    return [*messages, _live(audio, "post_final_transcript", final, audio.seconds)]


def _live(audio: Audio, kind: str, details: dict[str, Json], at: float) -> Message:
    session = str(audio.uuid("session"))
    payload = {"session_id": session, "created_at": timestamp(audio.began_at + at, 3), "type": kind, "data": details}
    return streamed(_LIVE_V2, payload, at)
