"""The URL of an HTTP proxy, as SYNCD_PROXY has it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from syncd.core.reading.origin import origin_of


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Where the proxy is, and how to log in to it."""

    host: str
    port: int
    is_tls: bool
    """Whether it is spoken to by TLS; what goes through it always is what it is without it."""
    user: str | None = field(default=None, repr=False)
    """None: it asks for no name."""
    password: str = field(default="", repr=False)


def read_proxy(url: str) -> ProxyAddress:
    """Read http(s)://[user:password@]host[:port]. Raises ValueError that repeats nothing of it."""
    try:
        parts = urlsplit(url)
        login, _, place = parts.netloc.rpartition("@")
        origin = origin_of(f"{parts.scheme}://{place}")
    except ValueError:
        raise ValueError("must look like http://proxy.example.com:3128, with user:password@ if need be") from None
    if "*" in origin.host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be a scheme, a host and a port only")
    user, _, password = login.partition(":")
    names = (unquote(user) if login else None, unquote(password))
    if not all((name or "").isprintable() for name in names):
        raise ValueError("has a user name or a password with control characters")
    return ProxyAddress(origin.host, origin.port, origin.scheme == "https", *names)
