"""The way to the database: libpq gets the connection string as it was given, and says what is wrong with it.

Whatever `psql STRING` connects to, this connects to: a URI or keywords and values, several hosts, a service, and what
PG* variables add to it (https://www.postgresql.org/docs/current/libpq-connect.html). Nothing else takes it apart.
"""

import difflib
import re
from collections.abc import Mapping

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from syncd.db import refusal
from syncd.errors import ConfigError

DEFAULTS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "20000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "fallback_application_name": "syncd",
}
"""Where neither the string, nor a service, nor a PG* variable says otherwise. Seconds, and milliseconds."""
FIRST_ANSWER_S = 30.0
"""The longest that a server, or a pooler, may take to answer after the login; a shorter `connect_timeout` counts. A
judgement: who needs a connection waits so long for one of the pool, too."""
REQUIRED = {"client_encoding": "UTF8"}
"""Whatever they say: psycopg and the text of COPY are written in it."""
SECRETS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")

_NUMBERS = (*(name for name in DEFAULTS if name != "fallback_application_name"), "keepalives")
_NOWHERE = "/nonexistent/syncd"
_QUOTED = re.compile(r'((?:[^"]|(?<=ing |tor )"[=\]]")*?)(?<!ing |tor )"(.*)"([^"]*)', re.DOTALL)
"""Its words, what it quotes, and its words again; `missing "="` and `matching "]"` are its own words."""
_OTHERS = (
    "pgbouncer",
    "schema",
    "currentSchema",
    "search_path",
    "database",
    "username",
    "connection_limit",
    "pool_size",
    "pool_timeout",
    "max_connections",
    "socket_timeout",
    "sslaccept",
    "uselibpqcompat",
    "statement_cache_size",
    "prepared_statements",
)
"""Parameters of other libraries: Prisma, asyncpg, JDBC, node-postgres."""
_VALUES = ("no-verify", "disable", "require", "true", "false", "master", "slave", "primary", "standby", "read-write")
"""Values that are known, and no secret."""
_EXAMPLE = "postgresql://user:password@host/database"
_OTHER_SCHEME = re.compile(r"(?!postgres(?:ql)?://)\s*[\w+.:-]*://")
_ENCODE = " In a URI, the signs @ : / ? # % in a user name or password are written as %40, %3A, %2F, %3F, %23, %25."


def connect(conninfo: str, **defaults: str) -> psycopg.Connection:
    """A connection in autocommit mode. `defaults` win over DEFAULTS. Raises ConfigError, psycopg.OperationalError.

    The server has answered on it: `connect_timeout` bounds the login, and again the first answer. It prepares no
    statements: transaction poolers and a live ALTER TABLE break them.
    """
    known = check(conninfo)
    ours = {name: value for name, value in (DEFAULTS | defaults).items() if known.get(name) is None} | REQUIRED
    timeout = (known | ours)["connect_timeout"]
    # libpq's own parameters only: mypy cannot tell them from psycopg's
    whole = make_conninfo(conninfo, **ours)
    try:
        connection = refusal.VerboseConnection.connect(whole, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise refusal.named(error, len(str(known.get("host") or "").split(","))) from None
    try:
        refusal.await_first_answer(connection, min(float(timeout) or FIRST_ANSWER_S, FIRST_ANSWER_S))
    except BaseException:
        connection.close()
        raise
    return connection


def check(conninfo: str) -> dict[str, str]:
    """Every parameter that counts, wherever it comes from. Raises ConfigError, in libpq's words, if it refuses one.

    libpq looks at most values only when it begins to connect. So it begins, to a socket that is not there: a refusal
    that does not name the socket is about a value.
    """
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.Error as error:
        raise _refused(conninfo, str(error)) from None
    except UnicodeError:
        raise ConfigError(f"SYNCD_DATABASE_URL: it is not UTF-8, or a % in it begins no sign.{_ENCODE}") from None
    _refuse_misread_host(str(given.get("host") or ""))
    probe = pq.PGconn.connect_start(make_conninfo("", **_elsewhere(given)).encode())
    try:
        said = probe.error_message.decode(errors="replace")
        known = {each.keyword.decode(): each.val.decode() for each in probe.info if each.val is not None}
    finally:
        probe.finish()
    if _NOWHERE not in said:
        raise _refused(conninfo, said)
    for name in _NUMBERS:
        if not re.fullmatch(r"\s*[+-]?\d+\s*", known.get(name) or "0"):
            raise _refused(conninfo, f'invalid integer value for connection option "{name}"')
    return known | {name: str(value) for name, value in given.items()}


def _elsewhere(given: Mapping[str, object]) -> dict[str, str]:
    """The same parameters for the socket that is not there, once for each host, so that the ports still match."""
    count = max(len(str(given.get(name) or "").split(",")) for name in ("host", "hostaddr"))
    elsewhere = {name: str(value) for name, value in given.items()} | {"host": ",".join([_NOWHERE] * count)}
    elsewhere["hostaddr"] = ""
    if not (given.get("host") or given.get("hostaddr")):
        elsewhere["port"] = ""  # it belongs to hosts that only libpq knows
    return elsewhere


def _refuse_misread_host(hosts: str) -> None:
    """The first @ ends the password, so what follows it was taken for a host, and would be told as one."""
    if any("@" in host[1:] for host in hosts.split(",")):
        raise ConfigError(f"SYNCD_DATABASE_URL: a host name has an @ in it.{_ENCODE}")


def _refused(conninfo: str, said: str) -> ConfigError:
    """Libpq's words, and of what it quotes only a name that is known: all else may be a piece of a password.

    Where a name is close to one that is known, that one is told.
    """
    if _OTHER_SCHEME.match(conninfo):
        return ConfigError(f"SYNCD_DATABASE_URL: it does not begin with postgresql://, as {_EXAMPLE} does.")
    said = said.strip()
    parts = _QUOTED.fullmatch(said)
    if parts is None or said.startswith('weak sslmode "'):  # its value is one that libpq knows
        return ConfigError(f"SYNCD_DATABASE_URL: libpq refuses it: {said}.")
    words, quoted, rest = parts.groups()
    names = [each.keyword.decode() for each in pq.Conninfo.get_defaults()]
    if at := re.fullmatch(r'.*(" for connection option "(\w+))', quoted, re.DOTALL):
        quoted, rest = "", f'{at[1][1:]}"' if at[2] in names else ""
    is_known = quoted in names or quoted in _OTHERS or quoted in _VALUES
    close = [] if is_known else difflib.get_close_matches(quoted, [*names, *_OTHERS], n=1, cutoff=0.8)
    hint = "".join(f' Is "{name}" meant?' for name in close)
    is_port = said.startswith("invalid port number") or rest.endswith('"port"')
    hint += " A port is a number from 1 to 65535." if is_port else ""
    hint += f" A URL is {_EXAMPLE}." if said.startswith("missing") and "://" not in conninfo else ""
    hint += _ENCODE if "://" in conninfo and not is_known else ""
    return ConfigError(f'SYNCD_DATABASE_URL: libpq refuses it: {words}"{quoted if is_known else "..."}"{rest}.{hint}')


def psql_arguments(conninfo: str) -> tuple[list[str], dict[str, str]]:
    """The same database for psql: arguments, and what is added to its environment. Raises ConfigError.

    A command line can be read by every user of the machine, an environment by the same user and root. So all goes
    by the environment, as far as it has names for it. What a service says counts before the environment; there, and
    for what has no name, the rest is an argument, without any secret.
    """
    check(conninfo)
    given = {name: str(value) for name, value in conninfo_to_dict(conninfo).items()}
    names = {each.keyword.decode(): each.envvar.decode() for each in pq.Conninfo.get_defaults() if each.envvar}
    environment = {names[name]: value for name, value in given.items() if name in names}
    shown = {name: value for name, value in given.items() if name not in SECRETS}
    if "service" not in given and shown.keys() <= names.keys():
        return [], environment
    return [f"--dbname={make_conninfo('', **shown)}"], environment


def remedy_where_read_only(conninfo: str) -> str:
    """What makes libpq choose the host that writes, where several are named and it was not told to; else nothing."""
    known = check(conninfo)
    is_several = any("," in known.get(name, "") for name in ("host", "hostaddr"))
    if not is_several or known.get("target_session_attrs") in ("read-write", "primary"):
        return ""
    return "SYNCD_DATABASE_URL names several hosts: set target_session_attrs=read-write in it"


def wants_tls(conninfo: str) -> bool:
    """Whether a connection without TLS is out of the question. Raises ConfigError."""
    known = check(conninfo)
    is_verified = known.get("sslrootcert") == "system" or known.get("sslnegotiation") == "direct"
    return is_verified or known.get("sslmode") in ("require", "verify-ca", "verify-full")
