"""recall.retry: another try for many."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.admin.retry import WORTH_ANOTHER_TRY, Retriable, read_state
from syncd.core.transcript import ContentState
from syncd.db.engine import Connection
from syncd.db.queue import tracking
from syncd.errors import BadInput

NOW = datetime.now(UTC)
NOT_DELETED = [state for state in WORTH_ANOTHER_TRY if state != ContentState.DELETED]


@pytest.fixture
def ended(connection: Connection) -> dict[ContentState, UUID]:
    """One transcript for each state, ended an hour ago, with the state as its reason."""
    ids = {state: uuid4() for state in ContentState}
    tracking.track(connection, list(ids.values()), "acme")
    connection.exec_driver_sql("delete from syncd.queue")
    for state, id_ in ids.items():
        connection.exec_driver_sql(
            "update recall.transcripts set payload_state = %s, payload_reason = 'It is ' || %s"
            " where transcript_id = %s",
            (state, state, id_),
        )
        connection.exec_driver_sql("select recall.write_events(%s, 'acme', '{failed}')", (id_,))
    connection.exec_driver_sql("update recall.events set occurred_at = now() - interval '1 hour'")
    return ids


@pytest.mark.parametrize(
    ("chosen", "states"),
    [
        (Retriable(), set(NOT_DELETED)),
        (Retriable(state=ContentState.MISSING), {ContentState.MISSING}),
        (Retriable(reason="is TOO_l"), {ContentState.TOO_LARGE}),
        (Retriable(state=ContentState.DELETED), {ContentState.DELETED}),
        (Retriable(reason="%"), set()),
        (Retriable(since=NOW - timedelta(hours=2)), set(NOT_DELETED)),
        (Retriable(since=NOW), set()),
    ],
)
def test_those_that_are_chosen_wait_again(
    connection: Connection, ended: dict[ContentState, UUID], chosen: Retriable, states: set[ContentState]
) -> None:
    wanted = sorted(ended[state] for state in states)
    assert tracking.retry(connection, chosen, is_dry_run=True) == wanted
    assert connection.exec_driver_sql("select count(*) from syncd.queue").scalar_one() == 0
    assert tracking.retry(connection, chosen, is_dry_run=False) == wanted
    waiting = connection.exec_driver_sql("select transcript_id from syncd.queue where workspace = 'acme' order by 1")
    assert list(waiting.scalars()) == wanted


def test_of_ids_only_those_that_ended_for_now(connection: Connection, ended: dict[ContentState, UUID]) -> None:
    chosen = Retriable(ids=(ended[ContentState.MISSING], ended[ContentState.LOADED], uuid4()))
    assert tracking.retry(connection, chosen, is_dry_run=False) == [ended[ContentState.MISSING]]


def test_the_states_are_those_of_the_view(connection: Connection) -> None:
    rows = connection.exec_driver_sql("select payload_state from recall.payload_states where is_worth_another_try")
    assert set(rows.scalars()) == {read_state(f" {state.upper()} ") for state in WORTH_ANOTHER_TRY}
    with pytest.raises(BadInput, match="those are missing"):
        read_state("loaded")
