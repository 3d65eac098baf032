"""A list page: which transcripts to ask for, the entries of one answer, and the URL of the next page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from syncd.core.reading.artifact import Artifact, Links, NoArtifact, read_artifact
from syncd.core.reading.document import Document, Json
from syncd.core.reading.values import child

LIST_PATH = "/api/v1/transcript/"
CURSOR = "cursor"
LONGEST_CURSOR = 8000
"""Characters, escaped. A judgement: servers take requests of about 8 kB."""
_SENT_AS_IT_IS = ":/?[]@!$'()*+,;=%"
"""What may stand in a value of a query (RFC 3986) beside letters, digits and `-._~`; all else is escaped."""


class NoPage(ValueError):
    """The document is no list page; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which transcripts to list; None stands for any. The times are aware.

    Recall does not document whether the bounds are inclusive, so a transcript created at a bound may be there or not.
    """

    status: str | None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """Query parameters by name, not yet encoded, without those that are None. Times are UTC with microseconds."""
        named = {
            "status_code": self.status,
            "created_at_after": _written(self.created_after),
            "created_at_before": _written(self.created_before),
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """One list page, in the order of the answer. Each transcript is in it once."""

    entries: tuple[tuple[Artifact, Links], ...]
    next_url: str | None
    """Absolute, with our own origin and path of the list; it may be the URL of a page that was read before."""
    flaw: str | None = None
    """What was left out, and why; None: nothing was."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out. Only on a whole page does it mean anything that a transcript is missing."""
        return self.flaw is None

    @property
    def is_last(self) -> bool:
        """Whether this is the last page for certain. One whose `next` was refused is not."""
        return self.is_whole and self.next_url is None


def list_url(base_url: str, selection: Selection) -> str:
    """The URL of the first page below `base_url`, which ends without a slash."""
    query = urlencode(selection.parameters())
    return f"{base_url}{LIST_PATH}?{query}" if query else base_url + LIST_PATH


def read_page(document: Document, base_url: str, selection: Selection) -> Page:
    """Read a page of `selection` by the API at `base_url`. Raises NoPage where the document has no `results` list.

    Left out, so that the page is not whole: entries that are no artifacts, an id that came before, and a `next`
    without a cursor (next_page). A `next` that is null, empty or false belongs to the last page. Every artifact has
    the `is_altered` of the page, as it is not known which one was altered.
    """
    results = child(document.value, "results")
    if not isinstance(results, list):
        raise NoPage("the answer has no list of results")
    entries = _entries(results, document.is_altered)
    link = child(document.value, "next")
    next_url = next_page(link, base_url, selection)
    flaw = None
    if len(entries) < len(results):
        flaw = f"{len(results) - len(entries)} of {len(results)} entries of a page are no transcripts, or come twice"
    elif link and next_url is None:
        flaw = "the link to a next page holds no cursor"
    return Page(entries, next_url, flaw)


def next_page(link: Json, base_url: str, selection: Selection) -> str | None:
    """The URL of the next page on our own list, by the link to it that the API gives; None where that has no cursor.

    Only its cursor is used, with what is no sign of a URL escaped. Where the API lies behind something that ends TLS
    or changes its name, the link may have another scheme, host, port or path; and the key must go nowhere else.
    The link repeats the selection, as each page is selected anew: what it repeats is sent, with our own values.
    """
    if not isinstance(link, str):
        return None
    before, mark, after = link.strip().partition("#")[0].partition("?")
    named = dict(pair.partition("=")[::2] for pair in (after if mark else before).split("&"))
    cursor = quote(named.get(CURSOR, ""), safe=_SENT_AS_IT_IS, errors="replace")
    if not 0 < len(cursor) <= LONGEST_CURSOR:
        return None
    repeated = urlencode({name: value for name, value in selection.parameters().items() if name in named})
    return f"{base_url}{LIST_PATH}?{repeated}{'&' if repeated else ''}{CURSOR}={cursor}"


def _entries(results: list[Json], is_altered: bool) -> tuple[tuple[Artifact, Links], ...]:
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
