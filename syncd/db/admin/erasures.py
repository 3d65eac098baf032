"""Finds what is to be erased."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from syncd.core.admin.erasure import Erasable, SelectedBy
from syncd.db.tables import DATA_TABLES

_SOMEBODY = "exists (select from recall.participants as spoke where spoke.transcript_id = known.transcript_id and {})"
_PLATFORM_ID = """exists (
    select from unnest(array['$.*.conf_user_id', '$.*.user_id', '$.*.static_participant_id']::jsonpath[]) as place
    cross join jsonb_path_query(spoke.extra_data, place) as held where held #>> '{}' = any (cast(:values as text[]))
)"""
"""Of Zoom, of Teams and Slack, of Meet: the ids of extra_data that a person keeps from meeting to meeting."""
_METADATA = """exists (
    select from unnest(cast(cast(:values as text[]) as jsonb[])) as held
    where known.metadata @> held or known.recording_metadata @> held
)"""
_CHOSEN = {
    SelectedBy.TRANSCRIPT: "known.transcript_id = any (cast(:values as uuid[]))",
    SelectedBy.RECORDING: "known.recording_id = any (cast(:values as uuid[]))",
    SelectedBy.PARTICIPANT_EMAIL: _SOMEBODY.format("lower(spoke.email) = any (cast(:values as text[]))"),
    SelectedBy.PERSON: _SOMEBODY.format(_PLATFORM_ID),
    SelectedBy.METADATA: _METADATA,
}
_FIND = "select known.transcript_id from recall.transcripts as known where {} order by 1 limit :count"
_UNKNOWN = """
select each from unnest(cast(:values as uuid[])) as each
where not exists (select from recall.erasures as gone where gone.transcript_id = each) order by 1 limit :count
"""
_AGED = text("""
(
    select transcript_id from recall.transcripts
    where workspace = :workspace and created_at < statement_timestamp() - make_interval(days => :days)
    order by created_at limit :count
)
union
(
    select transcript_id from recall.transcripts
    where workspace = :workspace and created_at is null
      and first_seen_at < statement_timestamp() - make_interval(days => :days)
    limit :count
)
limit :count
""")
_EXTENT = """
select
    count(*), coalesce(sum(known.word_count), 0)::bigint,
    coalesce(sum((
        select sum(stored.byte_count) from recall.payloads as stored where stored.transcript_id = known.transcript_id
    )), 0)::bigint
from recall.transcripts as known where {}
"""
_ANALYZE = text("analyze " + ", ".join(table.fullname for table in DATA_TABLES))


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a selection holds now."""

    transcript_count: int
    word_count: int
    byte_count: int
    """Of the files, as downloaded."""


def find(connection: Connection, what: Erasable, count: int) -> list[UUID]:
    """The next ones, in the order of ids. Of ids that were named also unknown ones; none that is erased already."""
    query = _UNKNOWN if what.by == SelectedBy.TRANSCRIPT else _FIND.format(_CHOSEN[what.by])
    return list(connection.execute(text(query), {"values": list(what.values), "count": count}).scalars())


def find_aged(connection: Connection, workspace: str, days: int, count: int) -> list[UUID]:
    """The oldest of a workspace that were created so many days ago or earlier; tracked, where that is not known."""
    values = {"workspace": workspace, "days": days, "count": count}
    return sorted(connection.execute(_AGED, values).scalars())


def extent(connection: Connection, what: Erasable) -> Extent:
    """How much there is of it."""
    row = connection.execute(text(_EXTENT.format(_CHOSEN[what.by])), {"values": list(what.values)}).one()
    return Extent(*row)


def analyze(connection: Connection) -> None:
    """Replace the planner's statistics, which hold samples of what was erased; tables of others are left out."""
    connection.execute(_ANALYZE)
