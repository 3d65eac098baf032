"""What is known about the list, and who may read a page of it."""

import threading
from datetime import datetime, timedelta

from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_state import ListState
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.polling import list_states


def test_what_was_saved_is_read_as_it_was(connection: Connection, now: datetime) -> None:
    assert list_states.read_list_state(connection, "default") == (ListState(), ListCursor(), None)
    state = ListState(50, 0.5, 3.25, 7, 12.5, now, 2, now + timedelta(hours=1), "refused (403)")
    cursor = ListCursor(
        "https://a/1", now, "https://a/2", now, now + timedelta(seconds=1), now + timedelta(seconds=2)
    )
    assert list_states.hold(connection, "default", "me", 0, 17.0, now)
    assert list_states.read_list_state(connection, "default") == (
        ListState(),
        ListCursor(),
        now + timedelta(seconds=17),
    )
    list_states.save_list_state(connection, "default", "me", state, cursor)
    assert list_states.read_list_state(connection, "default") == (state, cursor, None)
    assert list_states.read_list_state(connection, "other") == (ListState(), ListCursor(), None)


def test_one_holds_at_a_time_until_it_has_saved(connection: Connection, now: datetime) -> None:
    assert list_states.hold(connection, "default", "me", 0, 17.0, now)
    assert not list_states.hold(connection, "default", "you", 0, 17.0, now + timedelta(seconds=16))
    assert not list_states.hold(connection, "default", "me", 0, 17.0, now)
    assert list_states.hold(connection, "other", "you", 0, 17.0, now)
    list_states.save_list_state(connection, "default", "me", ListState(turn=1), ListCursor())
    assert list_states.hold(connection, "default", "you", 1, 17.0, now)


def test_a_hold_that_ran_out_is_taken_over_and_who_lost_it_saves_nothing(
    connection: Connection, now: datetime
) -> None:
    assert list_states.hold(connection, "default", "me", 0, 17.0, now)
    assert list_states.hold(connection, "default", "you", 0, 17.0, now + timedelta(seconds=17))
    list_states.save_list_state(connection, "default", "me", ListState(turn=99), ListCursor("https://a/99"))
    assert list_states.read_list_state(connection, "default")[:2] == (ListState(), ListCursor())
    list_states.save_list_state(connection, "default", "you", ListState(turn=1), ListCursor("https://a/1"))
    list_states.save_list_state(connection, "default", "me", ListState(turn=99), ListCursor("https://a/99"))
    assert list_states.read_list_state(connection, "default") == (ListState(turn=1), ListCursor("https://a/1"), None)


def test_who_planned_with_an_older_turn_does_not_hold(connection: Connection, now: datetime) -> None:
    assert list_states.hold(connection, "default", "me", 0, 17.0, now)
    list_states.save_list_state(connection, "default", "me", ListState(turn=1), ListCursor())
    assert not list_states.hold(connection, "default", "you", 0, 17.0, now)
    assert list_states.hold(connection, "default", "you", 1, 17.0, now)


def test_of_many_at_the_same_time_one_holds(engine: Engine) -> None:
    held: list[bool] = []

    def hold(number: int) -> None:
        with engine.begin() as connection:
            held.append(list_states.hold(connection, "default", str(number), 0, 17.0, database_now(connection)))

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held) == [False] * 11 + [True]
