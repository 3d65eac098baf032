"""How a value of a setting is written: what is accepted, and in which form it is kept."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from syncd.core.reading.origin import BadOrigin, origin_of, read_origins

POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a name without control characters")
    return text.strip()


def database_url(text: str) -> str:
    """The bare URL of a Postgres. Raises ValueError for anything else."""
    dsn = text.strip()
    if dsn.partition("://")[0] not in POSTGRES_SCHEMES:
        raise ValueError("must look like postgresql://user@host:5432/database")
    return dsn


def api_key(text: str) -> str:
    """The bare key. Raises ValueError for what no key looks like; an accidental `Token ` in front is dropped."""
    key = text.strip()
    scheme, _, rest = key.partition(" ")
    if scheme.lower() == "token":
        key = rest.strip()
    if not key:
        raise ValueError("is empty")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("must be printable ASCII without spaces")
    return key


def _base_url(text: str) -> str:
    """The URL without a slash at its end. Raises ValueError for what is not the base URL of an API."""
    try:
        origin_of(text)
    except BadOrigin:
        raise ValueError("must be a URL such as https://us-east-1.recall.ai") from None
    parts = urlsplit(text)
    if "/api/" in parts.path + "/" or parts.query or parts.fragment:
        raise ValueError("must be the base URL only, without /api/v1 and without a query")
    return text.rstrip("/")


def _origins(text: str) -> str:
    if not read_origins(text):
        raise ValueError("must name at least one origin")
    return text


def _inside(check: Callable[[str], str]) -> AfterValidator:
    """The check, on what a secret holds."""
    return AfterValidator(lambda secret: SecretStr(check(secret.get_secret_value())))


Name = Annotated[str, Field(max_length=200), AfterValidator(_name)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Origins = Annotated[str, AfterValidator(_origins)]
DatabaseUrl = Annotated[SecretStr, _inside(database_url)]
ApiKey = Annotated[SecretStr, _inside(api_key)]
