"""Google Speech-to-Text v2: a long-running operation; offsets as "1.200s", an offset of zero left out."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import Audio, Message, answered

_API = "https://speech.googleapis.com/v2/projects/000000000000/locations/global/operations"


def whole(audio: Audio) -> list[Message]:
    """Return the operation unfinished, then finished."""
    operation = str(audio.uuid("operation"))
    name = f"projects/000000000000/locations/global/operations/{operation}"
    uri = f"gs://recall-audio/{audio.name}.flac"
    begun = {
        "name": name,
        "metadata": {"createTime": timestamp(audio.began_at + audio.seconds), "progressPercent": 0},
    }
    transcript = {
        "results": [_result(audio, turn) for turn in audio.turns],
        "metadata": {"totalBilledDuration": f"{round(audio.seconds)}s"},
    }
    response = {
        "@type": "type.googleapis.com/google.cloud.speech.v2.BatchRecognizeResponse",
        "results": {uri: {"transcript": transcript, "metadata": {}}},
        "totalBilledDuration": f"{round(audio.seconds)}s",
    }
    url = f"{_API}/{operation}"
    done = begun | {"done": True, "response": response}
    return [answered(url, begun, audio.seconds), answered(url, done, audio.seconds + 200)]


def _result(audio: Audio, turn: Turn) -> dict[str, Json]:
    alternative = {
        "transcript": turn.text,
        "confidence": audio.mean_confidence(turn.words),
        "words": [_word(turn, word) for word in turn.words],
    }
    return {
        "alternatives": [alternative],
        "resultEndOffset": _offset(turn.end),
        "languageCode": f"{turn.language}-us",
    }


def _word(turn: Turn, word: Word) -> dict[str, Json]:
    heard: dict[str, Json] = {"startOffset": _offset(word.start)} if word.start > 0 else {}
    return heard | {"endOffset": _offset(word.end), "word": word.text, "speakerLabel": str(turn.speaker.number + 1)}


def _offset(seconds: float) -> str:
    return f"{seconds:.3f}s"
