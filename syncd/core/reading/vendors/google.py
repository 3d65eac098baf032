"""Google Speech-to-Text: `{"results": [{"alternatives": [{"words": [{"word", "startOffset", "endOffset"}]}]}]}`.

Offsets are durations as text, "1.200s", and one of zero is left out. Results stand in an operation,
`{"name", "done", "response": {"results": {"gs://...": {"transcript": {"results"}}}}}`; the names of v1 are read, too.
Source: https://cloud.google.com/speech-to-text/v2/docs/reference/rest.
"""

from collections.abc import Sequence

from syncd.core.reading.document import Json
from syncd.core.reading.values import channel, child, confidence, key, label, number, objects, pick, seconds, stripped
from syncd.core.reading.vendors.heard import REFUSED, Answer, Message, Token, finished_transcript

_STARTS = ("startOffset", "start_offset", "startTime", "start_time")
_ENDS = ("endOffset", "end_offset", "endTime", "end_time")
_RESULT_ENDS = ("resultEndOffset", "result_end_offset", "resultEndTime", "result_end_time")
_SPEAKERS = ("speakerLabel", "speaker_label", "speakerTag", "speaker_tag")
_OF_A_FILE = frozenset(
    {"transcript", "inlineResult", "inline_result", "cloudStorageResult", "cloud_storage_result", "error", "uri"}
)
_BESIDE_RESULTS = frozenset({"@type", "totalBilledDuration", "totalBilledTime", "requestId", "metadata"})
"""What may stand in a response without results: Google leaves out empty lists, so that nobody spoke."""
_OF_OTHERS = frozenset({"type", "resultId", "result_id"})
"""What only the results of Speechmatics and of AWS have."""
_NANOS = 1e9
_OPENING = 5
"""Words. A judgement: two results that begin with so many equal words begin at the same place."""


def read_message(message: Message) -> Answer:
    """The words of an operation, of what it answers, or of a list of results."""
    name = stripped(message.get("name"))
    if name and "response" not in message and ("/operations/" in name or name.isdigit() or "done" in message):
        if message.get("error"):
            return REFUSED
        return None if message.get("done") is True else ()
    response = message.get("response")
    if name and message.get("done") is True and isinstance(response, dict) and response.keys() <= _BESIDE_RESULTS:
        return ()
    answered = response if isinstance(response, dict) else message
    groups = _groups(answered.get("results"))
    if groups is None:
        return None
    tokens = [token for results in groups for token in _merged(results)]
    lines = {_line(result) for results in groups for result in results} - {None}
    return finished_transcript(tokens, key(name), channel_count=len(lines))


def _groups(results: Json) -> list[list[dict[str, Json]]] | None:
    """One list of results for each file; None where these are no results of Google."""
    if isinstance(results, list):
        return [results] if all(map(_is_result, results)) else None
    if not isinstance(results, dict) or not results or not all(map(_is_file, results.values())):
        return None
    return [objects(child(_transcript(found), "results")) for found in results.values()]


def _is_file(found: Json) -> bool:
    return isinstance(found, dict) and bool(found.keys() & _OF_A_FILE)


def _transcript(found: dict[str, Json]) -> Json:
    return pick(found, "transcript") or child(pick(found, "inlineResult", "inline_result"), "transcript")


def _is_result(result: Json) -> bool:
    if not isinstance(result, dict):
        return False
    alternatives = result.get("alternatives")
    if alternatives is None:
        return bool(result.keys() & {*_RESULT_ENDS, "languageCode", "language_code", "channelTag"})
    best = objects(alternatives)
    return (
        isinstance(alternatives, list)
        and all("content" not in said for said in best)
        and not result.keys() & _OF_OTHERS
    )


def _line(result: dict[str, Json]) -> str | None:
    return channel(pick(result, "channelTag", "channel_tag"))


def _merged(results: Sequence[dict[str, Json]]) -> list[Token]:
    """The tokens of all results. With speakers told apart, a result may say again all that came before it."""
    told: dict[str | None, list[Token]] = {}
    order: list[Token] = []
    for result in results:
        tokens = _tokens(result)
        before = told.setdefault(_line(result), [])
        if before and _repeats(before, tokens):
            before.clear()
        before += tokens
    for tokens in told.values():
        order += tokens
    return order


def _repeats(before: list[Token], tokens: list[Token]) -> bool:
    """Whether a result with speakers begins anew where the first one began."""
    if 2 * len(tokens) < len(before) or not any(token.speaker for token in tokens):
        return False
    is_new = not any(token.speaker for token in before)  # speakers were not told apart before
    if is_new and _begin_alike(before, tokens):
        return True
    first, again = before[0].start_s, tokens[0].start_s
    if first is not None and again is not None:
        if is_new:
            return again <= first
        if again != first:
            return False
    opening = [token.text for token in before[:_OPENING]]
    return [token.text for token in tokens[: len(opening)]] == opening


def _begin_alike(before: list[Token], tokens: list[Token]) -> bool:
    """Whether the first words are the same, in whatever pieces they are told."""
    opening = _words(before)
    return _words(tokens)[: len(opening)] == opening


def _words(tokens: list[Token]) -> list[str]:
    return " ".join(token.text for token in tokens[:_OPENING]).casefold().split()[:_OPENING]


def _tokens(result: dict[str, Json]) -> list[Token]:
    best = next(iter(objects(result.get("alternatives"))), {})
    line, said = _line(result), stripped(best.get("transcript"))
    is_final = pick(result, "isFinal", "is_final") is not False
    words = [token for word in objects(best.get("words")) if (token := _word(word, line, is_final))]
    if words or best.get("words") or said is None:
        return words
    end_s = _time(pick(result, *_RESULT_ENDS))
    return [Token(said, None, end_s, _confidence(best), None, line, is_final=is_final)]


def _word(word: dict[str, Json], line: str | None, is_final: bool) -> Token | None:
    said = stripped(word.get("word"))
    if said is None:
        return None
    start_s, end_s = _time(pick(word, *_STARTS)), _time(pick(word, *_ENDS))
    if start_s is None and end_s is not None and pick(word, *_STARTS) is None:
        start_s = 0.0
    speaker = next((found for name in _SPEAKERS if (found := label(word.get(name))) not in (None, "0")), None)
    return Token(said, start_s, end_s, _confidence(word), speaker, line, is_final=is_final)


def _confidence(said: dict[str, Json]) -> float | None:
    """Zero is Google's way to say that it has not been asked."""
    return confidence(said.get("confidence")) or None


def _time(value: Json) -> float | None:
    """A duration: "1.200s", or its seconds and nanoseconds, or a plain number."""
    if isinstance(value, dict):
        if not value.keys() <= {"seconds", "nanos"}:
            return None
        whole_s, nanos = (number(value.get(name, 0), from_text=True) for name in ("seconds", "nanos"))
        return None if whole_s is None or nanos is None else seconds(whole_s + nanos / _NANOS)
    return seconds(value.strip().removesuffix("s") if isinstance(value, str) else value)
