"""Deepgram: `{"results": {"channels": [{"alternatives": [{"words": [{"word", "punctuated_word", "start"}]}]}]}}`.

Times are seconds, speakers count from 0. A live message is `{"type": "Results", "channel": {"alternatives"}}`, or
`{"type": "TurnInfo", "turn_index", "words"}` for a whole turn. Source: https://developers.deepgram.com/reference.
"""

from syncd.core.reading.document import Json
from syncd.core.reading.values import channel, child, confidence, key, label, number, objects, pick, seconds, stripped
from syncd.core.reading.vendors.heard import REFUSED, Answer, Message, Statement, Token, finished_transcript

_SILENT = frozenset(
    {"Metadata", "UtteranceEnd", "SpeechStarted", "Connected", "ConfigureSuccess", "FinalizeComplete"}
)
_OF_AN_ERROR = frozenset({"category", "message", "request_id"})


def read_message(message: Message) -> Answer:
    """The words of a response, a callback or a live message."""
    channels = child(message, "results", "channels")
    if isinstance(channels, list):
        return _prerecorded(message, channels)
    if message.get("type") == "TurnInfo":
        return _turn(message)
    if isinstance(child(message, "channel", "alternatives"), list):
        return _live(message)
    if (
        "err_code" in message
        or message.keys() >= _OF_AN_ERROR
        or (message.get("type") == "Error" and "description" in message)
    ):
        return REFUSED
    is_receipt = set(message) == {"request_id"}
    return () if is_receipt or key(message.get("type")) in _SILENT else None


def _prerecorded(message: Message, channels: list[Json]) -> Answer:
    tokens = [
        token for index, heard in enumerate(channels) for token in _best(child(heard, "alternatives"), str(index))
    ]
    if not tokens:
        for said in objects(child(message, "results", "utterances")):
            tokens += _best([said], channel(said.get("channel")), label(said.get("speaker")))
    return finished_transcript(tokens, key(child(message, "metadata", "request_id")), channel_count=len(channels))


def _live(message: Message) -> Answer:
    index = message.get("channel_index")
    index = index if isinstance(index, list) and len(index) == 2 else [None, 1]
    tokens = _best(child(message, "channel", "alternatives"), channel(index[0]))
    return (
        Statement(
            tokens, message.get("is_final") is not False, channel_count=int(number(index[1], from_text=True) or 1)
        ),
    )


def _turn(message: Message) -> Answer:
    """A message about a whole turn, which grows until its end. Turns count anew in each request."""
    turn = (("turn", key(message.get("turn_index"))),)
    is_final = message.get("event") == "EndOfTurn"
    named = turn if is_final else ()
    session = key(message.get("request_id"))
    return (Statement(_best([message], None), is_final, named, named, session=session),)


def _best(alternatives: Json, index: str | None, speaker: str | None = None) -> list[Token]:
    best = next(iter(objects(alternatives)), {})
    words = objects(best.get("words"))
    if not words:
        phrase = stripped(best.get("transcript"))
        return [Token(phrase, confidence=confidence(best.get("confidence")), channel=index)] if phrase else []
    return [token for word in words if (token := _word(word, index, speaker))]


def _word(word: dict[str, Json], index: str | None, speaker: str | None) -> Token | None:
    said = stripped(word.get("punctuated_word")) or stripped(word.get("word"))
    if said is None:
        return None
    who = label(pick(word, "speaker")) or speaker
    start_s, end_s = seconds(word.get("start")), seconds(word.get("end"))
    return Token(said, start_s, end_s, confidence(word.get("confidence")), who, index)
