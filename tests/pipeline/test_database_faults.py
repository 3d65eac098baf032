"""What the database refuses costs no transcript an attempt, no paid call twice, and is told with its own reason."""

import pytest
from psycopg.conninfo import make_conninfo

from recall_emulator import Emulator, Scenario
from syncd.db.engine import Engine, make_engine
from syncd.errors import DatabaseFault, DatabaseFull, DatabaseStuck, SchemaError
from syncd.worker import lasting, releases
from tests.db.test_faults import make_raise
from tests.pipeline.harness import Harness


@pytest.mark.parametrize("sqlstate", ["40P01", "40001", "55P03", "25006"])
def test_an_answer_that_was_paid_for_outlives_what_passes(harness: Harness, sqlstate: str) -> None:
    (id_,) = harness.track(Scenario())
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.transcripts", sqlstate, 2)
    assert harness.turn() == 1
    assert harness.transcript(id_)["payload_state"] == "loaded"
    assert harness.retrieves(id_) == 1
    assert harness.rows("select from syncd.queue") == []


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [("53100", "SYNCD-DB-FULL"), ("42501", "SYNCD-DB-RIGHTS"), ("42P01", "SYNCD-SCHEMA"), ("XX000", "SYNCD-DB-AWAY")],
)
def test_what_stays_releases_the_lease_with_its_reason(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, sqlstate: str, code: str
) -> None:
    monkeypatch.setattr(releases, "FIRST_HOLD_S", 0.0)
    monkeypatch.setattr("syncd.db.faults.AGAIN_FOR_S", 0.0)
    ids = harness.track(*(Scenario() for _ in range(4)))
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.utterance_data", sqlstate, 1000)
    assert harness.turn() == 4
    for _ in range(4):
        assert harness.turn() == 1  # one transcript tries whether it is over
    for id_ in ids:
        row = harness.waiting(id_)
        assert code in row["last_error"]
        assert (row["attempts"], row["expired_lease_count"], row["lease_token"]) == (0, 0, None)
    harness.change("drop trigger raise_error on recall.utterance_data")
    harness.turns()
    assert [harness.transcript(id_)["payload_state"] for id_ in ids] == ["loaded"] * 4


def test_nothing_is_claimed_for_longer_and_longer(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "FIRST_HOLD_S", 3600.0)
    harness.track(Scenario(), Scenario())
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.utterance_data", "53100", 1000)
    assert harness.turn() == 2
    paid = len(harness.emulator.requests())
    assert [harness.turn(), harness.page()] == [0, 0]
    assert len(harness.emulator.requests()) == paid


def test_a_lease_that_could_not_be_released_is_released_when_the_database_is_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "FIRST_HOLD_S", 0.0)
    monkeypatch.setattr("syncd.db.faults.AGAIN_FOR_S", 0.0)
    (id_,) = harness.track(Scenario(finishes_after=None))
    with harness.engine.begin() as connection:
        make_raise(connection, "syncd.queue", "25006", 1000)
        connection.exec_driver_sql("alter table syncd.queue disable trigger raise_error")
    asked = harness.api.retrieve

    def read_only_from_now_on(*arguments: object) -> object:
        harness.change("alter table syncd.queue enable trigger raise_error")
        return asked(*arguments)  # type: ignore[arg-type]  # handed on as they are

    monkeypatch.setattr(harness.api, "retrieve", read_only_from_now_on)
    assert harness.turn() == 1
    assert harness.waiting(id_)["lease_token"] is not None
    harness.change("drop trigger raise_error on syncd.queue")
    monkeypatch.setattr(harness.api, "retrieve", asked)
    assert harness.turn() == 1
    row = harness.waiting(id_)
    assert (row["last_error"], row["attempts"], row["expired_lease_count"]) == (None, 0, 0)


def test_a_role_with_few_connections_makes_nothing_wait_for_a_lease(
    engine: Engine, emulator: Emulator, database_url: str
) -> None:
    role = f"few_{id(emulator)}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"create role {role} login connection limit 2")
        connection.exec_driver_sql(f"grant all on all tables in schema syncd, recall to {role}")
        connection.exec_driver_sql(f"grant all on all sequences in schema syncd, recall to {role}")
        connection.exec_driver_sql(f"grant all on all functions in schema syncd, recall to {role}")
        connection.exec_driver_sql(f"grant usage on schema syncd, recall to {role}")
    few = make_engine(make_conninfo(database_url, user=role), pool_size=20)
    with Harness(few, emulator) as harness:
        ids = harness.track(*(Scenario() for _ in range(20)))
        while harness.turn():
            assert {row["last_error"] for row in harness.rows("select last_error from syncd.queue")} <= {None}
        assert [harness.retrieves(id_) for id_ in ids] == [1] * 20
        assert harness.rows("select distinct payload_state from recall.transcripts") == [{"payload_state": "loaded"}]
    few.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"drop owned by {role}")
        connection.exec_driver_sql(f"drop role {role}")


def test_a_poll_that_hands_its_files_on_is_no_proof_that_they_can_be_loaded(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.track(*(Scenario() for _ in range(4)))
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.utterance_data", "53100", 1000)
    monkeypatch.setattr(releases, "FIRST_HOLD_S", 0.0)
    assert harness.turn() == 4
    proofs: list[str] = []
    with monkeypatch.context() as watched:
        watched.setattr(harness.worker._releases, "succeeded", lambda work="run": proofs.append(work))
        assert [harness.turn() for _ in range(3)] == [1, 1, 1]
    assert set(proofs) == {"claim"}
    harness.change("drop trigger raise_error on recall.utterance_data")
    assert [harness.turn(), harness.turn()] == [1, 3]


def test_a_refused_page_and_a_refused_run_neither_hide_nor_clear_each_other(engine: Engine) -> None:
    held = releases.Releases(engine)
    full, rights = DatabaseFull("No room."), SchemaError("Not allowed.")
    held.refused(rights, releases.PAGE)
    assert held.slots(8, 0) == 8  # runs find out for themselves
    assert held.slots(1, 0, releases.PAGE) == 0
    held._holds[releases.PAGE].until = 0.0
    assert held.slots(1, 5, releases.PAGE) == 1  # however many runs are in flight
    held.refused(rights, releases.PAGE)
    held.refused(full)
    assert (held.slots(8, 0), held.refusal) == (0, full)
    held.succeeded()
    assert (held.slots(8, 0), held.slots(1, 0, releases.PAGE), held.refusal) == (8, 0, rights)
    held.refused(full)
    held.succeeded(releases.PAGE)
    assert (held.slots(8, 0), held.slots(1, 0, releases.PAGE), held.refusal) == (0, 0, full)


def test_a_refused_claim_is_told_until_one_succeeds(harness: Harness) -> None:
    harness.track(Scenario())
    with harness.engine.begin() as connection:
        make_raise(connection, "syncd.calls", "53100", 1)
    with pytest.raises(DatabaseFull):
        harness.worker.claim_due()
    assert isinstance(harness.worker.refusal, DatabaseFull)
    assert harness.turn() == 1
    assert [harness.worker.refusal] == [None]


def test_a_lock_that_lasts_makes_its_transcript_wait_and_no_other_and_costs_no_second_call(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.db.faults.AGAIN_FOR_S", 0.0)
    ids = harness.track(Scenario(), Scenario())
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.utterance_data", "55P03", 1000)
    assert harness.tick() == 2
    assert [harness.tick(), [harness.retrieves(id_) for id_ in ids]] == [0, [1, 1]]
    for id_ in ids:
        row = harness.waiting(id_)
        assert (row["due_at"] - row["last_error_at"]).total_seconds() == pytest.approx(releases.BUSY_S, abs=1.0)
        assert (row["attempts"], row["lease_token"], row["stage"], harness.worker.refusal) == (0, None, "load", None)
    (other,) = harness.track(Scenario(end="failed"))
    assert [harness.tick(), harness.transcript(other)["payload_state"]] == [1, "failed"]
    harness.change("drop trigger raise_error on recall.utterance_data")
    harness.turns()
    for id_ in ids:
        assert (harness.transcript(id_)["payload_state"], harness.retrieves(id_)) == ("loaded", 1)


def test_a_lock_that_holds_files_up_is_told_though_polls_succeed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.db.faults.AGAIN_FOR_S", 0.2)
    monkeypatch.setattr(lasting, "STUCK_S", 0.2)
    ids = harness.track(Scenario(), Scenario(finishes_after=None))
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.utterance_data", "55P03", 1000)
    for _ in range(2):
        assert harness.turn() == 2
    stuck = harness.worker.refusal
    assert isinstance(stuck, DatabaseStuck)
    assert [harness.waiting(id_)["last_error"] is None for id_ in ids] == [False, True]
    harness.change("drop trigger raise_error on recall.utterance_data")
    assert [harness.turn(), harness.worker.refusal] == [2, None]


@pytest.mark.parametrize("sqlstate", ["P0001", "0A000", "25P02", "53400", "54001", "55006", "HV000", "XX001"])
def test_an_error_that_is_not_known_waits_and_costs_no_second_call(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlstate: str
) -> None:
    (id_,) = harness.track(Scenario())
    with harness.engine.begin() as connection:
        make_raise(connection, "recall.participants", sqlstate, 1000)
    monkeypatch.setattr(releases, "FIRST_HOLD_S", 0.0)
    assert [harness.tick(), harness.tick()] == [1, 0]  # others come first
    assert [harness.turn(), harness.turn()] == [1, 1]
    row = harness.waiting(id_)
    told = f"The database refuses what it should take: {sqlstate} (SQLSTATE {sqlstate}) [SYNCD-DB-FAULT]"
    assert row["last_error"] == told
    assert (row["attempts"], row["stage"], row["lease_token"]) == (0, "load", None)
    assert isinstance(harness.worker.refusal, DatabaseFault)
    assert "Traceback" not in capsys.readouterr().out
    (other,) = harness.track(Scenario())
    harness.change("drop trigger raise_error on recall.participants")
    harness.turns()
    assert [harness.transcript(each)["payload_state"] for each in (id_, other)] == ["loaded", "loaded"]
    assert [harness.retrieves(each) for each in (id_, other)] == [1, 1]


def test_a_value_that_a_constraint_refuses_is_its_files_own_fault(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.change("alter table recall.participants add constraint refused check (name is null)")
    harness.turns()
    row = harness.transcript(id_)
    assert (row["payload_state"], harness.retrieves(id_)) == ("unreadable", 1)
    assert row["payload_reason"].endswith('violates check constraint "refused" (SQLSTATE 23514) [SYNCD-DB-VALUE]')
