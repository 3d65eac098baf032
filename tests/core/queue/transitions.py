"""The rows of the table of transitions in docs/architecture.md: what happened, and to which lease."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from syncd import errors
from syncd.core.queue.decide import EXPIRED_LEASES_AT_ONCE, OUTAGE_GRACE, Answer, Happening, LeasesExpired
from syncd.core.queue.files import (
    UNPROVEN_FILE_TRIES,
    Downloaded,
    DownloadFailed,
    FilesTried,
    Loaded,
    Unreadable,
)
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, FileKind, Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

TRANSCRIPT, PROVIDER_DATA = FileKind.TRANSCRIPT, FileKind.PROVIDER_DATA
STORED, LOADED = ContentState.STORED, ContentState.LOADED
BOTH = Links("https://s/f", "https://s/p")

POLL = Lease(UUID(TRANSCRIPT_ID), "default", 7, Stage.POLL, NOW, NOW, NOW + timedelta(days=2), attempts=2)
"""A transcript just tracked, after two attempts that failed."""
DOWNLOAD = replace(POLL, stage=Stage.DOWNLOAD)
PROBE = replace(DOWNLOAD, store=StoreHealth.PROBED)
PAUSED = replace(DOWNLOAD, store=StoreHealth.PAUSED)
LAST_DOWNLOAD = DOWNLOAD.with_files({TRANSCRIPT: LOADED})
LOAD = replace(POLL, stage=Stage.LOAD).with_files({TRANSCRIPT: STORED, PROVIDER_DATA: STORED})
LAST_LOAD = LOAD.with_files({TRANSCRIPT: LOADED})
TRIED_OUT = replace(DOWNLOAD, pending_until=NOW, attempts=UNPROVEN_FILE_TRIES - 1)


class Row(NamedTuple):
    """One row of the table: the first two cells, and what they stand for."""

    kind: str
    """The class of what happened."""
    case: str
    what: Happening
    lease: Lease


def rows() -> list[Row]:
    """All rows, in the order of the table."""
    return [*_answers(), *_errors(), *_downloads(), *_ends()]


def _row(case: str, what: Happening, lease: Lease = POLL) -> Row:
    return Row(type(what).__name__, case, what, lease)


def _late(lease: Lease) -> Lease:
    return replace(lease, pending_until=NOW)


def _answer(status: str, links: Links = BOTH, *, is_listed: bool = False) -> Answer:
    artifact = Artifact(UUID(TRANSCRIPT_ID), status, provider="deepgram_async", created_at=NOW)
    return Answer(artifact, links, is_listed)


def _answers() -> list[Row]:
    old = replace(POLL, tracked_at=NOW - timedelta(days=2))  # as long as an asynchronous provider is given
    return [
        _row("`processing`", _answer("processing")),
        _row("`processing`, past its provider's time", _answer("processing"), old),
        _row("a status that is not documented", _answer("transmuting")),
        _row("`done`, links to both files", _answer("done")),
        _row("`done`, on a page of the list", _answer("done", is_listed=True)),
        _row("`done`, a link to the transcript file only", _answer("done", Links("https://s/f"))),
        _row("`done`, fresh links at stage download", _answer("done"), DOWNLOAD),
        _row("`done`, no link to the transcript file", _answer("done", Links())),
        _row("the same at stage download, past the deadline", _answer("done", Links()), _late(DOWNLOAD)),
        _row("`failed`", _answer("failed")),
        _row("`deleted`", _answer("deleted")),
        _row("`deleted`, the transcript file loaded before", _answer("deleted"), LAST_DOWNLOAD),
    ]


def _errors() -> list[Row]:
    forbidden = replace(POLL, forbidden_count=2)
    not_found = replace(POLL, not_found_count=2)
    trouble, unsent = errors.RecallTrouble(), errors.RecallTrouble(was_sent=False)
    return [
        _row("401", errors.KeyRefused()),
        _row("404 for more than `MOST_UNKNOWN` shown before", errors.WrongWorkspace()),
        _row("402", errors.CreditExhausted()),
        _row("403, the first", errors.Forbidden()),
        _row("403, the second", errors.Forbidden(), replace(POLL, forbidden_count=1)),
        _row("403, the third and later", errors.Forbidden(), forbidden),
        _row("403, the fourth, past the deadline", errors.Forbidden(), _late(replace(POLL, forbidden_count=3))),
        _row("404, the first", errors.NotFound()),
        _row("404, the second", errors.NotFound(), replace(POLL, not_found_count=1)),
        _row("404, the third, never shown by Recall", errors.NotFound(), not_found),
        _row("404, the third, shown before", errors.NotFound(), replace(not_found, is_observed=True)),
        _row("429", errors.Throttled(30.0)),
        _row("5xx or network, sent", trouble),
        _row("network, not sent", unsent),
        _row("the same, of a half-open probe", trouble, replace(POLL, is_probe=True)),
        _row("the same, past the deadline by `OUTAGE_GRACE`", trouble, _late_by_grace()),
        _row("a page of a proxy, a 407 or a 511", errors.ApiBlocked()),
        _row("no artifact, or an unexpected 4xx", errors.BadAnswer()),
        _row("the same, past the deadline", errors.BadAnswer(), _late(POLL)),
        _row("the same at stage download, past the deadline", errors.BadAnswer(), _late(DOWNLOAD)),
        _row("Postgres cannot hold the answer", errors.Unstorable()),
        _row("the same, past the deadline", errors.Unstorable(), _late(POLL)),
        _row("a fault of syncd", errors.SyncdError()),
        _row("fewer than `EXPIRED_LEASES_AT_ONCE`", LeasesExpired(), _expired(EXPIRED_LEASES_AT_ONCE - 1)),
        _row("as many", LeasesExpired(), _expired(EXPIRED_LEASES_AT_ONCE)),
    ]


def _late_by_grace() -> Lease:
    return replace(POLL, pending_until=NOW - OUTAGE_GRACE)


def _expired(count: int) -> Lease:
    return replace(POLL, expired_lease_count=count)


def _downloads() -> list[Row]:
    failed: list[errors.DownloadError] = [
        errors.LinkExpired(),
        errors.StoreTrouble(),
        errors.StoreBlocked(),
        errors.UnconfirmedFile("What was downloaded is suspicious.", "aa"),
        errors.FileGone(),
        errors.OriginRefused(),
    ]
    return [
        _row("the other file is missing still", Downloaded(TRANSCRIPT), DOWNLOAD),
        _row("the last file", Downloaded(PROVIDER_DATA), LAST_DOWNLOAD),
        _row("of a half-open probe", Downloaded(TRANSCRIPT), PROBE),
        *(_row(f"`{type(error).__name__}`", DownloadFailed(TRANSCRIPT, error), DOWNLOAD) for error in failed),
        _row("any of these at the eighth try, past the deadline", DownloadFailed(TRANSCRIPT, failed[1]), TRIED_OUT),
        _row("`StoreTrouble` of a half-open probe", DownloadFailed(TRANSCRIPT, failed[1]), PROBE),
        _row("`FileGone` of a half-open probe", DownloadFailed(TRANSCRIPT, failed[4]), PROBE),
        _row("`FileTooLarge`", DownloadFailed(TRANSCRIPT, errors.FileTooLarge()), DOWNLOAD),
        _row("`FileTooLarge`, the last file", DownloadFailed(PROVIDER_DATA, errors.FileTooLarge()), LAST_DOWNLOAD),
        *_tried(failed),
    ]


def _tried(failed: list[errors.DownloadError]) -> list[Row]:
    first = replace(DOWNLOAD, attempts=0)
    again = replace(DOWNLOAD, unconfirmed=("aa",))
    decided = LAST_DOWNLOAD.with_files({PROVIDER_DATA: ContentState.NONE})
    return [
        _row("no file is open", FilesTried(), decided),
        _row("a file is open, no link to it", FilesTried(), DOWNLOAD),
        _row("a file is open, `LinkExpired`, no attempt before", FilesTried(failed[:1]), first),
        _row("a file is open, `UnconfirmedFile`, the first", FilesTried(failed[3:4]), DOWNLOAD),
        _row("a file is open, `UnconfirmedFile`, the same bytes again", FilesTried(failed[3:4]), again),
        _row("a file is open, any other failure", FilesTried(failed[1:2]), DOWNLOAD),
        _row("a file is open, `StoreTrouble` of a half-open probe", FilesTried(failed[1:2]), PROBE),
        _row("a file is open, `StorePaused`", FilesTried([errors.StorePaused()]), PAUSED),
    ]


def _ends() -> list[Row]:
    return [
        _row("the transcript file, the other is stored still", Loaded(TRANSCRIPT, is_empty=False), LOAD),
        _row("the transcript file, nobody spoke", Loaded(TRANSCRIPT, is_empty=True), LOAD),
        _row("the last file", Loaded(PROVIDER_DATA, is_empty=False), LAST_LOAD),
        _row("the transcript file, the other is stored still", Unreadable(TRANSCRIPT, "why"), LOAD),
        _row("the last file", Unreadable(PROVIDER_DATA, "why"), LAST_LOAD),
    ]
