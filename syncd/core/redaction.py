"""Take bearer secrets out of a JSON value before it reaches a table.

Presigned links are secrets that expire; a provider's settings may carry the credentials of a webhook. Both are
replaced by null, everything else stays as it was.
"""

import re
from typing import Any
from urllib.parse import urlsplit

_LINK_KEY = re.compile(r"download_url$")
_SECRET_KEY = re.compile(r"(auth_header_value|api_?key|secret|password|access_token)$", re.IGNORECASE)
_SIGNED_QUERY = re.compile(
    r"(^|&)(x-amz-[a-z-]+|x-goog-[a-z-]+|signature|awsaccesskeyid|sig|token|access_token|key-pair-id)=",
    re.IGNORECASE,
)


def without_secrets(value: Any, key: str = "") -> Any:
    """The same JSON value with presigned links and credentials replaced by null."""
    if isinstance(value, dict):
        return {name: without_secrets(element, name) for name, element in value.items()}
    if isinstance(value, list):
        return [without_secrets(element, key) for element in value]
    if isinstance(value, str) and _is_secret(value, key):
        return None
    return value


def _is_secret(text: str, key: str) -> bool:
    return bool(_LINK_KEY.search(key) or _SECRET_KEY.search(key)) or is_signed_link(text)


def is_signed_link(text: str) -> bool:
    """Whether the text is a URL that opens something by itself: a signature in its query, or a password."""
    if not text.startswith(("http://", "https://", "wss://", "ws://")):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    return bool(_SIGNED_QUERY.search(parts.query)) or "@" in parts.netloc
