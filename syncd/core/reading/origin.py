"""Which origins (RFC 6454: scheme, host, port) a download link may have: the allow-list SYNCD_DOWNLOAD_ORIGINS."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
LEAST_DOTS = 2
"""In a wildcard: `*.com` would allow every host of every company."""
_HOST = re.compile(r"[a-z0-9._*-]+|[0-9a-f:.]+")
_V6_INTERNET = ip_network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_V4_PROTOCOLS = ip_network("192.0.0.0/24")
"""IETF protocol assignments (RFC 6890): private, although older Pythons know only parts of it as such; some clouds
serve credentials there."""


class BadOrigin(ValueError):
    """This is no origin; the message shows a valid one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port. The host `*.example.com` matches every name below example.com."""

    scheme: str
    host: str
    port: int

    @property
    def is_wildcard(self) -> bool:
        """Whether the host matches many names. Those must use https and have public addresses."""
        return self.host.startswith("*.")

    def covers(self, other: "Origin") -> bool:
        """Whether `other`, the origin of a link, equals or matches this one."""
        if (self.scheme, self.port) != (other.scheme, other.port):
            return False
        if not self.is_wildcard:
            return self.host == other.host
        return other.host.endswith(self.host[1:]) and not _is_address(other.host)


def read_origins(text: str) -> tuple[Origin, ...]:
    """A comma-separated allow-list. Raises BadOrigin, naming the entry, for what is no origin."""
    return tuple(_allowed(entry.strip()) for entry in text.split(",") if entry.strip())


def origin_of(url: str) -> Origin:
    """The origin of a link. Raises BadOrigin for links with a user name, without a host, or of another scheme."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadOrigin("the link is malformed") from None
    host = plain_host(parts.hostname or "")
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or port == 0 or not _HOST.fullmatch(host):
        raise BadOrigin("the link is not a plain http(s) URL")
    return Origin(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme])


def plain_host(host: str) -> str:
    """The host as it is compared: in lower case, without a trailing dot."""
    return host.removesuffix(".").lower()


def permitting(origins: tuple[Origin, ...], link: Origin) -> Origin | None:
    """The entry of the allow-list that allows this link, an exact one before a wildcard; None: it is not allowed."""
    matches = [origin for origin in origins if origin.covers(link)]
    return min(matches, key=lambda origin: origin.is_wildcard, default=None)


def _allowed(entry: str) -> Origin:
    # a password or a signature that was pasted along is not repeated
    shown = repr(re.split(r"[?#]", entry)[0].rpartition("@")[2])
    try:
        origin = origin_of(entry)
    except BadOrigin:
        raise BadOrigin(f"{shown} is no origin such as https://files.example.com or https://*.example.com") from None
    if urlsplit(entry).path.strip("/") or urlsplit(entry).query or urlsplit(entry).fragment:
        raise BadOrigin(f"{shown} has a path; an origin is only scheme, host and port")
    if "*" in origin.host and (not origin.is_wildcard or "*" in origin.host[1:]):
        raise BadOrigin(f"{shown}: a wildcard stands for the whole first label only, as in https://*.example.com")
    if origin.is_wildcard and origin.host.count(".") < LEAST_DOTS:
        raise BadOrigin(f"{shown}: below such a wildcard are names of anybody; write it as https://*.example.com")
    if origin.is_wildcard and origin.scheme != "https":
        raise BadOrigin(f"{shown}: a wildcard must be https; write plain http origins out in full")
    return origin


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public_address(address: str) -> bool:
    """Whether an IP address (v4, v6, v4 in v6) belongs to the public internet."""
    ip = ip_address(address.split("%", 1)[0])
    if ip.version == 6:
        inner = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped or ip.sixtofour
        if inner is None:
            return ip.is_global and ip in _V6_INTERNET
        ip = inner
    return ip.is_global and not ip.is_multicast and ip not in _V4_PROTOCOLS
