"""Reading again: what a selection is called, which files may be read, and what that comes to."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from syncd.core.admin.reparse import (
    Reread,
    RereadResult,
    RereadTotals,
    Selection,
    may_be_read,
    read_moment,
    result_of,
    select,
)
from syncd.core.transcript import ContentState, FileKind
from syncd.errors import BadInput

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01", NEW_YEAR),
        (" 2026-01-01T00:00:00Z ", NEW_YEAR),
        ("2026-01-01T01:00:00+01:00", NEW_YEAR),
        ("2026-01-01 09:30", datetime(2026, 1, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_date_or_time_is_read_as_utc_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    assert (read_moment(text), read_moment(text).tzinfo) == (moment, UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "31.01.2026", "0001-01-01T00:00:00+14:00", "1e9"])
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="is no date; one looks like 2026-01-31 or"):
        read_moment(text)


@pytest.mark.parametrize("provider", ["", "  ", "a\nb", "\udcff"])
def test_a_provider_must_be_a_name(provider: str) -> None:
    with pytest.raises(BadInput, match="is no provider"):
        select(None, provider, None)


@pytest.mark.parametrize(
    ("selection", "name"),
    [
        (select(None, None, None), "everything"),
        (select("2026-01-01", None, None), "--since 2026-01-01T00:00:00+00:00"),
        (select("2026-01-01T01:00:00+01:00", None, None), "--since 2026-01-01T00:00:00+00:00"),
        (Selection(provider="rev_async", older_than=2), "--provider rev_async --older-than-parser 2"),
    ],
)
def test_a_selection_always_has_the_same_name(selection: Selection, name: str) -> None:
    assert str(selection) == name


@pytest.mark.parametrize("state", ContentState)
def test_what_a_daemon_will_read_is_left_to_it_and_other_ends_stay(state: ContentState) -> None:
    is_content = state in (ContentState.LOADED, ContentState.EMPTY, ContentState.UNREADABLE)
    assert may_be_read(state, is_waiting=True) is is_content
    assert may_be_read(state, is_waiting=False) is (is_content or not state.is_end)


@pytest.mark.parametrize(
    ("state", "is_read", "expected"),
    [
        (ContentState.LOADED, True, RereadResult.READ),
        (ContentState.EMPTY, True, RereadResult.READ),
        (ContentState.STORED, True, RereadResult.READ),
        (ContentState.UNREADABLE, True, RereadResult.RECOVERED),
        (ContentState.UNREADABLE, False, RereadResult.UNREADABLE),
        (ContentState.STORED, False, RereadResult.UNREADABLE),
        (ContentState.LOADED, False, RereadResult.LOST),
        (ContentState.EMPTY, False, RereadResult.LOST),
    ],
)
def test_what_became_of_a_file_depends_on_what_it_was(
    state: ContentState, is_read: bool, expected: RereadResult
) -> None:
    assert result_of(state, is_read) == expected


def test_a_tally_counts_files_and_names_only_what_there_was() -> None:
    tally, id_ = RereadTotals(), uuid4()
    tally.add([Reread(id_, kind, RereadResult.READ, 10) for kind in FileKind])
    tally.add([Reread(id_, FileKind.TRANSCRIPT, RereadResult.LOST, 5, "a reason")])
    assert str(tally) == "2 read again, 1 loaded before and not readable any more"
    assert (tally.transcript_count, tally.byte_count) == (2, 25)
