"""Remove bearer secrets from a JSON value before it reaches a table.

Presigned links are secrets that expire; a provider's settings may hold the credentials of a webhook. Both are
replaced by null; inside a longer text (an answer quoted as text) only the link itself is removed. Everything else
stays as it is. Custom metadata is the customer's own: only presigned links are removed from it, whatever the names.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from syncd.core.reading.document import Content, Json

_LINK_KEY = re.compile(r"download_url\Z")
_SECRET_KEY = re.compile(
    r"(auth_header_value|authorization|api[_-]?key|secret|password"
    r"|(access|auth|bearer|refresh|security|session|webhook)[_-]?token)\Z",
    re.IGNORECASE | re.ASCII,
)
# The separator may have been escaped once more by HTML or by JSON in JSON.
_SIGNED_QUERY = re.compile(
    r"(^|[&?]|&amp;|\\u0026)(x-amz-[a-z-]+|x-goog-[a-z-]+|signature|awsaccesskeyid|sig|token|access_token|key-pair-id"
    r"|api[_-]?key|secret|password)=",
    re.IGNORECASE | re.ASCII,
)
_PRESIGNED_QUERY = re.compile(
    r"(^|[&?]|&amp;|\\u0026)(x-amz-signature|x-amz-security-token|x-goog-signature|awsaccesskeyid|key-pair-id|signature)=",
    re.IGNORECASE | re.ASCII,
)
# Slashes may be escaped, as in JSON in JSON; what escapes the quotation mark behind a link is not part of it.
_LINK = re.compile(r"(?:https?|wss?):\\?/\\?/(?:[^\s\"'<>\\]|\\+(?![\\\s\"'<>]|$))+", re.IGNORECASE)
_DEEPEST_LINK = 4
"""Links within links that are unpacked; one nested deeper counts as signed. A judgement, on the safe side."""
REMOVED = "[removed]"
_LONGEST_NAME = 24
"""Characters at the end of a name that say whether it is one of a credential; a few more than the longest has."""
_NO_SECRETS = frozenset({float, int, bool, type(None)})


# What a secret looks like in JSON text of small letters, and a little more: a link with a user, a signature or a link
# in it; a name that ends with that of a credential; and escaped ASCII characters, behind which either could hide.
# Each pattern begins with a letter that is rare in JSON: so `re` looks at that letter only, and is as fast as memchr.
_LINK_IN_JSON = re.compile(rb"/(?<=:/)/[^\s\"'<>]*")
_ESCAPED_LINK_IN_JSON = re.compile(rb":\\*/\\*/[^\s\"'<>]*")
_SIGN_IN_JSON = re.compile(
    rb"@|%3a|x-amz-|x-goog-|(?:sig|signature|token|key|key-pair-id|secret|password|awsaccesskeyid)="
)
_ESCAPED_IN_JSON = re.compile(rb"\\u00[0-7]")
_NAMES_IN_JSON = (
    re.compile(rb'k(?:(?<=tok)en|(?:(?<=apik)|(?<=api[_-]k))ey)"'),
    re.compile(rb'w(?:(?<=passw)ord|(?<=dow)nload_url)"'),
    re.compile(rb'z(?<=authoriz)ation"'),
    re.compile(rb'v(?<=auth_header_v)alue"'),
)
_SECRET_IN_JSON = b'secret"'


def may_hold_secrets(content: Content) -> bool:
    """Whether `without_secrets` could change the value of this JSON text. Quick, and True a little too often."""
    lower = content.lower()
    is_escaped = b"\\" in lower
    has_escaped_links = is_escaped and (b":\\" in lower or b"/\\" in lower)
    links = _ESCAPED_LINK_IN_JSON if has_escaped_links else _LINK_IN_JSON
    return (
        _SECRET_IN_JSON in lower
        or any(name.search(lower) for name in _NAMES_IN_JSON)
        or (is_escaped and _ESCAPED_IN_JSON.search(lower) is not None)
        or any(_SIGN_IN_JSON.search(link) for link in set(links.findall(lower)))
    )


def without_secrets(value: Json, key: str = "") -> Json:
    """The same JSON value with presigned links and credentials replaced by null."""
    if isinstance(value, dict):
        return {
            name: element if type(element) in _NO_SECRETS else without_secrets(element, name)
            for name, element in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(element, key) for element in value]
    if isinstance(value, str):
        return None if names_secret(key) else _without_signed(value)
    return value


def without_presigned_links(value: Json) -> Json:
    """The same JSON value with presigned links replaced by null: for custom metadata."""
    if isinstance(value, dict):
        return {name: without_presigned_links(element) for name, element in value.items()}
    if isinstance(value, list):
        return [without_presigned_links(element) for element in value]
    is_link = isinstance(value, str) and _LINK.fullmatch(value.strip()) is not None
    return None if is_link and _PRESIGNED_QUERY.search(_parts(value).query) else value


def names_secret(key: str) -> bool:
    """Whether a text of this name is a credential or a link to a file."""
    return _names_secret(key[-_LONGEST_NAME:])


@lru_cache
def _names_secret(end: str) -> bool:
    return bool(_LINK_KEY.search(end) or _SECRET_KEY.search(end))


def is_signed_link(text: str) -> bool:
    """Whether the text is a URL that grants access by itself: with a signature in its query, or a password."""
    link = text.strip()
    return _LINK.fullmatch(link) is not None and _is_signed(link)


def _without_signed(text: str) -> str | None:
    if ":/" not in text and ":\\/" not in text:
        return text
    return None if is_signed_link(text) else _LINK.sub(lambda link: REMOVED if _is_signed(link[0]) else link[0], text)


def _parts(link: str) -> SplitResult:
    """The parts of a link; one that cannot be parsed counts as a query only, so that all of it is searched."""
    plain = link.strip().replace("\\/", "/")
    try:
        return urlsplit(plain)
    except ValueError:
        return SplitResult("", "", "", plain.partition("?")[2], "")


def _is_signed(link: str) -> bool:
    for _ in range(_DEEPEST_LINK):
        parts = _parts(link)
        if _SIGNED_QUERY.search(parts.query) or _SIGNED_QUERY.search(parts.fragment) or "@" in parts.netloc:
            return True
        if "%3A%2F%2F" not in link.upper():
            return False
        link = unquote(link)  # a link inside the query of another
    return True  # nested deeper than any honest link
