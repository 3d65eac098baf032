"""The client of the Recall API, with its key. It returns artifacts and list pages, or raises a RecallError."""

from datetime import UTC, datetime
from uuid import UUID

import httpx

from syncd import __version__, errors
from syncd.core.rate_limit.retry_after import read_retry_after
from syncd.core.reading.artifact import Artifact, Links, NoArtifact, read_artifact
from syncd.core.reading.document import Content, Document, Unreadable, read_document
from syncd.core.reading.list_page import NoPage, Page, Selection, list_url, next_page, read_page
from syncd.recall.body import BodyIncomplete, BodyTooLarge, read_beginning, read_body
from syncd.recall.causes import cause_of
from syncd.recall.exchange import deadline
from syncd.recall.transport import DIRECT, Network, client
from syncd.settings.secret import Secret

USER_AGENT = f"syncd/{__version__}"
ARTIFACT_LIMIT = 16 * 2**20
"""Bytes. An artifact has less than 10 kB, with a large vocabulary more than 100 kB."""
PAGE_LIMIT = 64 * 2**20
"""Bytes. The length of a page is not documented; a hundred artifacts with their vocabularies are some 10 MB."""
REFUSAL_LIMIT = 8 * 1024
"""Bytes of an answer other than 200 that are read."""
_NO_TRANSCRIPT = "Recall answered 200 with something that is no transcript"
_NO_API = "There is no Recall API at this address"
_BLOCKED = "A proxy, a firewall or a login page of this network answers in Recall's place"
_NO_PAGE = "Recall answered 200 with something that is no page of the list"

_REFUSALS: dict[int, type[errors.RecallError]] = {
    401: errors.KeyRefused,
    402: errors.CreditExhausted,
    403: errors.Forbidden,
    429: errors.Throttled,
}


class RecallApi:
    """The API of one workspace in one region. Thread-safe; each call is exactly one request, never retried."""

    def __init__(self, base_url: str, key: Secret, timeout_s: float, network: Network = DIRECT) -> None:
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._client = client(network)
        self._headers = {
            "Authorization": f"Token {key.get_secret_value()}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": USER_AGENT,
        }

    def retrieve(self, transcript_id: UUID, send_by: float | None = None) -> tuple[Artifact, Links]:
        """Retrieve Transcript: one call of the retrieve budget. Raises RecallError.

        Not sent by `send_by` (seconds of time.monotonic), it is not sent at all; `was_sent` of the error tells so.
        """
        content = self._get(f"{self._base_url}/api/v1/transcript/{transcript_id}/", send_by, ARTIFACT_LIMIT)
        try:
            artifact, links = read_artifact(_document(content, _NO_TRANSCRIPT))
        except NoArtifact as error:
            raise errors.BadAnswer(f"{_NO_TRANSCRIPT}: {error}.") from None
        if artifact.transcript_id != transcript_id:
            raise errors.BadAnswer("Recall answered about another transcript than it was asked for.")
        return artifact, links

    def list(self, selection: Selection, next_url: str | None = None, send_by: float | None = None) -> Page:
        """List Transcripts: one page, one call of the list budget. Raises RecallError, but never NotFound.

        Of `next_url`, that of the page before, the cursor is sent byte for byte, and the selection where it is in it.
        Where the cursor is unknown (any more) or missing, that is a BadAnswer: begin again without it.
        Not sent by `send_by` (seconds of time.monotonic), it is not sent at all; `was_sent` of the error tells so.
        """
        base = self._base_url
        url = list_url(base, selection) if next_url is None else next_page(next_url, base, selection)
        if url is None:
            raise errors.BadAnswer("The link to the next page holds no cursor.", was_sent=False)
        try:
            return read_page(_document(self._get(url, send_by, PAGE_LIMIT), _NO_PAGE), base, selection)
        except errors.NotFound:
            raise _no_such_page(next_url) from None
        except NoPage as error:
            raise errors.BadAnswer(f"{_NO_PAGE}: {error}.") from None

    def close(self) -> None:
        """Close the idle connections."""
        self._client.close()

    def _get(self, url: str, send_by: float | None, limit: int) -> Content:
        with deadline(self._timeout_s, send_by) as exchange:
            try:
                return self._exchange(url, limit)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                fault, words = cause_of(error)
                reason = f"The Recall API could not be reached: {words}."
                raise errors.RecallTrouble(reason, was_sent=exchange.is_sent, fault=fault) from None

    def _exchange(self, url: str, limit: int) -> Content:
        try:
            with self._client.stream("GET", url, headers=self._headers) as response:
                if response.status_code != 200:
                    # the status counts even where the body is broken
                    raise _refusal(response, read_beginning(response, REFUSAL_LIMIT))
                return read_body(response, limit).content
        except BodyTooLarge:
            raise errors.RecallTrouble(f"The Recall API's answer is larger than {limit} bytes.") from None
        except BodyIncomplete as error:
            raise errors.RecallTrouble(f"The Recall API's answer is incomplete: {error}.") from None


def _document(content: Content, complaint: str) -> Document:
    try:
        return read_document(content)
    except Unreadable as error:
        if _is_page(content):
            raise errors.ApiBlocked(f"{_BLOCKED} (200, with a page of HTML).") from None
        raise errors.RecallTrouble(f"{complaint}: {error}.") from None


def _no_such_page(next_url: str | None) -> errors.RecallTrouble:
    """What a 404 with JSON means on the list: an outdated cursor, or without one, another API than Recall's."""
    if next_url is not None:
        return errors.BadAnswer("Recall does not know this page of the list (any more).")
    return errors.RecallTrouble(f"{_NO_API}, or none that lists transcripts. Check SYNCD_API_URL.")


def _refusal(response: httpx.Response, content: bytes) -> errors.RecallError:
    """The error for any other answer than 200, with the wait that it asks for."""
    headers = response.headers
    retry_after_s = read_retry_after(headers.get("retry-after"), headers.get("date"), now=datetime.now(UTC))
    error = _error_for(response.status_code, content)
    error.retry_after_s = retry_after_s
    return error


def _is_page(content: Content) -> bool:
    """Whether it is HTML, as Recall itself answers only from its firewall, with 403, and with 5xx."""
    return bytes(content[:1000]).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _error_for(status: int, content: bytes) -> errors.RecallError:
    if status in (407, 511) or (status in (400, 401, 405) and _is_page(content)):
        return errors.ApiBlocked(f"{_BLOCKED} ({status}).")
    if status in _REFUSALS:
        return _REFUSALS[status]()
    if status in (404, 410) and (not content or content.lstrip().startswith(b"{")):  # text or HTML: a proxy's 404
        return errors.NotFound()
    if status in (301, 302, 303, 307, 308, 404):
        return errors.RecallTrouble(
            f"{_NO_API} ({status}). Check SYNCD_API_URL, and whether this network wants a login in a browser."
        )
    is_answer = 400 <= status < 500 and status not in (408, 425)
    return (errors.BadAnswer if is_answer else errors.RecallTrouble)(f"The Recall API answered {status}.")
