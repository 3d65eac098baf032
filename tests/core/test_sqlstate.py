import pytest

from syncd import errors
from syncd.core.sqlstate import POOLER_WORDS, advice_on, kind_of, kind_of_refusal


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        *((state, errors.DatabaseBusy) for state in ("40001", "40P01", "55P03", "57014", "25P03", "25P04")),
        ("53300", errors.NoConnectionFree),
        ("25006", errors.DatabaseReadOnly),
        *((state, errors.DatabaseFull) for state in ("53100", "53200", "53400", "58030")),
        *((state, errors.LoginRefused) for state in ("28P01", "28000", "3D000")),
        ("42501", errors.RightsMissing),
        *((state, errors.SchemaError) for state in ("42P01", "42703", "42883", "3F000")),
        *((state, errors.DatabaseAway) for state in ("57P01", "57P02", "57P03", "57P05", "08006", "58000", "XX000")),
        *((state, errors.Unstorable) for state in ("54000", "54001")),
        *((state, None) for state in ("22P05", "23505", "0A000", "P0001", "")),
    ],
)
def test_the_sqlstate_says_which_kind_it_is(sqlstate: str, kind: type[errors.SyncdError] | None) -> None:
    assert kind_of(sqlstate) is kind
    assert kind_of(sqlstate, "password authentication failed; too many") is kind


@pytest.mark.parametrize(
    ("sqlstate", "words"), [(state, words) for state, known in POOLER_WORDS.items() for words in known]
)
def test_where_a_pooler_gives_no_sqlstate_its_own_words_say_it(sqlstate: str, words: str) -> None:
    kind = POOLER_WORDS[sqlstate][words]
    assert kind_of(sqlstate, f"FATAL:  {words.capitalize()}: x") is kind
    assert kind_of_refusal(sqlstate, words) is kind
    assert kind_of(sqlstate, "FATAL:  pgbouncer cannot connect to server") is errors.DatabaseAway
    assert kind_of("57P01", words) is errors.DatabaseAway


def test_what_says_too_little_has_a_sentence_of_ours() -> None:
    assert "pool_mode=transaction" in str(
        advice_on("FATAL:  transaction blocks not allowed in statement pooling mode")
    )
    assert advice_on("FATAL:  no such user") is None


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
    assert kind_of_refusal(sqlstate) is kind
