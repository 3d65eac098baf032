"""Heartbeats: on which server session a process listens, and who counts as alive for it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from syncd.db.engine import Engine
from syncd.db.queue.processes import Process, beat, note_ended, silent_here
from syncd.db.rate_limit import workspaces
from syncd.db.reports import daemons

PROCESS = Process("host:1:a", "default", "host", 1, "0.1.0")


@pytest.mark.parametrize("is_of_this_server", [True, False])
def test_a_heartbeat_names_only_a_session_of_the_server_that_it_is_written_to(
    engine: Engine, is_of_this_server: bool
) -> None:
    with engine.begin() as connection:
        workspaces.register(connection, PROCESS.workspace)
        pid = connection.scalar(text("select pg_backend_pid()")) if is_of_this_server else 2**31 - 1
        for _ in range(2):  # the first one inserts
            beat(connection, PROCESS, "idle", None, 10.0, pid)
        stored = connection.scalar(text("select listener_pid from syncd.processes"))
        assert stored == (pid if is_of_this_server else None)
        assert daemons.of_workspace(connection, "default").live_count == 1
        assert [each.is_live for each in daemons.daemons(connection)] == [True]


@pytest.mark.parametrize("gone", ["listener_pid = 2147483647", "live_until = now()"])
def test_a_process_without_its_session_or_its_time_is_dead_wherever_it_is_asked(engine: Engine, gone: str) -> None:
    with engine.begin() as connection:
        workspaces.register(connection, PROCESS.workspace)
        beat(connection, PROCESS, "idle", None, 10.0)
        connection.execute(text(f"update syncd.processes set {gone}"))
        assert daemons.of_workspace(connection, "default").live_count == 0
        assert [each.is_live for each in daemons.daemons(connection)] == [False]


def test_those_that_ended_on_the_same_machine_without_stopping_are_noted_once(engine: Engine) -> None:
    others = [replace(PROCESS, process=f"host:{pid}:b", pid=pid) for pid in (2, 3)]
    elsewhere = replace(PROCESS, process="other:4:c", host="other", pid=4)
    with engine.begin() as connection:
        for each in (PROCESS, *others, elsewhere):
            beat(connection, each, "idle", None, 10.0)
        connection.execute(text("update syncd.processes set live_until = seen_at + interval '1 us' where pid <> 3"))
        assert silent_here(connection, PROCESS) == {"host:2:b": 2}
        assert [name for name, _ in note_ended(connection, ["host:2:b"])] == ["host:2:b"]
        assert note_ended(connection, ["host:2:b"]) == []
