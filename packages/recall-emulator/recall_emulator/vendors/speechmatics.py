"""Speechmatics: one flat list of results; punctuation has zero length and attaches to the word before it."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import Audio, Message, answered, bare, growing, joined, streamed

_API = "https://asr.api.speechmatics.com/v2/jobs"
_LIVE = "wss://eu2.rt.speechmatics.com/v2"
_SENTENCE_ENDS = ".?!"


def whole(audio: Audio) -> list[Message]:
    """Return the finished job in format 2."""
    job = str(audio.uuid("job"))[:10]
    created = timestamp(audio.began_at + audio.seconds, 3)
    body = {
        "format": "2.8",
        "job": {"created_at": created, "data_name": f"{audio.name}.mp3", "duration": round(audio.seconds), "id": job},
        "metadata": {
            "created_at": created,
            "type": "transcription",
            "transcription_config": {"language": audio.language, "diarization": "speaker"},
            "language_pack_info": {"word_delimiter": " ", "writing_direction": "left-to-right"},
        },
        "results": [result for turn in audio.turns for result in _results(audio, turn, turn.words)],
    }
    return [answered(f"{_API}/{job}/transcript?format=json-v2", body, audio.seconds + 90)]


def streaming(audio: Audio) -> list[Message]:
    """Return RecognitionStarted, partial and final transcripts, and the ends."""
    messages = [streamed(_LIVE, {"message": "RecognitionStarted", "id": str(audio.uuid("session"))}, 0.0)]
    for turn in audio.turns:
        for words, is_final in growing(turn):
            messages.append(streamed(_LIVE, _added(audio, turn, words, is_final), words[-1].end))
        end = {"message": "EndOfUtterance", "metadata": {"start_time": turn.end, "end_time": turn.end}}
        messages.append(streamed(_LIVE, end, turn.end))
    return [*messages, streamed(_LIVE, {"message": "EndOfTranscript"}, audio.seconds)]


def _added(audio: Audio, turn: Turn, words: tuple[Word, ...], is_final: bool) -> dict[str, Json]:
    span = {"start_time": words[0].start, "end_time": words[-1].end, "transcript": joined(words) + " "}
    return {
        "message": "AddTranscript" if is_final else "AddPartialTranscript",
        "format": "2.8",
        "metadata": span,
        "results": _results(audio, turn, words),
    }


def _results(audio: Audio, turn: Turn, words: tuple[Word, ...]) -> list[dict[str, Json]]:
    results = []
    for word in words:
        letters, marks = bare(word)
        results.append(_result(turn, "word", letters, word, audio.confidence(word)))
        for mark in marks:
            pause = Word(mark, word.end, word.end)
            punctuation = _result(turn, "punctuation", mark, pause, 1.0)
            results.append(punctuation | {"attaches_to": "previous", "is_eos": mark in _SENTENCE_ENDS})
    return results


def _result(turn: Turn, kind: str, content: str, span: Word, confidence: float) -> dict[str, Json]:
    heard = {"content": content, "confidence": confidence, "language": turn.language}
    alternative = heard | {"speaker": f"S{turn.speaker.number + 1}"}
    return {"type": kind, "start_time": span.start, "end_time": span.end, "alternatives": [alternative]}
