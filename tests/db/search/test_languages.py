"""recall.search(): each utterance is searched in its own language."""

from typing import Any

import pytest

from syncd.core.reading.talk_time import reckon
from syncd.db.content import utterances
from syncd.db.content.copying import copy_rows
from syncd.db.engine import Connection, Engine
from tests.db.search.meetings import Load, Search, meeting, positions


def test_each_row_is_searched_in_its_own_language(load: Load, search: Search) -> None:
    load(("Die Häuser sind groß.", "de"), ("Their houses, and the Häuser of Berlin.", "en-US"), ("Häuser", "klingon"))
    assert positions(search("Haus")) == {0}
    assert positions(search("house")) == {1}
    assert positions(search("Häuser")) == {0, 1, 2}
    assert positions(search("großen")) == {0}
    assert [row.snippet for row in search("Haus")] == ["Die **Häuser** sind groß."]


def test_a_row_without_a_language_has_that_of_its_transcript(connection: Connection, load: Load) -> None:
    load(("a", None), ("b", "multi"), ("c", "fr"), ("d", "ja"), number=1, options='{"language": "de"}')
    load(("a", None), number=2)
    found = connection.exec_driver_sql(
        "select search_config from recall.utterance_data order by transcript_id, position"
    )
    assert found.scalars().all() == ["german", "german", "french", "simple", "simple"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, "english") for code in ("en", "EN", "en-us", "en_US", "eng", "english", " en ", "en-GB-oed")),
        *((code, "german") for code in ("de", "de-AT", "deu", "ger", "German")),
        *((code, "norwegian") for code in ("no", "nb", "nn-NO")),
        *((code, "simple") for code in ("ja", "zh-CN", "tlh")),
        *((code, None) for code in (None, "", "auto", "multi", "und", "mul", "en,es", "klingon")),
    ],
)
def test_languages_are_known_by_code_and_name(connection: Connection, code: str | None, expected: str | None) -> None:
    assert connection.exec_driver_sql("select recall.search_config(%s)", (code,)).scalar_one() == expected


def test_the_first_use_of_a_configuration_keeps_no_other_load_waiting(
    engine: Engine, connection: Connection, load: Load, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One meeting is loaded while another one of the same language is being written."""
    ids = load(number=1), load(number=2)
    said = meeting([("Die Häuser sind groß.", "de")], ["Ada"])

    def meanwhile(*arguments: Any) -> None:
        copy_rows(*arguments)
        monkeypatch.setattr(utterances, "copy_rows", copy_rows)
        connection.exec_driver_sql("set lock_timeout = '1ms'")
        utterances.replace_utterances(connection, ids[1], said, reckon(said))
        connection.exec_driver_sql("reset lock_timeout")

    monkeypatch.setattr(utterances, "copy_rows", meanwhile)
    with engine.begin() as slow:
        utterances.replace_utterances(slow, ids[0], said, reckon(said))
    assert {row.transcript_id for row in search("Haus")} == set(ids)


def test_every_configuration_that_may_be_named_exists(connection: Connection) -> None:
    source = connection.exec_driver_sql(
        "select array_agg(distinct word[1]) from pg_proc, regexp_matches(prosrc, '\": \"([a-z]+)\"', 'g') as word"
        " where proname = 'search_config'"
    ).scalar_one()
    known = connection.exec_driver_sql("select cfgname::text from pg_ts_config").scalars().all()
    assert len(source) == 28
    assert set(source) <= set(known)


def test_scripts_without_spaces_are_searched_character_by_character(load: Load, search: Search) -> None:
    load(
        ("今日の会議は延期です。", "ja"),
        ("議会で会う", "ja"),
        ("ประชุมวันนี้ยกเลิก", "th"),
        ("the 会議 room", "en"),
        ("時々foo", "ja"),
    )
    assert positions(search("会議")) == {0, 3}
    assert positions(search('"議会"')) == {1}
    assert positions(search("延期 -議会")) == {0}
    assert positions(search("時々")) == positions(search("foo")) == {4}
    assert positions(search("วันนี้")) == {2}
    assert positions(search("วันนั้")) == set()
    assert [row.snippet for row in search("延期")] == ["今日の会議は**延期**です。"]


def test_only_configurations_of_utterances_are_searched(connection: Connection, load: Load) -> None:
    load(("house", "en"), ("Haus", "de"))
    load(number=2)
    noted = connection.exec_driver_sql("select search_config from recall.search_configs order by 1")
    assert noted.scalars().all() == ["english", "german"]
