"""recall.search() finds the same in databases of every locale, in whichever case and normal form it was said."""

import unicodedata
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from syncd.db.admin import schema
from syncd.db.engine import Engine, make_engine, psycopg_connection
from tests.db.search.meetings import T0, Load, Search, positions

LOCALES = {
    "C": "locale 'C'",
    "C.UTF-8": "locale 'C.UTF-8'",
    "builtin": "locale 'C' locale_provider builtin builtin_locale 'C.UTF-8'",
    "Turkish by ICU": "locale 'C' locale_provider icu icu_locale 'tr-TR'",
    "Turkish by libc": "locale 'tr_TR.UTF-8'",
}
SAID = (
    "The INVOICE is in München, “on time” – really.",
    "ПРИВЕТ, Ёлка! «Бюджет» утверждён…",
    "Η ΟΔΟΣ της Αθήνας",
    "İSTANBUL ve Diyarbakır",
    "Señor Núñez habla mañana",
    "Tiếng Việt rất hay",
    "한국어 회의",
    "ԲԱՐԵՎ ձեզ։",
    "हिन्दी में बजट।",
    "ガイドを読む",
    "Das Bud\u00adget, \ufb01x: 12\u00a0m\u00b2 STRA\u1e9eE f\u00fcr Acme\u2122",
    "\uff22\uff35\uff24\uff27\uff25\uff34 \u00b5s \U0001d41a\U0001d41b re\u2011run \uff83\uff9e\uff70\uff80",
    "الميزانـــية مُحَمَّد \ufee3\ufe92\ufee0\ufecd می\u200cخواهم",
    "שָׁלוֹם \ufb2aל",
    "\u0915\u094d\u200d\u0937 \u0958लम กำหนด \ufeffElse\u2060where",
    "i\u0307zmir, i\u0307\u0301ra, ёж, ὈΔΥΣΣΕΎΣ",
)
ASKED = {
    "invoice": 0,
    "MÜNCHEN": 0,
    "münchen": 0,
    '"on time really"': 0,
    "привет": 1,
    "ЁЛКА": 1,
    "бюджет": 1,
    "УТВЕРЖДЁН": 1,
    "οδος": 2,
    "ΑΘΉΝΑΣ": 2,
    "istanbul": 3,
    "DİYARBAKIR": None,  # ı and I are two letters, and only Turkish takes them for one
    "NÚÑEZ": 4,
    "MAÑANA": 4,
    "việt": 5,
    "회의": 6,
    "բարեվ": 7,
    "ՁԵԶ": 7,
    "हिन्दी": 8,
    "बजट": 8,
    "ガイド": 9,
    "budget": {10, 11},
    "fix": 10,
    '"12 m2"': 10,
    "straße": 10,
    "STRASSE": 10,
    "acme": 10,
    "μs": 11,
    "ab": 11,
    '"re-run"': 11,
    "データ": 11,
    "الميزانية": 12,
    "محمد": 12,
    "مبلغ": 12,
    "میخواهم": 12,
    "שלום": 13,
    "של": 13,
    "क्ष": 14,
    "\u0915\u093cलम": 14,
    "กํา": 14,
    "else\u00adwhere": 14,
    "İzmir": 15,
    "íra": 15,
    "еж": 15,
    "ὀδυσσεύσ": 15,
}
"""What is asked for, and where it is found."""
MARKED = {
    "budget": {
        "Das **Bud\u00adget**, \ufb01x: 12\u00a0m\u00b2 STRA\u1e9eE f\u00fcr Acme\u2122",
        "**\uff22\uff35\uff24\uff27\uff25\uff34** \u00b5s \U0001d41a\U0001d41b re\u2011run \uff83\uff9e\uff70\uff80",
    },
    "münchen": {"The INVOICE is in **München**, “on time” – really."},
    "привет": {"**ПРИВЕТ**, Ёлка! «Бюджет» утверждён…"},
}


@pytest.fixture(params=list(LOCALES.values()), ids=list(LOCALES))
def database_url(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A migrated database of a locale. Skips what the server does not have."""
    name = f"syncd_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        create = f"create database {name} template template0 encoding 'UTF8' {request.param}"
        try:
            connection.execute(create.encode())
        except psycopg.Error as error:
            pytest.skip(f"this server has no such locale: {error.diag.message_primary}")
    url = make_conninfo(server_url, dbname=name)
    engine = make_engine(url)
    schema.migrate(engine)
    engine.dispose()
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_case_and_normal_form_make_no_difference(load: Load, search: Search) -> None:
    said = [(text, "tlh") for text in SAID]
    decomposed = [(unicodedata.normalize("NFD", text), "tlh") for text in SAID]
    load(*said, number=1, speakers=("Zoë",))
    load(*decomposed, number=2, speakers=(unicodedata.normalize("NFD", "Zoë"),))
    for query, answer in ASKED.items():
        expected = answer if isinstance(answer, set) else {answer} - {None}
        for form in ("NFC", "NFD"):
            found = search(unicodedata.normalize(form, query))
            assert positions(found) == expected, query
            assert len(found) == 2 * len(expected), query
    assert len(search("invoice", spoken_by="ZOË")) == 2
    for query, snippets in MARKED.items():
        assert {unicodedata.normalize("NFC", row.snippet) for row in search(query)} == snippets
    load(
        ("Die HÄUSER sind groß.", "de"),
        ("INVOICES ISSUED", "en"),
        ("ПРОБЛЕМЫ", "ru"),
        ("Les ÉTUDIANTES", "fr"),
        number=3,
    )
    for position, query in enumerate(("Haus", "invoice issue", "проблема", "étudiante")):
        assert {row.position for row in search(query) if row.transcript_id.int == 3} == {position}, query


@pytest.mark.parametrize("revision", ["0005", "0006"])
def test_what_was_indexed_by_a_revision_before_is_found_after_the_upgrade(
    empty_database_url: str, revision: str
) -> None:
    engine = make_engine(empty_database_url)
    schema.migrate(engine, revision)
    _insert_as_before(engine)
    schema.migrate(engine)
    with engine.begin() as connection:
        found = connection.exec_driver_sql("select position from recall.search('münchen') order by 1").scalars().all()
    engine.dispose()
    assert found == [0, 1]


def _insert_as_before(engine: Engine) -> None:
    decomposed = unicodedata.normalize("NFD", "nach München")
    long = f"{'x ' * 3500}{decomposed}"
    with engine.begin() as connection:
        driver = psycopg_connection(connection)
        driver.execute(
            "create or replace function recall.search_text(content text) returns text language sql immutable"
            " as 'select content'"
        )
        driver.execute(
            "insert into recall.transcripts (transcript_id, first_seen_at, workspace, created_at)"
            " values (%s, now(), 'default', %s)",
            (uuid.UUID(int=1), T0),
        )
        for position, text in enumerate((decomposed, long)):
            driver.execute(
                "insert into recall.utterance_data"
                " (transcript_id, position, participant_position, word_count, search_config, text)"
                " values (%s, %s, 0, 2, 'simple', %s)",
                (uuid.UUID(int=1), position, text),
            )
        driver.execute(
            "insert into recall.passages (transcript_id, position, passage, first_word, last_word, first_character,"
            " character_count, search_config, search_vector)"
            " values (%s, 1, 0, 3500, 3501, 7000, %s, 'simple', to_tsvector('simple', %s))",
            (uuid.UUID(int=1), len(decomposed), decomposed),
        )
        driver.execute("insert into recall.search_configs values ('simple') on conflict do nothing")
