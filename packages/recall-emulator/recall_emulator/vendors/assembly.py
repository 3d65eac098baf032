"""AssemblyAI: whole transcripts with milliseconds, and two generations of live messages."""

from collections.abc import Iterator
from dataclasses import replace

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import (
    Audio,
    Message,
    answered,
    called_back,
    growing,
    joined,
    letter,
    milliseconds,
    streamed,
)

_API = "https://api.assemblyai.com/v2/transcript"
_LIVE = "wss://api.assemblyai.com/v2/realtime/ws?sample_rate=16000"
_LIVE_V3 = "wss://streaming.assemblyai.com/v3/ws?sample_rate=16000"
_NOTHINGS = (
    "webhook_url",
    "webhook_status_code",
    "auto_highlights_result",
    "summary",
    "chapters",
    "entities",
    "error",
)


def whole(audio: Audio) -> list[Message]:
    """Return a webhook that only names the transcript, then the transcript."""
    identity = str(audio.uuid("transcript"))
    notice = {"transcript_id": identity, "status": "completed"}
    return [
        called_back(notice, audio.seconds),
        answered(f"{_API}/{identity}", _transcript(audio, identity), audio.seconds + 1),
    ]


def chunked(audio: Audio) -> list[Message]:
    """Return one transcript for each chunk of about 180 seconds."""
    messages = []
    for number, turns in enumerate(_chunks(audio.turns, float(audio.config.get("chunk_minimum", 180)))):
        chunk = replace(audio, name=f"{audio.name}/{number}", turns=turns, seconds=turns[-1].end)
        identity = str(chunk.uuid("transcript"))
        messages.append(answered(f"{_API}/{identity}", _transcript(chunk, identity), chunk.seconds))
    return messages


def _chunks(turns: tuple[Turn, ...], seconds: float) -> Iterator[tuple[Turn, ...]]:
    chunk: list[Turn] = []
    for turn in turns:
        if chunk and turn.start - chunk[0].start > seconds:
            yield tuple(chunk)
            chunk = []
        chunk.append(turn)
    if chunk:
        yield tuple(chunk)


def _transcript(audio: Audio, identity: str) -> dict[str, Json]:
    words = [_word(audio, word, letter(turn)) for turn, word in audio.words]
    transcript: dict[str, Json] = {
        "id": identity,
        "status": "completed",
        "acoustic_model": "assemblyai_default",
        "language_code": audio.language,
        "audio_url": f"https://files.example/{audio.name}/audio.mp3?Signature=elided",
        "audio_duration": round(audio.seconds),
        "text": audio.text,
        "confidence": 0.94,
        "words": words,
        "utterances": [_utterance(audio, turn) for turn in audio.turns],
        "punctuate": True,
        "format_text": True,
        "speaker_labels": True,
    }
    return transcript | dict.fromkeys(_NOTHINGS)


def _utterance(audio: Audio, turn: Turn) -> dict[str, Json]:
    return {
        "speaker": letter(turn),
        "text": turn.text,
        "start": milliseconds(turn.start),
        "end": milliseconds(turn.end),
        "confidence": audio.mean_confidence(turn.words),
        "words": [_word(audio, word, letter(turn)) for word in turn.words],
    }


def _word(audio: Audio, word: Word, speaker: str) -> dict[str, Json]:
    timed = {"text": word.text, "start": milliseconds(word.start), "end": milliseconds(word.end)}
    return timed | {"confidence": audio.confidence(word), "speaker": speaker, "channel": None}


def streaming(audio: Audio) -> list[Message]:
    """Return SessionBegins, partials and finals of the second live generation."""
    session = {"message_type": "SessionBegins", "session_id": str(audio.uuid("session"))}
    messages = [streamed(_LIVE, session | {"expires_at": timestamp(audio.began_at + 86_400)}, 0.0)]
    for turn in audio.turns:
        for words, is_final in growing(turn):
            messages.append(streamed(_LIVE, _heard(audio, words, is_final), words[-1].end))
    return [*messages, streamed(_LIVE, {"message_type": "SessionTerminated"}, audio.seconds)]


def _heard(audio: Audio, words: tuple[Word, ...], is_final: bool) -> dict[str, Json]:
    heard = {
        "message_type": "FinalTranscript" if is_final else "PartialTranscript",
        "audio_start": milliseconds(words[0].start),
        "audio_end": milliseconds(words[-1].end),
        "confidence": audio.mean_confidence(words),
        "text": joined(words),
        "words": [_live_word(audio, word) for word in words],
        "created": timestamp(audio.began_at + words[-1].end),
    }
    return heard | ({"punctuated": True, "text_formatted": True} if is_final else {})


def _live_word(audio: Audio, word: Word) -> dict[str, Json]:
    timed = {"start": milliseconds(word.start), "end": milliseconds(word.end)}
    return timed | {"confidence": audio.confidence(word), "text": word.text}


def streaming_v3(audio: Audio) -> list[Message]:
    """Return Begin, several Turns for each turn_order, and Termination."""
    begin = {"type": "Begin", "id": str(audio.uuid("session")), "expires_at": int(audio.began_at) + 10_800}
    messages = [streamed(_LIVE_V3, begin, 0.0)]
    for order, turn in enumerate(audio.turns):
        for words, is_final in growing(turn):
            messages.append(streamed(_LIVE_V3, _turn(audio, order, words, is_final), words[-1].end))
    end = {"type": "Termination", "audio_duration_seconds": round(audio.seconds)}
    return [*messages, streamed(_LIVE_V3, end, audio.seconds)]


def _turn(audio: Audio, order: int, words: tuple[Word, ...], is_final: bool) -> dict[str, Json]:
    return {
        "type": "Turn",
        "turn_order": order,
        "turn_is_formatted": is_final,
        "end_of_turn": is_final,
        "transcript": joined(words),
        "end_of_turn_confidence": 0.91 if is_final else 0.05,
        "words": [_live_word(audio, word) | {"word_is_final": is_final} for word in words],
    }
