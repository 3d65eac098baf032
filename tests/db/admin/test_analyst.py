"""`syncd grants`: what the analyst can do, and what it cannot."""

import json

import psycopg
import pytest
from psycopg import errors

from recall_emulator import Emulator, Scenario
from syncd.db.content.files import unpack
from syncd.db.engine import Engine
from tests.db.admin.grants import ISOLATED, READABLE
from tests.db.roles import DatabaseRoles
from tests.pipeline.harness import Harness

TABLES = """
    select oid::regclass::text from pg_class
    where relkind = 'r' and relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace) order by 1
"""


ATTEMPTS = (
    "create table recall.mine (a integer)",
    "create view recall.mine as select 1",
    "create function recall.mine() returns integer language sql as 'select 1'",
    "create table public.mine (a integer)",
    "create temporary table mine (a integer)",
    "create function pg_temp.mine() returns integer language sql as 'select 1'",
    "create schema mine",
    "select lo_create(0)",
    "select lo_creat(-1)",
    "select lo_from_bytea(0, 'mine')",
    "select recall.track(gen_random_uuid())",
    "select nextval('syncd.lease_token')",
    "select * from syncd.queue",
    "select * from syncd.alembic_version",
    "select content from recall.payloads",
    "select * from recall.payloads",
    "copy recall.payloads to stdout",
    "copy recall.transcripts (transcript_id, workspace, first_seen_at) from stdin",
    "alter table recall.transcripts disable row level security",
    "comment on table recall.transcripts is 'mine'",
    "lock table recall.transcripts in row exclusive mode",
    "select transcript_id from recall.transcripts for update",
)


REFUSALS = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


@ISOLATED
def test_the_analyst_reads_every_table_and_view_of_recall(
    roles: DatabaseRoles, loaded: None, workspace: str | None
) -> None:
    roles.grant(workspace)
    readable = roles.rows(READABLE)
    assert len(readable) > 12
    for relation, columns in readable:
        query = f"select {columns if relation == 'recall.payloads' else '*'} from {relation}"
        found, expected = roles.ask("analyst", query), roles.rows(query)
        assert len(found) == len(expected), relation


@ISOLATED
@pytest.mark.parametrize("mode", ["as it is", "read write"])
def test_the_analyst_can_neither_write_nor_read_elsewhere(
    roles: DatabaseRoles, loaded: None, mode: str, workspace: str | None
) -> None:
    roles.change("grant create on schema public to public")  # as in databases from before Postgres 15
    roles.grant(workspace)
    tables = [table for (table,) in roles.rows(TABLES)]
    attempts = [
        *ATTEMPTS,
        *(f"delete from {table}" for table in tables),
        *(f"truncate {table}" for table in tables),
        *(f"insert into {table} default values" for table in tables),
        "update recall.transcripts set status = 'mine'",
        f"set role {psycopg.sql.Identifier(roles.name('owner')).as_string()}",
        f"set role {psycopg.sql.Identifier(roles.name('writer')).as_string()}",
    ]
    with roles.login("analyst") as session:
        if mode == "read write":
            session.execute("set default_transaction_read_only = off")
            session.execute("set session characteristics as transaction read write")
        for attempt in attempts:
            with (
                pytest.raises(REFUSALS if mode == "as it is" else errors.InsufficientPrivilege),
                session.transaction(),
            ):
                session.execute(attempt.encode())
                pytest.fail(f"it could {attempt}")


def test_the_analyst_has_time_limits_from_login(roles: DatabaseRoles) -> None:
    roles.grant(statement_timeout_s=1)
    with roles.login("analyst") as session:
        shown = [
            session.execute(f"show {setting}".encode()).fetchone()
            for setting in (
                "default_transaction_read_only",
                "statement_timeout",
                "idle_in_transaction_session_timeout",
            )
        ]
        assert shown == [("on",), ("1s",), ("1min",)]
        with pytest.raises(errors.QueryCanceled):
            session.execute("select pg_sleep(60)")


def test_the_analyst_sees_no_secret(roles: DatabaseRoles, engine: Engine, emulator: Emulator) -> None:
    link = "https://bucket.s3.amazonaws.com/audio.mp3?X-Amz-Signature=canary-of-a-link"
    message = {
        "audio_url": link,
        "webhook_auth_header_value": "canary-of-a-webhook",
        "api_key": "canary-of-a-key",
        "request": f"POST with {link} inside",
        "text": "and this may be seen",
    }
    file = {"parts": [{"id": "1", "type": "http_response", "data": message, "source_audio": {"url": link}}]}
    scenario = Scenario(
        provider="assembly_ai_async",
        flavour="pass_through",
        provider_data=json.dumps(file).encode(),
        metadata={"link": link},
    )
    with Harness(engine, emulator) as harness:
        harness.track(scenario)
        harness.turns()
    ((content,),) = roles.rows("select content from recall.payloads where kind = 'provider_data'")
    assert unpack(content).count(b"canary") == 5
    roles.grant()
    seen = str([roles.ask("analyst", f"select {columns} from {name}") for name, columns in roles.rows(READABLE)])
    assert "and this may be seen" in seen
    for secret in ("canary", "not-a-real-value", "X-Amz-Signature="):
        assert secret not in seen, secret
