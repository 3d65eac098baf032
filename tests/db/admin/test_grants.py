"""`syncd grants`, run on a real server: which rights it leaves, and when it refuses."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from syncd.db.admin import schema
from tests.db.admin.grants import ISOLATED
from tests.db.roles import PASSWORD, DatabaseRoles

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


OWNERS = """
    select pg_get_userbyid(owner) from (
        select relowner, relnamespace from pg_class union all select proowner, pronamespace from pg_proc
        union all select typowner, typnamespace from pg_type
    ) as things (owner, schema) where schema in ('recall'::regnamespace, 'syncd'::regnamespace)
    union select pg_get_userbyid(nspowner) from pg_namespace where nspname in ('recall', 'syncd')
"""


def rights(roles: DatabaseRoles) -> list[tuple[object, ...]]:
    return roles.rows(RIGHTS.replace("{mark}", f"'{roles.mark}'"))


@ISOLATED
def test_a_second_run_changes_nothing(roles: DatabaseRoles, workspace: str | None) -> None:
    told = roles.grant(workspace)
    assert any("created the role" in line for line in told)
    before = rights(roles)
    assert roles.grant(workspace) == []
    assert rights(roles) == before


def test_the_rights_do_not_depend_on_an_earlier_run(roles: DatabaseRoles) -> None:
    roles.grant("default")
    isolated = rights(roles)
    roles.grant()
    everything = rights(roles)
    assert roles.ask("analyst", "select count(*) from recall.workspaces") == roles.rows(
        "select count(*) from recall.workspaces"
    )
    roles.grant("default")
    assert rights(roles) == isolated != everything


def test_each_change_of_owner_is_reported_and_foreign_tables_keep_theirs(roles: DatabaseRoles) -> None:
    roles.change("create table public.theirs (a integer)")
    told = roles.grant()
    owner = roles.name("owner")
    assert f"schema recall belongs to {owner} now" in told
    assert f"view recall.sync_budget belongs to {owner} now" in told
    assert f"routine recall.track(uuid,text) belongs to {owner} now" in told
    assert roles.rows(OWNERS) == [(owner,)]
    assert roles.rows("select tableowner from pg_tables where tablename = 'theirs'") != [(owner,)]


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
def test_an_analyst_with_other_rights_is_refused_and_nothing_changes(
    roles: DatabaseRoles, mistake: str, words: str
) -> None:
    roles.grant()
    names = {part: psycopg.sql.Identifier(name).as_string() for part, name in roles.names.items()}
    roles.change(mistake.format(**names))
    before = rights(roles)
    with pytest.raises(errors.RaiseException, match="is more than an analyst") as refusal:
        roles.grant("default")
    assert words in str(refusal.value)
    assert rights(roles) == before


def test_the_rights_of_public_stay_in_a_shared_database(roles: DatabaseRoles) -> None:
    temporary = "select has_database_privilege('public', current_database(), 'temporary')"
    roles.grant(is_shared=True)
    assert roles.rows(temporary) == [(True,)]
    roles.grant()
    assert roles.rows(temporary) == [(False,)]


def test_a_database_without_the_schema_of_this_version_is_refused(empty_database_url: str) -> None:
    empty = DatabaseRoles(empty_database_url)
    with pytest.raises(errors.RaiseException, match=r"at nothing, these grants are for \d+\n.*syncd migrate"):
        empty.grant()
    assert empty.rows(f"select from pg_roles where position('{empty.mark}' in rolname) > 0") == []


@pytest.fixture
def hosted(empty_database_url: str) -> Iterator[DatabaseRoles]:
    """On a server that somebody else keeps: a role without special rights owns the database and migrated it."""
    hosted = DatabaseRoles(empty_database_url)
    dba = psycopg.sql.Identifier(hosted.name("dba")).as_string()
    database = psycopg.conninfo.conninfo_to_dict(empty_database_url)["dbname"]
    hosted.change(f"create role {dba} login createrole password '{PASSWORD}'")
    hosted.change(f'alter database "{database}" owner to {dba}')
    with hosted.engine("dba") as engine:
        schema.migrate(engine)
    yield hosted
    hosted.change(f'alter database "{database}" owner to current_user')
    hosted.drop()


def test_without_a_superuser_the_owner_of_the_database_can_run_it(hosted: DatabaseRoles) -> None:
    told = hosted.grant(run_by="dba")
    assert f"{hosted.name('dba')} is a member of {hosted.name('owner')} now" in told
    assert hosted.rows(OWNERS) == [(hosted.name("owner"),)]
    assert hosted.ask("analyst", "select * from recall.transcripts") == []


def test_isolation_needs_a_superuser_once_to_let_the_writer_bypass_it(hosted: DatabaseRoles) -> None:
    hosted.grant(run_by="dba")
    with pytest.raises(errors.InsufficientPrivilege, match=r"(?i)bypassrls"):
        hosted.grant("default", run_by="dba")
    hosted.change(f"alter role {psycopg.sql.Identifier(hosted.name('writer')).as_string()} bypassrls")
    hosted.grant("default", run_by="dba")
    assert hosted.ask("analyst", "select * from recall.transcripts") == []
