"""Parts of a provider's file, and what is read from them."""

from typing import Any

from syncd.core.reading.provider_file import ProviderPart
from syncd.core.reading.vendors import Heard, HeardWord, read_provider_words

MIXED = {"type": "mixed", "offset": 0.0, "participant": None}

Row = tuple[str, float | None, float | None, float | None, str | None, bool]


def audio_of(number: int, offset: float) -> dict[str, Any]:
    """The audio of one participant."""
    return {"type": "separate", "offset": offset, "participant": {"id": number, "name": f"Speaker {number}"}}


def answered(body: Any, source: Any = MIXED, status: int = 200) -> ProviderPart:
    data = {"url": "https://vendor.example/v1", "status_code": status, "body": body}
    return ProviderPart("p", None, "http_response", source, data)


def streamed(payload: Any, source: Any = MIXED) -> ProviderPart:
    data = {"url": "wss://vendor.example/v1", "event": "message", "payload": payload}
    return ProviderPart("p", None, "websocket_message", source, data)


def called_back(payload: Any, source: Any = MIXED) -> ProviderPart:
    return ProviderPart("p", None, "webhook", source, {"payload": payload})


def row(word: HeardWord) -> Row:
    return word.text, word.start_s, word.end_s, word.confidence, word.speaker, word.is_final


def rows(provider: str | None, *parts: ProviderPart) -> list[Row]:
    """The words of all parts."""
    return [row(word) for heard in read_provider_words(provider, parts) for word in heard.words]


def texts(provider: str | None, *parts: ProviderPart) -> str:
    """The final words, as a text."""
    return " ".join(said[0] for said in rows(provider, *parts) if said[-1])


def spoken(provider: str | None, *parts: ProviderPart) -> list[list[tuple[str, bool]]]:
    """Each part's words and whether they are final."""
    heard = read_provider_words(provider, parts)
    return [[(word.text, word.is_final) for word in said.words] for said in heard]


def only(provider: str | None, part: ProviderPart) -> Heard:
    [heard] = read_provider_words(provider, [part])
    return heard
