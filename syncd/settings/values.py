"""How a value of a setting is written: what is accepted, and in which form it is kept."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from syncd.core.reading.origin import BadOrigin, origin_of, read_origins
from syncd.core.reading.proxy import read_proxy
from syncd.settings.secret import Secret
from syncd.settings.spelling import unquoted

_YES_OR_NO = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_LONGEST_NAME = 200


class DatabaseUrl(Secret):
    """A connection string of a Postgres, which only libpq takes apart."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The string without white space around it. Raises ValueError for an empty one."""
        if not text.strip():
            raise ValueError("is empty")
        return cls(text.strip())


class ApiKey(Secret):
    """A key of Recall's API."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The bare key. Raises ValueError for what no key looks like.

        An accidental `Token ` in front is dropped, and so are quotes, which env files keep where a shell would not.
        """
        key = unquoted(text)
        scheme, _, rest = key.partition(" ")
        if scheme.lower() == "token":
            key = unquoted(rest)
        if not key:
            raise ValueError("is empty")
        if not key.isascii() or not key.isprintable() or not {" ", '"', "'"}.isdisjoint(key):
            raise ValueError("must be printable ASCII without spaces or quotes")
        return cls(key)


class ProxyUrl(Secret):
    """The URL of an HTTP proxy, perhaps with a password."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The bare URL. Raises ValueError for anything else."""
        url = unquoted(text)
        read_proxy(url)
        return cls(url)


class Name(str):
    """A name of one line."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """The name without spaces around it. Raises ValueError."""
        if not text.strip() or not text.isprintable():
            raise ValueError("must be a name without control characters")
        if len(text) > _LONGEST_NAME:
            raise ValueError(f"must have at most {_LONGEST_NAME} characters")
        return cls(text.strip())


class BaseUrl(str):
    """The base URL of an API, without a slash at its end."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what is not the base URL of an API."""
        try:
            origin_of(text)
        except BadOrigin:
            raise ValueError("must be a URL such as https://us-east-1.recall.ai") from None
        parts = urlsplit(text)
        if "/api/" in parts.path + "/" or parts.query or parts.fragment:
            raise ValueError("must be the base URL only, without /api/v1 and without a query")
        return cls(text.rstrip("/"))


class Origins(str):
    """Origins, separated by commas."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError where there is none, or an entry is no origin."""
        if not read_origins(text):
            raise ValueError("must name at least one origin")
        return cls(text)


_READERS: Mapping[Any, Callable[[str], object]] = {  # Any: a class
    **{kind: kind.read for kind in (DatabaseUrl, ApiKey, ProxyUrl, Name, BaseUrl, Origins)},
    Path: Path,
    str: str,
}
"""Types of our own: how each is read from a text."""


def read_value(annotation: Any, given: object) -> object:  # Any: what a type annotation is
    """What was given for a setting, as its type. Raises ValueError that says what it must be, and not what it was."""
    base, meta = parts_of(annotation)
    if (reader := _READERS.get(base)) is not None:
        if not isinstance(given, str):
            raise ValueError("must be a text")
        return reader(given)
    if base is bool and isinstance(given, str):
        given = _YES_OR_NO.get(given.lower(), given)
    try:
        value = msgspec.convert(given, Annotated[base, meta], strict=False)
    except msgspec.ValidationError:
        raise ValueError(_expected(base, meta)) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(_expected(base, meta))
    return value


def parts_of(annotation: Any) -> tuple[Any, msgspec.Meta]:  # Any: what a type annotation is
    """The type of a setting that is set, and its limits and description."""
    base, meta = get_args(annotation)
    if isinstance(base, UnionType):
        (base,) = (each for each in get_args(base) if each is not type(None))
    return base, meta


def _expected(base: Any, meta: msgspec.Meta) -> str:  # Any: what a type annotation is
    """What a value must be, in words."""
    if get_origin(base) is Literal:
        return f"must be one of {', '.join(get_args(base))}"
    if base is bool:
        return "must be true or false"
    if base is datetime:
        return "must be a time with its zone, such as 2026-01-31T00:00:00Z"
    limits = {"at least": meta.ge, "more than": meta.gt, "at most": meta.le}
    words = [f"{words} {limit}" for words, limit in limits.items() if limit is not None]
    return ", ".join(["must be a whole number" if base is int else "must be a number", *words])
