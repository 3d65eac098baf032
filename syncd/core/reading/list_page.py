"""A page of the list: which transcripts are asked for, what one answer says about them, and where the next one is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from syncd.core.reading.artifact import Artifact, Links, NoArtifact, read_artifact
from syncd.core.reading.document import Document
from syncd.core.reading.origin import BadOrigin, origin_of
from syncd.core.reading.values import child

LIST_PATH = "/api/v1/transcript/"
# Only what a URL may hold, so that it goes out byte for byte; a fragment has no place in it.
_LINK = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]{1,8000}")


class NoPage(ValueError):
    """The document is no page of the list; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which transcripts to list; None stands for any. The times are aware.

    Whether Recall counts the bounds in is not documented, so a transcript of that very moment may be there or not.
    """

    status: str | None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """The query by name, values not yet encoded, what is None left out. Times are UTC with microseconds."""
        named = {
            "status_code": self.status,
            "created_at_after": _written(self.created_after),
            "created_at_before": _written(self.created_before),
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, in the order it came. Each transcript is in it once."""

    entries: tuple[tuple[Artifact, Links], ...]
    next_url: str | None
    """Absolute, on our own origin and the path of the list. It may lead to a page that was there before."""
    is_whole: bool
    """Whether nothing had to be left out. A page that is not whole proves nothing by what is absent."""

    @property
    def is_last(self) -> bool:
        """Whether the list surely ends here. A page that lost its `next` on the way is not the last one."""
        return self.is_whole and self.next_url is None


def list_url(base_url: str, selection: Selection) -> str:
    """The URL of the first page below `base_url`, which ends without a slash."""
    query = urlencode(selection.parameters())
    return f"{base_url}{LIST_PATH}?{query}" if query else base_url + LIST_PATH


def read_page(document: Document, base_url: str) -> Page:
    """Read a page that the API at `base_url` answered. Raises NoPage where the document has no `results` list.

    Left out, so that the page is not whole: entries that are no artifacts, an id that came before, and a `next` that
    `is_list_link` refuses. Every artifact takes `is_altered` from the page: it is not known where in it.
    """
    results = child(document.value, "results")
    if not isinstance(results, list):
        raise NoPage("the answer has no list of results")
    entries = _entries(results, document.is_altered)
    link = child(document.value, "next")
    next_url = link if is_list_link(link, base_url) else None
    return Page(entries, next_url, is_whole=len(entries) == len(results) and next_url == link)


def is_list_link(link: Any, base_url: str) -> bool:
    """Whether the key may be sent to this link: an absolute URL of the list below `base_url`, without a user name."""
    if not isinstance(link, str) or not _LINK.fullmatch(link):
        return False
    try:
        is_own = origin_of(link) == origin_of(base_url)
    except BadOrigin:
        return False
    return is_own and urlsplit(link).path == urlsplit(base_url + LIST_PATH).path


def _entries(results: list[Any], is_altered: bool) -> tuple[tuple[Artifact, Links], ...]:
    found: dict[UUID, tuple[Artifact, Links]] = {}
    for result in results:
        try:
            artifact, links = read_artifact(Document(result, is_altered))
        except NoArtifact:
            continue
        found.setdefault(artifact.transcript_id, (artifact, links))
    return tuple(found.values())


def _written(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
