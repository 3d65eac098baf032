"""ElevenLabs: words between spacing tokens, and an audio event now and then."""

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.vendors.speech import Audio, Message, answered, growing, joined, streamed

_API = "https://api.elevenlabs.io/v1/speech-to-text"
_LIVE = "wss://api.elevenlabs.io/v1/speech-to-text/realtime?model_id=scribe_v2_realtime"
_CODES = {"en": "eng", "de": "deu", "fr": "fra", "es": "spa", "ja": "jpn"}


def whole(audio: Audio) -> list[Message]:
    """Return the one response, with a laugh at its end."""
    tokens = [token for turn in audio.turns for token in _tokens(audio, turn, turn.words)]
    if audio.turns:
        last = audio.turns[-1]
        tokens.append(_token(last, "(laughter)", "audio_event", Word("", last.end, last.end + 0.8), 0.0))
    body = {
        "language_code": _CODES.get(audio.language, audio.language),
        "language_probability": 0.99,
        "text": audio.text,
        "words": tokens,
        "transcription_id": str(audio.uuid("transcription"))[:22],
    }
    return [answered(_API, body, audio.seconds + 15)]


def streaming(audio: Audio) -> list[Message]:
    """Return session_started, partial transcripts, and each committed one without and with its times."""
    started = {"message_type": "session_started", "session_id": str(audio.uuid("session")), "config": {}}
    messages = [streamed(_LIVE, started, 0.0)]
    for turn in audio.turns:
        for words, is_final in growing(turn):
            kind = "committed_transcript" if is_final else "partial_transcript"
            messages.append(streamed(_LIVE, {"message_type": kind, "text": joined(words)}, words[-1].end))
        timed = {"message_type": "committed_transcript_with_timestamps", "text": turn.text}
        code = _CODES.get(turn.language, turn.language)
        tokens = _tokens(audio, turn, turn.words)
        messages.append(streamed(_LIVE, timed | {"language_code": code, "words": tokens}, turn.end))
    return messages


def _tokens(audio: Audio, turn: Turn, words: tuple[Word, ...]) -> list[dict[str, Json]]:
    tokens: list[dict[str, Json]] = []
    for word in words:
        if tokens:
            gap = Word(" ", tokens[-1]["end"], word.start)
            tokens.append(_token(turn, " ", "spacing", gap, 0.0))
        tokens.append(_token(turn, word.text, "word", word, round(audio.confidence(word) - 1, 4)))
    return tokens


def _token(turn: Turn, text: str, kind: str, span: Word, logprob: float) -> dict[str, Json]:
    timed = {"text": text, "type": kind, "start": span.start, "end": span.end}
    return timed | {"speaker_id": f"speaker_{turn.speaker.number}", "logprob": logprob}
