import pytest

from syncd import errors
from syncd.core.sqlstate import Meaning, meaning_of, meaning_of_refusal


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        *((state, errors.DatabaseBusy) for state in ("40001", "40P01", "55P03", "57014", "25P03", "25P04")),
        ("53300", errors.NoConnectionFree),
        ("25006", errors.DatabaseReadOnly),
        *((state, errors.DatabaseFull) for state in ("53100", "53200", "58030")),
        *((state, errors.LoginRefused) for state in ("28P01", "28000", "3D000")),
        ("42501", errors.RightsMissing),
        *((state, errors.SchemaError) for state in ("42P01", "42703", "42883", "3F000")),
        *((state, errors.DatabaseAway) for state in ("57P01", "57P02", "57P03", "57P05", "08006", "58000", "XX000")),
        ("54000", errors.Unstorable),
        *((state, errors.DatabaseFault) for state in ("55000", "0A000", "25P02", "72000", "HV000", "P0001", "12345")),
        *((state, errors.DatabaseFault) for state in ("53400", "54001", "58P01", "58P02", "XX001", "XX002")),
        *((state, None) for state in ("22P05", "23505", "")),
    ],
)
def test_the_sqlstate_says_which_kind_it_is(sqlstate: str, kind: type[errors.SyncdError] | None) -> None:
    assert meaning_of(sqlstate) == Meaning(kind)
    assert meaning_of(sqlstate, 'password authentication failed for user "u"; query timeout') == Meaning(kind)


# Messages as the poolers send them, but for names.
REFUSED, NONE_FREE, AWAY = errors.LoginRefused, errors.NoConnectionFree, errors.DatabaseAway
AT_ANY_TIME = [
    # pgbouncer: src/server.c, src/janitor.c, src/admin.c, src/objects.c
    (
        "08P01",
        "transaction blocks not allowed in statement pooling mode",
        errors.ConfigError,
        "pool_mode=transaction",
    ),
    ("08P01", "invalid command 'BEGIN', use SHOW HELP;", errors.ConfigError, "console of the pooler"),
    ("08P01", "extended query protocol not supported by admin console", errors.ConfigError, "console of the pooler"),
    ("08P01", "query_wait_timeout", NONE_FREE, "no connection to the server in time"),
    ("08P01", "query_timeout", errors.DatabaseBusy, None),
    ("08P01", "query timeout", errors.DatabaseBusy, None),
    ("08P01", "idle transaction timeout", errors.DatabaseBusy, None),
    ("08P01", "transaction timeout", errors.DatabaseBusy, None),
    ("08P01", "server conn crashed?", AWAY, None),
    ("08P01", "pgbouncer cannot connect to server", AWAY, None),
    ("08P01", "server login has been failing, try again later (server_login_retry)", AWAY, None),
    # pgbouncer, with the words of the server
    ("08P01", 'password authentication failed for user "u"', REFUSED, None),
    ("08P01", 'no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", no encryption', REFUSED, None),
    ("08P01", 'role "u" is not permitted to log in', REFUSED, None),
    ("08P01", 'role "u" does not exist', REFUSED, None),
    ("08P01", 'database "d" does not exist', REFUSED, None),
    ("08P01", 'permission denied for database "d"', errors.RightsMissing, None),
    ("08P01", 'too many connections for role "u"', NONE_FREE, None),
    ("08P01", "sorry, too many clients already", NONE_FREE, None),
    (
        "08P01",
        "remaining connection slots are reserved for non-replication superuser connections",
        NONE_FREE,
        None,
    ),
    (
        "08P01",
        'server login has been failing, cached error: password authentication failed for user "u"'
        " (server_login_retry)",
        REFUSED,
        None,
    ),
    # pgcat: src/client.rs
    ("58000", "idle transaction timeout", errors.DatabaseBusy, None),
    ("58000", "pool statement timeout", errors.DatabaseBusy, None),
    ("58000", 'Pool down for database: "d", user: "u"', AWAY, None),
    # Supavisor: lib/supavisor/errors
    (
        "XX000",
        "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms in Transaction mode",
        NONE_FREE,
        None,
    ),
    ("XX000", "(EDBHANDLEREXITED) connection to database closed. Check logs for more information", AWAY, None),
]
AT_LOGIN = [
    # pgbouncer: src/client.c, src/objects.c, src/admin.c
    ("08P01", "unsupported startup parameter: options", errors.ConfigError, "ignore_startup_parameters"),
    ("08P01", "unsupported startup parameter in options: work_mem", errors.ConfigError, "ignore_startup_parameters"),
    (
        "08P01",
        "unsupported options startup parameter: only '-c config=val' and '--config=val' are allowed",
        errors.ConfigError,
        "ignore_startup_parameters",
    ),
    ("08P01", "bouncer config error", REFUSED, "See the log of pgbouncer"),
    ("08P01", "password authentication failed", REFUSED, None),
    ("08P01", "SASL authentication failed", REFUSED, None),
    ("08P01", "no such user", REFUSED, None),
    ("08P01", "no such database: d", REFUSED, None),
    ("08P01", "login rejected", REFUSED, None),
    ("08P01", "SSL required", REFUSED, None),
    ("08P01", "not allowed", REFUSED, None),
    ("08P01", "no more connections allowed (max_client_conn)", NONE_FREE, None),
    ("08P01", "client connections exceeded (max_user_client_connections)", NONE_FREE, None),
    # pgcat
    ("58000", 'No pool configured for database: "d", user: "u"', REFUSED, None),
    # Supavisor
    ("XX000", "Tenant or user not found", REFUSED, None),
    ("XX000", "(ENOTFOUND) tenant/user u.t not found", REFUSED, None),
    ("XX000", "(ENOIDENTIFIER) no tenant identifier provided (external_id or sni_hostname required)", REFUSED, None),
    ("XX000", "(EADDRNOTALLOWED) address not in tenant allow_list: {10, 0, 0, 1}", REFUSED, None),
    ("XX000", "(EAUTHQUERY) user not found in the database", REFUSED, None),
    ("XX000", "(ESSLREQUIRED) SSL connection is required for user: u", REFUSED, None),
    ("XX000", "Max client connections reached", NONE_FREE, None),
    ("XX000", "(EMAXCONN) max client connections reached, limit: 200", NONE_FREE, None),
]


@pytest.mark.parametrize(("sqlstate", "words", "kind", "advice"), AT_ANY_TIME + AT_LOGIN)
def test_where_a_poolers_sqlstate_says_nothing_its_words_do(
    sqlstate: str, words: str, kind: type[errors.SyncdError], advice: str | None
) -> None:
    line = f'connection to server at "127.0.0.1", port 6432 failed: FATAL:  {words}'
    said = meaning_of_refusal(sqlstate, line)
    assert (said.kind, advice in said.advice if advice and said.advice else said.advice) == (kind, advice and True)
    in_session = (sqlstate, words, kind, advice) in AT_ANY_TIME
    assert meaning_of(sqlstate, words) == (said if in_session else Meaning(AWAY))
    assert meaning_of_refusal("57P01", line) == Meaning(AWAY)


@pytest.mark.parametrize(
    ("sqlstate", "words", "kind"),
    [
        ("XX000", "attribute 3 of relation with OID 16390 not found", AWAY),
        ("XX001", "missing chunk number 0 for toast value 16390 in pg_toast_2619", errors.DatabaseFault),
        ("08P01", 'prepared statement "s1" does not exist', AWAY),
        ("08P01", "prepared statement did not exist", AWAY),
        ("08P01", "DISCARD ALL is not allowed", AWAY),
        ("08P01", "insufficient data left in message", AWAY),
        ("58000", 'prepared statement "s1" does not exist', AWAY),
        ("22023", 'invalid command name "foo", use SHOW HELP', None),
        ("42704", 'role "u" does not exist', errors.SchemaError),
        ("57014", "canceling statement due to query_wait_timeout", errors.DatabaseBusy),
    ],
)
def test_an_error_of_a_query_is_not_taken_for_a_refused_login(
    sqlstate: str, words: str, kind: type[errors.SyncdError] | None
) -> None:
    assert meaning_of(sqlstate, words) == Meaning(kind)


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        *((state, errors.ConfigError) for state in ("22023", "42704", "42601", "0A000")),
        *((state, errors.LoginRefused) for state in ("28P01", "28000", "3D000")),
        *((state, errors.DatabaseAway) for state in ("55000", "57P03", "3F000", "54000", "P0001", "")),
        ("42501", errors.RightsMissing),
        ("53300", errors.NoConnectionFree),
    ],
)
def test_a_refused_connection_is_always_a_fault_of_the_database_or_of_a_setting(
    sqlstate: str, kind: type[errors.SyncdError]
) -> None:
    assert meaning_of_refusal(sqlstate) == Meaning(kind)
