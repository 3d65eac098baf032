"""Gladia: `{"id", "status", "result": {"transcription": {"utterances": [{"words": [{"word", "start", "end"}]}]}}}`.

Words keep their leading spaces, times are seconds, speakers count from 0. A live message is
`{"session_id", "type": "transcript", "data": {"id", "is_final", "utterance"}}`; the first generation has
`prediction`. Source: https://docs.gladia.io/api-reference.
"""

from syncd.core.reading.document import Json
from syncd.core.reading.values import channel, child, confidence, key, label, number, objects, pick, seconds, stripped
from syncd.core.reading.vendors.heard import (
    RECEIPT,
    REFUSED,
    UNREAD,
    Answer,
    Message,
    Statement,
    Token,
    finished_transcript,
    names,
)

_SILENT = frozenset(
    {
        "speech_start", "speech_end", "start_session", "end_session", "start_recording", "end_recording",
        "translation", "named_entity_recognition", "sentiment_analysis", "post_summarization", "post_chapterization",
        "audio_chunk", "stop_recording",
    }
)  # fmt: skip
_NO_DIARISATION = "not_activated"
_JOB_STATES = frozenset({"queued", "processing"})
_OWN = frozenset({"result", "result_url", "request_params", "custom_metadata"})


def read_message(message: Message) -> Answer:
    """The words of a job of either generation, of its callback, or of a live message."""
    if "prediction" in message:
        return _first_generation(message)
    if message.get("event") in ("transcript", "connected") and (
        "request_id" in message or "transcription" in message
    ):
        return _live_first(message) if message["event"] == "transcript" else ()
    if "session_id" in message and isinstance(message.get("type"), str):
        return _live(message)
    for heard in (message.get("result"), message.get("payload"), message):
        transcription = child(heard, "transcription")
        if isinstance(transcription, dict) and isinstance(transcription.get("utterances"), list):
            count = number(child(heard, "metadata", "number_of_distinct_channels"), from_text=True)
            return finished_transcript(_told(transcription), key(message.get("id")), channel_count=int(count or 1))
    return _receipt(message)


def _receipt(message: Message) -> Answer:
    if message.get("event") == "transcription.created" and isinstance(message.get("payload"), dict):
        return RECEIPT
    if message.get("status") == "error" and ("error_code" in message or _OWN & set(message)):
        return REFUSED
    is_job = key(message.get("status")) in _JOB_STATES and message.get("result") is None
    return RECEIPT if "id" in message and _OWN & set(message) and (is_job or "result_url" in message) else None


def _first_generation(message: Message) -> Answer:
    prediction = message["prediction"]
    if isinstance(prediction, str):
        return finished_transcript([Token(said)] if (said := stripped(prediction)) else [], None)
    if not isinstance(prediction, list):
        return None
    tokens = [token for said in objects(prediction) for token in _utterance(said)]
    return finished_transcript(tokens, key(pick(message, "id", "request_id")))


def _live_first(message: Message) -> Answer:
    return (Statement(_utterance(message), message.get("type") == "final"),)


def _live(message: Message) -> Answer:
    kind, session, told = message["type"], key(message["session_id"]), message.get("data")
    if kind == "transcript" and isinstance(told, dict):
        is_final = told.get("is_final") is not False
        name = names("utterance", key(told.get("id"))) if is_final else ()
        return (Statement(_utterance(told.get("utterance")), is_final, name, name, session=session),)
    if kind in ("post_transcript", "post_final_transcript"):
        transcription = told if kind == "post_transcript" else child(told, "transcription")
        note = None if isinstance(child(transcription, "utterances"), list) else UNREAD
        return (Statement(_told(transcription), replaces_session=True, session=session, note=note),)
    return () if kind in _SILENT or isinstance(message.get("acknowledged"), bool) else None


def _told(transcription: Json) -> list[Token]:
    return [token for said in objects(child(transcription, "utterances")) for token in _utterance(said)]


def _utterance(said: Json) -> list[Token]:
    """The words of an utterance; the utterance itself where it has none."""
    if not isinstance(said, dict):
        return []
    speaker, line = label(said.get("speaker")), channel(said.get("channel"))
    speaker = None if speaker == _NO_DIARISATION else speaker
    words = [token for word in objects(said.get("words")) if (token := _token(word, "word", speaker, line))]
    if words or said.get("words"):
        return words
    phrase = _token(said, "text", speaker, line) or _token(said, "transcription", speaker, line)
    return [phrase] if phrase else []


def _token(said: dict[str, Json], name: str, speaker: str | None, line: str | None) -> Token | None:
    written = stripped(said.get(name))
    if written is None:
        return None
    start_s = seconds(pick(said, "start", "time_begin"))
    return Token(
        written, start_s, seconds(pick(said, "end", "time_end")), confidence(said.get("confidence")), speaker, line
    )
