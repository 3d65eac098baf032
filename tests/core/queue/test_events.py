"""Which events follow from a change of a transcript."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated
from syncd.core.queue.decide import Answer, decide
from syncd.core.queue.events import events_between
from syncd.core.queue.lease import Content, Known, is_news
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, FileKind
from tests.core.samples import NOW, TRANSCRIPT_ID

ENDS = {"loaded": ["ready"], "empty": ["ready"], "deleted": ["deleted"], "pending": [], "stored": [], "none": []}
CONTENT = Content("digest", 1, 5, {"a": 1}, None)


def known(state: str, *content: Any, status: str | None = None, provider_data: str | None = None) -> Known:
    files = {
        FileKind.TRANSCRIPT: ContentState(state),
        FileKind.PROVIDER_DATA: ContentState(provider_data) if provider_data else None,
    }
    is_deleted = "deleted" in (state, status)
    return Known(files, status=status, content=Content(*content) if content else CONTENT, is_deleted=is_deleted)


@pytest.mark.parametrize("state", ContentState)
def test_every_end_is_told_once(state: ContentState) -> None:
    before, after = known("pending"), known(state)
    assert list(events_between(before, after)) == ENDS.get(state, ["failed"])
    assert events_between(after, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (known("loaded"), known("loaded", status="deleted"), ["deleted"]),
        (known("empty"), known("empty", status="deleted"), ["deleted"]),
        (known("unreadable"), known("unreadable", status="deleted"), ["deleted"]),
        (known("stored"), known("loaded", status="deleted"), ["ready", "deleted"]),
        (known("loaded"), known("deleted"), ["deleted"]),
        (known("loaded"), known("loaded", status="quarantined"), []),
        (known("loaded"), known("loaded", "digest", 1, 7, {"a": 1}, None), ["changed"]),
        (known("loaded"), known("loaded", "digest", 1, 5, {"a": 2}, None), ["changed"]),
        (known("loaded"), known("loaded", "digest", 1, 5, {"a": 1}, {}), ["changed"]),
        (known("loaded", None, 1, 5, {"a": 1}, None), known("loaded"), []),
        (known("loaded", None, 1, 5, {"a": 1}, None), known("loaded", "digest", 1, 7, {"a": 1}, None), ["changed"]),
        (known("pending"), known("pending", "digest", 1, 5, {"a": 2}, None), []),
        (known("failed"), known("failed", "digest", 1, 5, {"a": 2}, None), []),
        (known("loaded"), known("unreadable"), ["failed"]),
        (known("unreadable"), known("loaded"), ["ready"]),
        (known("unavailable"), known("missing"), ["failed"]),
        (known("loaded"), known("pending"), []),
        (known("loaded"), known("loaded", provider_data="loaded"), []),
    ],
)
def test_each_kind_is_told_when_it_becomes_true(before: Known, after: Known, kinds: list[str]) -> None:
    assert list(events_between(before, after)) == kinds


@pytest.mark.parametrize(
    ("metadata", "observed_ago", "kinds"),
    [({"a": 1}, 60, []), ({"a": 2}, 60, ["changed"]), ({"a": 2}, -60, [])],
    ids=["the same", "other metadata", "older than what is known"],
)
def test_other_metadata_of_a_loaded_transcript_is_told(
    lease: Any, metadata: dict[str, int], observed_ago: int, kinds: list[str]
) -> None:
    from_before = Known(
        {FileKind.TRANSCRIPT: ContentState.LOADED, FileKind.PROVIDER_DATA: None},
        status="done",
        observed_at=NOW - timedelta(seconds=observed_ago),
        content=CONTENT,
    )
    seen = Artifact(UUID(TRANSCRIPT_ID), "done", created_at=NOW, metadata=metadata)
    answer = Answer(seen, Links("https://s/f", "https://s/p"))
    outcome = decide(answer, lease(known=from_before), NOW, Policy(estimated({})), 0.5)
    assert [str(kind) for kind in outcome.events] == kinds


@pytest.mark.parametrize(
    ("observed_at", "told", "said", "is_newer"),
    [
        (None, None, None, True),
        (NOW, None, None, True),
        (NOW + timedelta(seconds=1), None, None, False),
        (None, NOW, NOW, True),
        (None, NOW, NOW - timedelta(seconds=1), False),
        (None, NOW, None, True),
        (None, None, NOW, True),
    ],
)
def test_an_observation_is_news_unless_it_is_older(observed_at: Any, told: Any, said: Any, is_newer: bool) -> None:
    seen = Artifact(UUID(TRANSCRIPT_ID), "done", status_updated_at=said)
    assert is_news(seen, NOW, Known(observed_at=observed_at, status_updated_at=told)) is is_newer
