"""`syncd grants`, run on a real server: what each of the three roles can do, and what it cannot."""

import gzip
import json
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from recall_emulator import Emulator, Scenario
from syncd.db import schema, workspaces
from syncd.db.engine import Engine
from syncd.errors import ConfigError
from tests.db.cast import PASSWORD, Cast
from tests.stages.bench import Bench

TABLES = """
    select oid::regclass::text from pg_class
    where relkind = 'r' and relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace) order by 1
"""
READABLE = """
    select c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'recall'::regnamespace and c.relkind in ('r', 'v')
      and c.oid::regclass::text || '.' || a.attname <> 'recall.payloads.content'
    group by 1 order by 1
"""
OWNERS = """
    select pg_get_userbyid(owner) from (
        select relowner, relnamespace from pg_class union all select proowner, pronamespace from pg_proc
        union all select typowner, typnamespace from pg_type
    ) as things (owner, schema) where schema in ('recall'::regnamespace, 'syncd'::regnamespace)
    union select pg_get_userbyid(nspowner) from pg_namespace where nspname in ('recall', 'syncd')
"""
RIGHTS = """
    select relname, relacl::text, relowner::text, relrowsecurity from pg_class
    where relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace)
    union all
    select oid::regprocedure::text, proacl::text, proowner::text, null from pg_proc
    where pronamespace in ('recall'::regnamespace, 'syncd'::regnamespace)
    union all
    select nspname, nspacl::text, nspowner::text, null from pg_namespace
    union all
    select polrelid::regclass || ': ' || polname, pg_get_expr(polqual, polrelid), polroles::text, null from pg_policy
    union all
    select defaclrole::text, defaclacl::text, concat(defaclnamespace, defaclobjtype), null from pg_default_acl
    union all
    select rolname, setconfig::text, (rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin)::text, null
    from pg_roles left join pg_db_role_setting on setrole = pg_roles.oid where position({mark} in rolname) > 0
    order by 1, 2, 3
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
ISOLATED = pytest.mark.parametrize("workspace", [None, "default"], ids=["everything", "isolated"])


@pytest.fixture
def cast(database_url: str) -> Iterator[Cast]:
    cast = Cast(database_url)
    yield cast
    cast.leave()


@pytest.fixture
def loaded(cast: Cast, engine: Engine, emulator: Emulator) -> None:
    """Something in the tables, exact bytes among it."""
    with Bench(engine, emulator) as bench:
        bench.track(Scenario(), Scenario(provider="assembly_ai_async", flavour="pass_through"))
        bench.turns()


def rights(cast: Cast) -> list[tuple[object, ...]]:
    return cast.rows(RIGHTS.replace("{mark}", f"'{cast.mark}'"))


@ISOLATED
def test_running_it_again_changes_nothing(cast: Cast, workspace: str | None) -> None:
    told = cast.grant(workspace)
    assert any("created the role" in line for line in told)
    before = rights(cast)
    assert cast.grant(workspace) == []
    assert rights(cast) == before


def test_the_rights_that_are_left_do_not_depend_on_what_was_printed_before(cast: Cast) -> None:
    cast.grant("default")
    isolated = rights(cast)
    cast.grant()
    everything = rights(cast)
    assert cast.ask("analyst", "select count(*) from recall.workspaces") == cast.rows(
        "select count(*) from recall.workspaces"
    )
    cast.grant("default")
    assert rights(cast) == isolated != everything


def test_every_transfer_is_told_and_nothing_else_is_transferred(cast: Cast) -> None:
    cast.change("create table public.theirs (a integer)")
    told = cast.grant()
    owner = cast.name("owner")
    assert f"schema recall belongs to {owner} now" in told
    assert f"view recall.sync_budget belongs to {owner} now" in told
    assert f"routine recall.track(uuid,text) belongs to {owner} now" in told
    assert cast.rows(OWNERS) == [(owner,)]
    assert cast.rows("select tableowner from pg_tables where tablename = 'theirs'") != [(owner,)]


@ISOLATED
def test_the_analyst_reads_every_table_and_view_of_recall(cast: Cast, loaded: None, workspace: str | None) -> None:
    cast.grant(workspace)
    readable = cast.rows(READABLE)
    assert len(readable) > 12
    for relation, columns in readable:
        query = f"select {columns if relation == 'recall.payloads' else '*'} from {relation}"
        found, expected = cast.ask("analyst", query), cast.rows(query)
        assert len(found) == len(expected), relation


@ISOLATED
@pytest.mark.parametrize("mode", ["as it is", "read write"])
def test_the_analyst_cannot_write_or_read_elsewhere_even_when_it_tries(
    cast: Cast, loaded: None, mode: str, workspace: str | None
) -> None:
    cast.change("grant create on schema public to public")  # as in databases from before Postgres 15
    cast.grant(workspace)
    tables = [table for (table,) in cast.rows(TABLES)]
    attempts = [
        *ATTEMPTS,
        *(f"delete from {table}" for table in tables),
        *(f"truncate {table}" for table in tables),
        *(f"insert into {table} default values" for table in tables),
        "update recall.transcripts set status = 'mine'",
        f"set role {psycopg.sql.Identifier(cast.name('owner')).as_string()}",
        f"set role {psycopg.sql.Identifier(cast.name('writer')).as_string()}",
    ]
    with cast.login("analyst") as session:
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


def test_the_analyst_has_time_limits_from_its_login_on(cast: Cast) -> None:
    cast.grant(statement_timeout_s=1)
    with cast.login("analyst") as session:
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


def test_the_analyst_sees_no_secret(cast: Cast, engine: Engine, emulator: Emulator) -> None:
    link = "https://bucket.s3.amazonaws.com/audio.mp3?X-Amz-Signature=canary-of-a-link"
    message = {
        "audio_url": link,
        "webhook_auth_header_value": "canary-of-a-webhook",
        "api_key": "canary-of-a-key",
        "request": f"POST with {link} inside",
        "text": "and this may be seen",
    }
    file = {"parts": [{"id": "1", "type": "http_response", "data": message, "source_audio": {"url": link}}]}
    script = Scenario(
        provider="assembly_ai_async",
        flavour="pass_through",
        provider_data=json.dumps(file).encode(),
        metadata={"link": link},
    )
    with Bench(engine, emulator) as bench:
        bench.track(script)
        bench.turns()
    ((content,),) = cast.rows("select content from recall.payloads where kind = 'provider_data'")
    assert gzip.decompress(content).count(b"canary") == 5
    cast.grant()
    seen = str([cast.ask("analyst", f"select {columns} from {name}") for name, columns in cast.rows(READABLE)])
    assert "and this may be seen" in seen
    for secret in ("canary", "not-a-real-value", "X-Amz-Signature="):
        assert secret not in seen, secret


@ISOLATED
def test_the_writer_does_all_the_work_of_a_daemon(cast: Cast, emulator: Emulator, workspace: str | None) -> None:
    cast.grant(workspace)
    with cast.engine("writer") as engine, Bench(engine, emulator, list_limit=60_000) as bench:
        schema.check(engine)
        scripts = Scenario(), Scenario(provider="assembly_ai_async", flavour="pass_through"), Scenario(end="failed")
        ids = bench.track(*scripts)
        bench.worker.steer()
        bench.page()
        bench.turns()
        bench.worker.learn()
        bench.worker.tidy()
        assert [bench.transcript(id_)["payload_state"] for id_ in ids] == ["loaded", "loaded", "failed"]
    for table in ("utterances", "participants", "provider_parts", "workspaces"):
        assert cast.ask("analyst", f"select count(*) > 0 from recall.{table}") == [(True,)], table


@pytest.mark.parametrize(
    "attempt",
    [
        "create table recall.mine (a integer)",
        "create table syncd.mine (a integer)",
        "create schema mine",
        "drop table recall.events",
        "drop view recall.words",
        "drop schema syncd cascade",
        "truncate recall.transcripts",
        "alter table recall.transcripts add column mine integer",
        "alter table recall.transcripts disable trigger all",
        "create or replace function recall.sees_workspace(workspace text) returns boolean"
        " language sql as 'select true'",
        "update syncd.alembic_version set version_num = 'mine'",
    ],
)
def test_the_writer_changes_no_structure(cast: Cast, attempt: str) -> None:
    cast.grant()
    with cast.login("writer") as session, pytest.raises(errors.InsufficientPrivilege):
        session.execute(attempt.encode())


def test_a_migration_by_another_than_the_owner_is_refused_in_one_sentence(cast: Cast) -> None:
    cast.grant()
    for part in ("writer", "analyst"):
        with cast.engine(part) as engine, pytest.raises(ConfigError) as refusal:
            schema.migrate(engine)
        assert str(refusal.value).startswith("This role may not change the schema (permission denied for ")
        assert "Run `syncd migrate` as the role that owns it" in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_a_role_that_owns_only_some_of_it_is_refused_in_words_too(cast: Cast) -> None:
    cast.grant()
    cast.change("alter view recall.words owner to current_user")
    with cast.engine("owner") as engine, pytest.raises(ConfigError, match=r"\(must be owner of view words\)"):
        schema.migrate(engine)


@ISOLATED
def test_the_owner_migrates_again_and_down_and_up(cast: Cast, workspace: str | None) -> None:
    cast.grant(workspace)
    with cast.engine("owner") as engine:
        head = schema.head_revision()
        assert schema.migrate(engine) == (head, head)
        with engine.begin() as connection:
            workspaces.register(connection, "default")
        assert schema.migrate(engine, "base") == (head, None)
        assert schema.migrate(engine) == (None, head)
    with cast.login("analyst") as session, pytest.raises(errors.InsufficientPrivilege):
        session.execute("select * from recall.transcripts")
    cast.grant(workspace)
    assert cast.ask("analyst", "select * from recall.transcripts") == []
    with cast.login("analyst") as session, pytest.raises(errors.InsufficientPrivilege):
        session.execute("select content from recall.payloads")


@ISOLATED
def test_what_the_owner_creates_later_is_open_to_the_writer_and_to_an_analyst_of_everything(
    cast: Cast, workspace: str | None
) -> None:
    cast.grant(workspace)
    with cast.login("owner") as session:
        session.execute("create table recall.later (a integer)")
        session.execute("create table syncd.later (a bigint generated by default as identity)")
        session.execute("create view recall.later_view with (security_invoker = true) as table recall.later")
        session.execute(
            "create function recall.later() returns integer language sql security definer"
            " as 'delete from recall.later returning 1'"
        )
    with cast.login("writer") as session:
        session.execute("insert into recall.later values (1)")
        session.execute("insert into syncd.later default values")
        session.execute("select recall.later()")
    with cast.login("analyst") as session:
        for statement in (b"table recall.later", b"table recall.later_view"):
            if workspace is None:
                assert session.execute(statement).fetchall() == []
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    session.execute(statement)
        for statement in (b"table syncd.later", b"select recall.later()"):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(statement)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("grant insert on recall.transcripts to public", "it can write to recall.transcripts"),
        ("grant update (name) on recall.participants to public", "it can write to recall.participants"),
        ("grant select on recall.payloads to public", "it can read recall.payloads.content"),
        ("grant usage on schema syncd to public", "it has rights on schema syncd"),
        ("alter role {analyst} bypassrls", "it is a superuser, or passes by row level security"),
        ("grant {writer} to {analyst}", "it can execute recall.track(uuid,text)"),
        ("grant pg_read_all_data to {analyst}", "it has rights on schema syncd; it can read recall.payloads.content"),
    ],
)
def test_an_analyst_that_could_do_more_by_another_way_is_refused_and_nothing_changes(
    cast: Cast, mistake: str, words: str
) -> None:
    cast.grant()
    names = {part: psycopg.sql.Identifier(name).as_string() for part, name in cast.names.items()}
    cast.change(mistake.format(**names))
    before = rights(cast)
    with pytest.raises(errors.RaiseException, match="is more than an analyst") as refusal:
        cast.grant("default")
    assert words in str(refusal.value)
    assert rights(cast) == before


def test_what_everybody_may_do_is_left_alone_in_a_shared_database(cast: Cast) -> None:
    temporary = "select has_database_privilege('public', current_database(), 'temporary')"
    cast.grant(is_shared=True)
    assert cast.rows(temporary) == [(True,)]
    cast.grant()
    assert cast.rows(temporary) == [(False,)]


def test_a_database_without_the_schema_of_this_version_is_told_so(empty_database_url: str) -> None:
    empty = Cast(empty_database_url)
    with pytest.raises(errors.RaiseException, match=r"at nothing, these grants are for \d+\n.*syncd migrate"):
        empty.grant()
    assert empty.rows(f"select from pg_roles where position('{empty.mark}' in rolname) > 0") == []


def test_a_registered_workspace_is_known_to_analysts(cast: Cast, engine: Engine) -> None:
    name = f"w{uuid4().hex[:6]}"
    for _ in range(2):
        with engine.begin() as connection:
            workspaces.register(connection, name)
    both = "select registered_at from recall.workspaces where workspace = '{0}' intersect all select registered_at"
    both += " from syncd.workspaces where workspace = '{0}'"
    assert len(cast.rows(both.format(name))) == 1


@pytest.fixture
def hosted(empty_database_url: str) -> Iterator[Cast]:
    """On a server that somebody else keeps: a role without special rights owns the database and migrated it."""
    hosted = Cast(empty_database_url)
    dba = psycopg.sql.Identifier(hosted.name("dba")).as_string()
    database = psycopg.conninfo.conninfo_to_dict(empty_database_url)["dbname"]
    hosted.change(f"create role {dba} login createrole password '{PASSWORD}'")
    hosted.change(f'alter database "{database}" owner to {dba}')
    with hosted.engine("dba") as engine:
        schema.migrate(engine)
    yield hosted
    hosted.change(f'alter database "{database}" owner to current_user')
    hosted.leave()


def test_without_a_superuser_the_owner_of_the_database_can_run_it(hosted: Cast) -> None:
    told = hosted.grant(run_by="dba")
    assert f"{hosted.name('dba')} is a member of {hosted.name('owner')} now" in told
    assert hosted.rows(OWNERS) == [(hosted.name("owner"),)]
    assert hosted.ask("analyst", "select * from recall.transcripts") == []


def test_isolation_takes_a_superuser_once_for_the_sake_of_the_writer(hosted: Cast) -> None:
    hosted.grant(run_by="dba")
    with pytest.raises(errors.InsufficientPrivilege, match=r"(?i)bypassrls"):
        hosted.grant("default", run_by="dba")
    hosted.change(f"alter role {psycopg.sql.Identifier(hosted.name('writer')).as_string()} bypassrls")
    hosted.grant("default", run_by="dba")
    assert hosted.ask("analyst", "select * from recall.transcripts") == []
