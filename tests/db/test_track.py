"""recall.track: the way in for the command and for SQL alike."""

from uuid import UUID, uuid4

import psycopg
import pytest

from syncd.core.transcript import RETRIABLE, PayloadState
from syncd.db import intake, workspaces
from syncd.db.engine import Connection, conninfo


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


@pytest.mark.parametrize("state", list(PayloadState))
def test_only_ends_worth_another_try_start_anew(connection: Connection, state: PayloadState) -> None:
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
        (hint,) = listener.notifies(timeout=5, stop_after=1)
    assert hint.payload == "acme"


def test_the_command_and_sql_use_the_same_function(connection: Connection) -> None:
    ids = [uuid4(), uuid4()]
    call(connection, ids[0])
    assert intake.track(connection, ids, "default") == 1


def test_the_states_in_sql_are_those_in_python(connection: Connection) -> None:
    rows = connection.exec_driver_sql("select * from recall.payload_states")
    assert {tuple(row) for row in rows} == {
        (str(state), state.is_end, state in RETRIABLE, state.meaning) for state in PayloadState
    }
