"""Out of the envelope: where in a part the provider's own message may be."""

from collections.abc import Iterator

from syncd.core.reading.document import Json, Unreadable, read_document
from syncd.core.reading.vendors.heard import Message

_FIRST = ("payload", "body")
"""Where Recall puts the message: a webhook's and a websocket's payload, the body of an HTTP response."""
_WRAPPERS = ("payload", "body", "data", "result", "results", "response", "transcript", "transcription", "message",
             "Message", "event", "detail", "TranscriptEvent", "content")  # fmt: skip
_DEEPEST = 5
_MOST = 40
"""Levels and candidates that are tried. Judgements: more than any envelope seen so far, and cheap in a hostile
one."""


def messages(data: Json) -> Iterator[Message]:
    """What may be the provider's message, the likeliest first: objects, and lists as {"results": list}."""
    level = [_opened(data)]
    if isinstance(data, dict):
        rest = {name: value for name, value in data.items() if name not in _FIRST}
        level = [*(_opened(data[name]) for name in _FIRST if name in data), rest]
    count = 0
    for _ in range(_DEEPEST):
        for node in level:
            if isinstance(node, dict | list) and node:
                yield node if isinstance(node, dict) else {"results": node}
                count += 1
                if count >= _MOST:
                    return
        level = [_opened(inner) for node in level for inner in _inside(node)]


def _inside(node: Json) -> list[Json]:
    if isinstance(node, list):
        return node if len(node) == 1 else []
    return [node[name] for name in _WRAPPERS if name in node] if isinstance(node, dict) else []


def _opened(value: Json) -> Json:
    """The value, or the JSON that is written in it as text."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return read_document(value.encode("utf-8", "replace")).value
    except Unreadable:
        return value
