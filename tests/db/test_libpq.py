"""The connection string: libpq's, whole and alone, for every command; and what it refuses, in its own words."""

import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text

from syncd.db import libpq
from syncd.db.engine import make_engine
from syncd.errors import ConfigError

Command = Callable[..., subprocess.CompletedProcess[str]]


def variants(url: str) -> dict[str, str]:
    """The same database, written in other ways that psql takes."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    user, host, port, name = parts["user"], parts["host"], parts.get("port", "5432"), parts["dbname"]
    password = f":{parts['password']}" if "password" in parts else ""
    escaped = host.replace("/", "%2F")
    spaced = "options=-c%20work_mem%3D7MB%20-c%20search_path%3Drecall&sslrootcert=/my%20certs/ca.pem"
    return {
        "postgres": f"postgres://{user}{password}@{escaped}:{port}/{name}",
        "socket folder in the host": f"postgresql://{user}{password}@{escaped}:{port}/{name}?{spaced}",
        "several hosts": f"postgresql://{user}{password}@127.0.0.1:1,{escaped}:{port}/{name}"
        "?target_session_attrs=read-write",
        "keywords and values": make_conninfo(url, options="-c work_mem=7MB", application_name="it's me"),
        "two spaces": f"  host = {host}   port={port} user={user} dbname={name} "
        + (f"password={parts['password']}" if password else ""),
    }


@pytest.mark.parametrize("variant", [*variants("user=u host=h dbname=d"), "service"])
def test_what_psql_connects_to_syncd_connects_to(
    variant: str, database_url: str, syncd: Command, tmp_path: Path
) -> None:
    parts = conninfo_to_dict(database_url)
    (tmp_path / "services").write_text("[prod]\n" + "".join(f"{name}={value}\n" for name, value in parts.items()))
    conninfo = variants(database_url).get(variant, "service=prod")
    settings = {"SYNCD_DATABASE_URL": conninfo, "PGSERVICEFILE": str(tmp_path / "services")}
    done = syncd("track", "3fa85f64-5717-4562-b3fc-2c963f66afa6", **settings)
    assert (done.returncode, done.stderr) == (0, "1 new, 0 known already\n")
    asked = syncd(
        "psql", "--", "-XAtc", "select transcript_id, current_database() from recall.transcripts", **settings
    )
    assert asked.stdout == f"3fa85f64-5717-4562-b3fc-2c963f66afa6|{parts['dbname']}\n", asked.stderr
    migrated = syncd("migrate", **settings)
    assert migrated.returncode == 0, migrated.stderr


EXAMPLE = "postgresql://user:password@host/database"
NO_URL = f"it does not begin with postgresql://, as {EXAMPLE} does."
REFUSED = {
    "postgresql://u:canary@h/d?pgbouncer=true": 'invalid URI query parameter: "pgbouncer"',
    "postgresql://u:canary@h/d?schema=public": 'invalid URI query parameter: "schema"',
    "postgresql://u:canary@h/d?sslmode=no-verify": 'invalid sslmode value: "no-verify"',
    "postgresql://u:canary@h/d?target_session_attrs=master": 'invalid target_session_attrs value: "master"',
    "postgresql://u:canary@h/d?sslrootcert=system&sslmode=require": 'weak sslmode "require" may not be used',
    "postgresql://u:canary@h/d?connect_timeout=5s": 'invalid integer value for connection option "connect_timeout"',
    "postgresql://u:canary@h:1,h:2/d?port=1,2,3": "could not match 3 port numbers to 2 hosts",
    "postgresql://u:canary@[::1/d": 'looking for matching "]" in IPv6 host address in URI: "..."',
    "postgresql://u:can%zzary@h/d": 'invalid percent-encoded token: "..."',
    "postgresql://u:%canary@h/d": "it is not UTF-8, or a % in it begins no sign",
    "postgresql://u:can/ary@h/d": 'invalid integer value "..." for connection option "port"',
    "postgresql://u:x/y?canary=z@h/d": 'invalid URI query parameter: "..."',
    "postgresql://u:canary@x@h/d": "a host name has an @ in it",
    "mysql://u:canary@h/d": NO_URL,
    "sqlite:///canary.db?mode=ro": NO_URL,
    "canary://h/d": NO_URL,
    "postgres+asyncpg://u:canary@h/d": NO_URL,
    " postgresql://u:canary@h/d": NO_URL,
    "POSTGRESQL://u:canary@h/d": NO_URL,
    "jdbc:postgresql://h/d?user=u&password=canary": NO_URL,
    "://u:canary@h/d": NO_URL,
    "postgresql://u:canary@h:99999/d": 'invalid port number: "...". A port is a number from 1 to 65535.',
    "host=h port=0 password=canary": 'invalid port number: "...". A port is a number from 1 to 65535.',
    "canary@h:5432/d": f'missing "=" after "..." in connection info string. A URL is {EXAMPLE}.',
    "canary": 'missing "=" after "..." in connection info string',
    "host=h password=my canary": 'missing "=" after "..." in connection info string',
    "host=h password=my canary=1": 'invalid connection option "..."',
    "host=h pgbouncer=true password=canary": 'invalid connection option "pgbouncer"',
    "service=nowhere password=canary": 'definition of service "..." not found',
    "postgresql://u:ab/cd?canary@db.example/app?sslmode=require": 'invalid URI query parameter: "..."',
    "password=a=b canary=1": 'invalid connection option "..."',
    'password=a ]"canary': 'missing "=" after "..." in connection info string',
    'postgresql://u:p@h/d?]"canary x=1': 'unexpected spaces found in "...", use percent-encoded spaces',
    "postgresql://u:a%zz\ncanary@h/d": 'invalid percent-encoded token: "..."',
    "postgresql://u:canary@h/d?sslmod=require": 'invalid URI query parameter: "...". Is "sslmode" meant?',
}


@pytest.mark.parametrize(("conninfo", "words"), REFUSED.items())
def test_what_libpq_refuses_is_a_wrong_setting_in_its_own_words(conninfo: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        make_engine(conninfo)
    assert words in str(refused.value)
    assert "SYNCD_DATABASE_URL" in str(refused.value)
    assert "canary" not in "".join(traceback.format_exception(refused.value))


@settings(max_examples=60)
@given(
    form=st.sampled_from(
        ("postgresql://u:{}@h/d?sslmode=require", "password={}", "host=h password={} dbname=d sslmode=x", "{}")
    ),
    before=st.text("a=]\"'[/?&:%@ \n\\1", max_size=5),
    after=st.text("b=]\"'[/?&:%@ \n\\1", max_size=5),
)
def test_no_piece_of_a_password_is_told(form: str, before: str, after: str) -> None:
    try:
        libpq.check(form.format(f"{before}canary{after}"))
    except ConfigError as refused:
        assert "canary" not in str(refused)


@pytest.mark.parametrize("command", ["status", "migrate", "psql", "run"])
def test_every_command_says_it_and_ends_with_78(command: str, syncd: Command) -> None:
    done = syncd(command, SYNCD_DATABASE_URL="postgresql://u:canary@h/d?pgbouncer=true")
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.splitlines()[-1].startswith("syncd: SYNCD_DATABASE_URL: libpq refuses it: invalid URI query")
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stderr


def test_each_new_connection_asks_for_the_current_string(database_url: str) -> None:
    strings = iter([make_conninfo(database_url, application_name=name) for name in ("checked", "first", "second")])
    engine = make_engine(lambda: next(strings))
    for name in ("first", "second"):
        with engine.connect() as connection:
            assert connection.execute(text("show application_name")).scalar_one() == name
        engine.dispose()


def test_ours_count_only_where_nobody_says_otherwise(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parameters(conninfo: str) -> dict[str, str]:
        with libpq.connect(conninfo) as connection:
            return connection.info.get_parameters()

    ours = parameters(database_url)
    assert (ours["fallback_application_name"], ours["connect_timeout"]) == ("syncd", "5")
    assert ours["client_encoding"] == "UTF8"
    given = parameters(make_conninfo(database_url, connect_timeout=9, client_encoding="latin1"))
    assert (given["connect_timeout"], given["client_encoding"]) == ("9", "UTF8")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "8")
    assert parameters(database_url)["connect_timeout"] == "8"


def test_psql_gets_everything_and_no_secret_on_its_command_line() -> None:
    everything = (
        "postgresql://u:canary@h1:1,h2:2/a%3Db?options=-c%20a.b%3D1&sslrootcert=/my%20certs/ca.pem&keepalives_idle=9"
        "&target_session_attrs=read-write&sslpassword=canary"
    )
    (argument,), environment = libpq.psql_arguments(everything)
    assert conninfo_to_dict(argument.removeprefix("--dbname=")) == {
        name: value for name, value in conninfo_to_dict(everything).items() if "password" not in name
    }
    assert "canary" not in argument
    assert environment["PGPASSWORD"] == "canary"
    assert libpq.psql_arguments("postgresql://u:canary@h/d?sslmode=require") == (
        [],
        {"PGUSER": "u", "PGPASSWORD": "canary", "PGHOST": "h", "PGDATABASE": "d", "PGSSLMODE": "require"},
    )


@pytest.mark.parametrize(
    ("conninfo", "wanted"),
    [
        ("host=h", False),
        ("host=h sslmode=prefer", False),
        ("postgresql://h/d?ssl=true", True),
        ("host=h sslmode=verify-full", True),
        ("host=h sslrootcert=system", True),
    ],
)
def test_a_connection_that_must_be_tls_is_known(conninfo: str, wanted: bool) -> None:
    assert libpq.wants_tls(conninfo) is wanted


def test_a_psql_without_tls_is_not_taken_for_a_connection_that_must_be_tls(syncd: Command, tmp_path: Path) -> None:
    done = syncd("psql", SYNCD_DATABASE_URL="postgresql://h/d?sslmode=verify-full", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr == (
        "syncd: There is no psql on this machine that can do TLS, as SYNCD_DATABASE_URL asks for."
        " Install postgresql-client. [SYNCD-SETTING]\n"
    )


def test_a_wrong_database_is_the_servers_own_refusal(database_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        libpq.connect(make_conninfo(database_url, dbname="nowhere"))


@pytest.mark.parametrize(
    ("conninfo", "has_remedy"),
    [
        ("host=h", False),
        ("host=h1,h2", True),
        ("hostaddr=127.0.0.1,127.0.0.2", True),
        ("host=h1,h2 target_session_attrs=prefer-standby", True),
        ("host=h1,h2 target_session_attrs=read-write", False),
        ("host=h1,h2 target_session_attrs=primary", False),
    ],
)
def test_who_names_several_hosts_is_told_how_to_reach_the_one_that_writes(conninfo: str, has_remedy: bool) -> None:
    assert ("target_session_attrs=read-write" in libpq.remedy_where_read_only(conninfo)) is has_remedy
