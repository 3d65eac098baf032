"""recall.track: the way in for the command and for SQL alike."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from syncd.core.transcript import ContentState
from syncd.db.engine import Connection, Engine, conninfo, psycopg_connection
from syncd.db.queue import tracking
from syncd.db.rate_limit import workspaces
from syncd.pipeline.track import track_lines

RETRIABLE = ("missing", "abandoned", "unavailable", "too_large", "unreadable", "deleted")


def call(connection: Connection, *arguments: object) -> bool:
    places = ", ".join("%s" for _ in arguments)
    result: bool = connection.exec_driver_sql(f"select recall.track({places})", tuple(arguments)).scalar_one()
    return result


def workspace_of(connection: Connection, transcript_id: UUID) -> list[str]:
    rows = connection.exec_driver_sql(
        "select workspace from recall.transcripts where transcript_id = %s"
        " union select workspace from syncd.queue where transcript_id = %s",
        (transcript_id, transcript_id),
    )
    return [workspace for (workspace,) in rows]


def test_tracking_twice_is_harmless(connection: Connection) -> None:
    id_ = uuid4()
    assert call(connection, id_) is True
    before = connection.exec_driver_sql("select * from syncd.queue").one()
    assert call(connection, id_) is False
    assert connection.exec_driver_sql("select * from syncd.queue").one() == before


def test_the_second_argument_names_the_workspace(connection: Connection) -> None:
    id_ = uuid4()
    call(connection, id_, "acme")
    assert workspace_of(connection, id_) == ["acme"]


def test_without_one_it_is_default_or_the_only_one_there_is(connection: Connection) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    call(connection, first)
    workspaces.register(connection, "acme")
    call(connection, second)
    workspaces.register(connection, "other")
    call(connection, third)
    assert [workspace_of(connection, id_) for id_ in (first, second, third)] == [["default"], ["acme"], ["default"]]


@pytest.mark.parametrize("state", list(ContentState))
def test_only_ends_worth_another_try_start_anew(connection: Connection, state: ContentState) -> None:
    id_ = uuid4()
    call(connection, id_)
    connection.exec_driver_sql("delete from syncd.queue")
    connection.exec_driver_sql("update recall.transcripts set payload_state = %s", (str(state),))
    assert call(connection, id_) is (state in RETRIABLE)
    assert connection.exec_driver_sql("select count(*) from syncd.queue").scalar_one() == (state in RETRIABLE)


def test_a_null_id_is_refused_in_words(connection: Connection) -> None:
    with pytest.raises(Exception, match="a transcript id is missing"):
        call(connection, None)


def test_tracking_wakes_whoever_listens(connection: Connection) -> None:
    with psycopg.connect(conninfo(connection.engine), autocommit=True) as listener:
        listener.execute("listen syncd_wake")
        call(connection, uuid4(), "acme")
        (hint,) = listener.notifies(timeout=60, stop_after=1)
    assert hint.payload == "acme"


def test_the_command_and_sql_use_the_same_function(connection: Connection) -> None:
    ids = [uuid4(), uuid4()]
    call(connection, ids[0])
    assert tracking.track(connection, ids, "default") == 1


def test_the_states_in_sql_are_those_in_python(connection: Connection) -> None:
    rows = connection.exec_driver_sql("select payload_state, is_end from recall.payload_states")
    assert {tuple(row) for row in rows} == {(str(state), state.is_end) for state in ContentState}


def test_a_transcript_that_was_never_seen_moves_to_the_workspace_it_is_wanted_in(connection: Connection) -> None:
    id_ = uuid4()
    call(connection, id_, "typo")
    call(connection, id_, "acme")
    assert workspace_of(connection, id_) == ["acme"]
    connection.exec_driver_sql("update recall.transcripts set status = 'processing'")
    call(connection, id_, "elsewhere")
    assert workspace_of(connection, id_) == ["acme"]


def test_a_workspace_that_nobody_serves_is_warned_of(connection: Connection) -> None:
    told: list[str] = []
    driver = psycopg_connection(connection)
    driver.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    workspaces.register(connection, "acme")
    call(connection, uuid4(), "acme")
    assert told == []
    call(connection, uuid4(), "amce")
    assert told == ['no daemon has served the workspace "amce" yet']


def test_two_that_track_the_same_ids_do_not_block_each_other(engine: Engine) -> None:
    ids = [uuid4() for _ in range(500)]
    lists = [ids, list(reversed(ids))] * 3
    with ThreadPoolExecutor(len(lists)) as threads:
        results = threads.map(lambda some: track_lines(engine, map(str, some), "default"), lists)
    assert sum(result.new_count for result in results) == 500
