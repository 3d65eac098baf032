"""Deepgram: results by channel and alternative, seconds as floats, speakers as integers."""

import hashlib

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.timestamps import timestamp
from recall_emulator.vendors.speech import Audio, Message, answered, bare, growing, joined, streamed

_API = "https://api.deepgram.com/v1/listen"
_LIVE = "wss://api.deepgram.com/v1/listen?encoding=linear16&sample_rate=16000"


def whole(audio: Audio) -> list[Message]:
    """Return the one response of the prerecorded endpoint."""
    words = [_word(audio, word) | {"speaker": turn.speaker.number} for turn, word in audio.words]
    alternative = {"transcript": audio.text, "confidence": 0.97, "words": words, "paragraphs": _paragraphs(audio)}
    body = {
        "metadata": {
            "transaction_key": "deprecated",
            **_identity(audio),
            "sha256": hashlib.sha256(audio.name.encode()).hexdigest(),
            "created": timestamp(audio.began_at + audio.seconds, 3),
            "duration": round(audio.seconds, 4),
            "channels": 1,
        },
        "results": {
            "channels": [{"alternatives": [alternative]}],
            "utterances": [_utterance(audio, turn) for turn in audio.turns],
        },
    }
    return [answered(_API, body, audio.seconds)]


def _identity(audio: Audio) -> dict[str, Json]:
    model = str(audio.uuid("model"))
    details = {"name": "general-nova-3", "version": "2025-04-17.21547", "arch": "nova-3"}
    return {"request_id": str(audio.uuid("request")), "models": [model], "model_info": {model: details}}


def _paragraphs(audio: Audio) -> dict[str, Json]:
    paragraphs = [
        {
            "sentences": [{"text": turn.text, "start": turn.start, "end": turn.end}],
            "speaker": turn.speaker.number,
            "num_words": len(turn.words),
            "start": turn.start,
            "end": turn.end,
        }
        for turn in audio.turns
    ]
    text = "".join(f"\nSpeaker {turn.speaker.number}: {turn.text}\n" for turn in audio.turns)
    return {"transcript": text, "paragraphs": paragraphs}


def _utterance(audio: Audio, turn: Turn) -> dict[str, Json]:
    return {
        "start": turn.start,
        "end": turn.end,
        "confidence": audio.mean_confidence(turn.words),
        "channel": 0,
        "transcript": turn.text,
        "words": [_word(audio, word) for word in turn.words],
        "speaker": turn.speaker.number,
        "id": str(audio.uuid("utterance", turn.start)),
    }


def _word(audio: Audio, word: Word) -> dict[str, Json]:
    timed = {"word": bare(word)[0].lower(), "start": word.start, "end": word.end}
    return timed | {"confidence": audio.confidence(word), "punctuated_word": word.text}


def streaming(audio: Audio) -> list[Message]:
    """Return Results, interim ones overlapping the finals, between SpeechStarted and UtteranceEnd."""
    messages = []
    for turn in audio.turns:
        started = {"type": "SpeechStarted", "channel": [0], "timestamp": turn.start}
        messages.append(streamed(_LIVE, started, turn.start))
        for words, is_final in growing(turn):
            messages.append(streamed(_LIVE, _results(audio, turn, words, is_final), words[-1].end))
        ended = {"type": "UtteranceEnd", "channel": [0], "last_word_end": turn.end}
        messages.append(streamed(_LIVE, ended, turn.end + 1))
    closing = {"type": "Metadata", **_identity(audio), "duration": round(audio.seconds, 4), "channels": 1}
    return [*messages, streamed(_LIVE, closing, audio.seconds)]


def _results(audio: Audio, turn: Turn, words: tuple[Word, ...], is_final: bool) -> dict[str, Json]:
    heard = [_word(audio, word) | {"speaker": turn.speaker.number} for word in words]
    alternative = {"transcript": joined(words), "confidence": audio.mean_confidence(words), "words": heard}
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "duration": round(words[-1].end - words[0].start, 4),
        "start": words[0].start,
        "is_final": is_final,
        "speech_final": is_final,
        "channel": {"alternatives": [alternative]},
        "metadata": _identity(audio),
        "from_finalize": False,
    }
