"""The views with an index that serves them: what a lookup reads of some thousands of transcripts."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.db.engine import Connection, Engine

_TRANSCRIPTS = """
    insert into recall.transcripts (
        transcript_id, workspace, recording_id, created_at, status, status_updated_at, payload_state, first_seen_at,
        observed_at, loaded_at, span_s, speech_s, overlap_s, metadata, recording_metadata
    )
    select
        md5('t' || n)::uuid, 'w' || n % 5, md5('r' || n / 2)::uuid, moment,
        case state when 'failed' then 'failed' else 'done' end, moment, state, moment, moment,
        case when state = 'loaded' then moment end, 60, 50, 0, jsonb_build_object('deal', n),
        jsonb_build_object('bot', n)
    from (
        select
            n, now() - n * interval '1 hour' as moment,
            case n % 50 when 0 then 'pending' when 1 then 'stored' when 2 then 'failed' else 'loaded' end as state
        from generate_series(1, 5000) as n
    ) as made
"""
_PARTICIPANTS = """
    insert into recall.participants (transcript_id, position, name, turn_count, word_count, talk_s, overlap_s)
    select md5('t' || n)::uuid, position, 'Ada', 1, 1, 25, 0
    from generate_series(1, 5000) as n, generate_series(0, 1) as position
"""
_UTTERANCES = r"""
    insert into recall.utterance_data (
        transcript_id, position, participant_position, start_s, text, word_count, word_times
    )
    select md5('t' || n)::uuid, position, 0, position, 'Hi.', 1, '\x0000000f4240'
    from generate_series(1, 5000) as n, generate_series(0, 3) as position
"""
_EVENTS = """
    insert into recall.events (transcript_id, workspace, kind, occurred_at)
    select transcript_id, workspace, 'ready', loaded_at from recall.transcripts where loaded_at is not null
    order by loaded_at
"""
_FRESHNESS = """
    select replace(prosrc, 'freshness_of.workspace', quote_literal('w1')) from pg_proc where proname = 'freshness_of'
"""


@pytest.fixture
def crowded(engine: Engine) -> Iterator[Connection]:
    """5,000 transcripts of five workspaces, two for each recording, one of 25 undecided."""
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "insert into recall.workspaces select 'w' || n, now() from generate_series(0, 4) n"
        )
        for statement in (_TRANSCRIPTS, _PARTICIPANTS, _UTTERANCES, _EVENTS):
            connection.exec_driver_sql(statement.replace("%", "%%"))
        connection.exec_driver_sql(
            "analyze recall.transcripts, recall.participants, recall.utterance_data, recall.events"
        )
        yield connection


LOOKUPS = {
    "talk_time where transcript_id = md5('t7')::uuid": {"participants_pkey", "transcripts_pkey"},
    "talk_time where transcript_id in (select transcript_id from recall.latest_transcripts"
    " where recording_id = md5('r7')::uuid)": {"transcripts_latest", "participants_pkey"},
    "latest_transcripts where recording_id = md5('r7')::uuid": {"transcripts_latest"},
    "latest_transcripts where transcript_id = md5('t6')::uuid": {"transcripts_pkey", "transcripts_latest"},
    "latest_transcripts where workspace = 'w1' and loaded_at > now() - interval '1 day'": {
        *("transcripts_loaded_at", "transcripts_latest")
    },
    "latest_transcripts where created_at > now() - interval '6 hours'": {
        "transcripts_created_at",
        "transcripts_latest",
    },
    "latest_transcripts order by created_at desc limit 10": {"transcripts_created_at", "transcripts_latest"},
    "transcript_texts where transcript_id = md5('t7')::uuid": {"transcripts_pkey", "utterance_data_pkey"},
    "latest_transcripts join recall.transcript_texts using (transcript_id)"
    " join recall.talk_time using (transcript_id) where recording_id = md5('r7')::uuid": {
        *("transcripts_latest", "utterance_data_pkey", "participants_pkey")
    },
    """transcripts where metadata @> '{"deal": 7}'""": {"transcripts_metadata"},
    """latest_transcripts where recording_metadata @> '{"bot": 6}'""": {"transcripts_metadata", "transcripts_latest"},
    "transcripts where status = 'failed' and status_updated_at > now() - interval '1 week'": {
        "transcripts_no_content_status"
    },
    "transcripts where payload_state = 'failed' and observed_at > now() - interval '1 week'": {
        "transcripts_no_content_observed"
    },
    "events where occurred_at > now() - interval '1 day' order by event_id": {"events_occurred_at"},
    "sync_freshness": {"transcripts_undecided"},
}


def test_lookups_are_served_by_an_index_and_read_no_table_whole(crowded: Connection) -> None:
    for lookup, indexes in LOOKUPS.items():
        query = f"select * from recall.{lookup}"
        assert crowded.exec_driver_sql(query).first() is not None, f"{query} finds nothing, so it proves nothing"
        (plan,) = crowded.exec_driver_sql(f"explain (format json) {query}").scalar_one()
        nodes = list(walked(plan["Plan"]))
        assert indexes <= {node.get("Index Name") for node in nodes}, (query, plan)
        whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        assert whole <= {"workspaces", "processes"}, (query, plan)


def test_the_freshness_of_a_workspace_is_served_by_indexes(crowded: Connection) -> None:
    query = crowded.exec_driver_sql(_FRESHNESS).scalar_one()
    (plan,) = crowded.exec_driver_sql(f"explain (format json) {query}").scalar_one()
    nodes = list(walked(plan["Plan"]))
    expected = {"transcripts_undecided", "transcripts_loaded_at", "transcripts_observed_at"}
    assert expected <= {node.get("Index Name") for node in nodes}, plan
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"], plan


def walked(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from walked(below)
