"""The client of the file store, without a key. It downloads the whole file behind a presigned link."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

import httpx

from syncd import errors
from syncd.core.rate_limit.retry_after import read_retry_after
from syncd.core.reading.origin import BadOrigin, Origin, is_public_address, origin_of, permitting, plain_host
from syncd.recall.api import USER_AGENT
from syncd.recall.body import Body, BodyIncomplete, BodyTooLarge, read_beginning, read_body
from syncd.recall.causes import cause_of
from syncd.recall.connections import AddressRefused
from syncd.recall.exchange import deadline, extend
from syncd.recall.transport import DIRECT, Network, client

MAX_REDIRECTS = 3
ERROR_LIMIT = 8 * 1024
"""Bytes of an answer other than 200 that are read."""
_TARGET = re.compile(r"[!-~]+")
"""What HTTP allows in the target of a request, by h11."""
_REDIRECTS = (301, 302, 303, 307, 308)
_CODE = re.compile(rb"<Error\b[^>]{0,200}>.{0,2000}?<Code>([A-Za-z]{1,40})</Code>", re.DOTALL)
"""How S3 and similar stores begin an error; a page of a proxy or of a firewall does not."""
_EXPIRED = re.compile(rb"expired", re.IGNORECASE)
_SESSION_ENDED = ("SignatureDoesNotMatch", "InvalidToken", "InvalidAccessKeyId")
_MAY_BE_THE_NETWORK = " It may also be that the store refuses this network."


class FileStore:
    """Downloads files from the allowed origins. Thread-safe; each call is one download, never retried."""

    def __init__(self, origins: tuple[Origin, ...], limit: int, timeout_s: float, network: Network = DIRECT) -> None:
        self._origins = origins
        self._limit = limit
        self._timeout_s = timeout_s
        self._client = client(network, self._permits)

    def download(self, link: str, on_large: Callable[[], None] | None = None) -> Body:
        """The whole file behind a presigned link, decoded. Raises DownloadError; no message contains the link.

        `on_large` is called, and may block, before a large file is held in memory.
        """
        with deadline(self._timeout_s):
            on_large_wait = None if on_large is None else partial(_extending_the_deadline, on_large)
            self._check(link, "The link leads")
            for _ in range(MAX_REDIRECTS + 1):
                answer = self._get(link, on_large_wait)
                if isinstance(answer, Body):
                    return answer
                link = answer
                self._check(link, "The file store redirects")
        raise errors.StoreTrouble("The file store redirects in a loop.")

    def close(self) -> None:
        """Close the idle connections."""
        self._client.close()

    def _permits(self, host: str, port: int, address: str) -> bool:
        """Whether a connection is allowed: for a wildcard to a public address only, for an exact origin to any."""
        schemes = ("https", "http")
        entries = [permitting(self._origins, Origin(scheme, plain_host(host), port)) for scheme in schemes]
        return any(e is not None and (not e.is_wildcard or is_public_address(address)) for e in entries)

    def _get(self, link: str, on_large: Callable[[], None] | None) -> Body | str:
        """The file, or the URL that the store redirects to."""
        request = self._request(link)
        try:
            with closing(self._client.send(request, stream=True)) as response:
                location = str(response.headers.get("location", ""))
                if response.status_code in _REDIRECTS and location:
                    return _joined(link, location)
                if response.status_code != 200:
                    raise _refusal(response)
                return read_body(response, self._limit, on_large)
        except httpx.HTTPError as error:
            if isinstance(error.__cause__, AddressRefused):
                origin = origin_of(link)
                raise errors.OriginRefused(
                    "The link leads into a private network, where no wildcard of SYNCD_DOWNLOAD_ORIGINS leads;"
                    f" to allow it, write {origin.scheme}://{origin.host} out in full."
                ) from None
            fault, words = cause_of(error)
            raise errors.StoreTrouble(f"The file store could not be reached: {words}.", fault) from None
        except BodyTooLarge:
            raise errors.FileTooLarge(
                f"The file is larger than the {self._limit} bytes that SYNCD_PAYLOAD_LIMIT allows."
            ) from None
        except BodyIncomplete as error:
            raise errors.StoreTrouble(f"The file could not be downloaded whole: {error}.") from None

    def _request(self, link: str) -> httpx.Request:
        """The target is sent byte for byte, for re-encoding a signature breaks it. Raises StoreTrouble."""
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        try:
            parts = urlsplit(link)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if not _TARGET.fullmatch(target):
                raise _no_url()
            return self._client.build_request("GET", link, headers=headers, extensions={"target": target.encode()})
        except (httpx.InvalidURL, ValueError):
            raise _no_url() from None

    def _check(self, link: str, subject: str) -> None:
        try:
            origin = origin_of(link)
        except BadOrigin as error:
            raise errors.OriginRefused(f"{subject} to what cannot be used: {error}.") from None
        if permitting(self._origins, origin) is None:
            raise errors.OriginRefused(
                f"{subject} to {origin.scheme}://{origin.host}:{origin.port}, which SYNCD_DOWNLOAD_ORIGINS"
                " does not allow."
            )


def _joined(link: str, location: str) -> str:
    """The URL that a redirect leads to. Raises StoreTrouble."""
    try:
        return urljoin(link, location)
    except ValueError:
        raise _no_url() from None


def _no_url() -> errors.StoreTrouble:
    return errors.StoreTrouble("The link, or what the file store redirects to, is not a valid URL.")


def _extending_the_deadline(on_large: Callable[[], None]) -> None:
    """Wait for other large files, and extend the deadline of the download by as long."""
    began = time.monotonic()
    on_large()
    extend(time.monotonic() - began)


def _refusal(response: httpx.Response) -> errors.DownloadError:
    """The error for any other answer than 200, with the wait that it asks for."""
    headers = response.headers
    retry_after_s = read_retry_after(headers.get("retry-after"), headers.get("date"), now=datetime.now(UTC))
    error = _error_for(response.status_code, read_beginning(response, ERROR_LIMIT))
    error.retry_after_s = retry_after_s
    return error


def _error_for(status: int, content: bytes) -> errors.DownloadError:
    """The error for an answer of S3 or a similar store. Its text may echo headers, so only the error code is read."""
    match = _CODE.search(content)
    if match is None:
        if (400 <= status < 500 and status not in (408, 425, 429)) or status == 511:
            return errors.StoreBlocked(
                f"The download was refused ({status}), and not by the file store itself: a proxy, a firewall or a"
                " login page of this network answers in its place."
            )
        return errors.StoreTrouble(f"The file store answered {status} (no code).")
    code = match.group(1).decode()
    if (status in (400, 403) and _EXPIRED.search(content)) or code in _SESSION_ENDED:
        return errors.LinkExpired(f"The link to the file had expired ({status} {code}).")
    if status in (404, 410) or (status == 403 and code in ("AccessDenied", "AllAccessDisabled")):
        also = _MAY_BE_THE_NETWORK if status == 403 else ""
        return errors.FileGone(f"The file is not in the store any more ({status} {code}).{also}")
    return errors.StoreTrouble(f"The file store answered {status} ({code}).")
