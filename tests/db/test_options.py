"""What a provider was told reaches the analyst: options, expiry, and the view over them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from recall_emulator.configs import config_of
from recall_emulator.configs.pass_through import PASS_THROUGH_CONFIGS
from recall_emulator.configs.seed import SEED_CONFIGS
from recall_emulator.scenario import Flavour
from syncd.core.reading.artifact import Artifact, read_artifact
from syncd.core.reading.document import Document
from syncd.core.reading.options import read_options
from syncd.db.content import transcripts
from syncd.db.engine import Connection

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
EXPIRES = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
Tracked = Callable[..., list[UUID]]


def artifact(
    transcript_id: UUID, provider: str = "rev_async", config: Any = None, expires_at: datetime | None = EXPIRES
) -> Artifact:
    body = {
        "id": str(transcript_id),
        "status": {"code": "processing"},
        "recording": {"id": str(uuid4()), "expires_at": expires_at.isoformat() if expires_at else None},
        "diarization": {"use_separate_streams_when_available": True},
        "provider": {"recallai_async": None, provider: config or {}},
    }
    return read_artifact(Document(body, is_altered=False))[0]


def row(connection: Connection) -> tuple[Any, ...]:
    return tuple(connection.exec_driver_sql("select options, expires_at from recall.transcripts").one())


def version(connection: Connection) -> tuple[Any, ...]:
    return tuple(connection.exec_driver_sql("select xmin, ctid from recall.transcripts").one())


REV = {"language": "en", "skip_diarization": False}
READ = {"language": "en", "has_diarization": True, "has_separate_streams": True}


def test_an_observation_stores_options_and_expiry(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.observe_artifact(connection, "default", artifact(id_, config=REV), T0)
    assert row(connection) == (READ, EXPIRES)


def test_an_unchanged_observation_writes_nothing(connection: Connection) -> None:
    seen = artifact(uuid4(), config=REV)
    transcripts.observe_artifact(connection, "default", seen, T0)
    before = version(connection)
    assert not transcripts.observe_artifact(connection, "default", seen, T0 + timedelta(seconds=9))
    assert version(connection) == before


def test_other_settings_are_read_again(connection: Connection) -> None:
    id_ = uuid4()
    transcripts.observe_artifact(connection, "default", artifact(id_, config=REV), T0)
    changed = artifact(id_, config={"language": "de"}, expires_at=None)
    assert transcripts.observe_artifact(connection, "default", changed, T0 + timedelta(seconds=1))
    assert row(connection) == ({"language": "de", "has_separate_streams": True}, None)


def test_rows_from_before_are_filled_by_reading_them_again(connection: Connection) -> None:
    id_ = uuid4()
    transcripts.observe_artifact(connection, "default", artifact(id_, config=REV), T0)
    connection.exec_driver_sql("update recall.transcripts set options = null, expires_at = null")
    transcripts.reread_options(connection, id_)
    assert row(connection) == (READ, EXPIRES)


def test_what_an_older_version_misread_is_replaced(connection: Connection) -> None:
    id_ = uuid4()
    transcripts.observe_artifact(connection, "default", artifact(id_, config=REV, expires_at=None), T0)
    connection.exec_driver_sql("""update recall.transcripts set options = '{"language": "xx"}', expires_at = now()""")
    transcripts.reread_options(connection, id_)
    assert row(connection) == (READ, None)


def test_reading_again_what_is_there_writes_nothing(connection: Connection) -> None:
    id_ = uuid4()
    transcripts.observe_artifact(connection, "default", artifact(id_, config=REV), T0)
    before = version(connection)
    transcripts.reread_options(connection, id_)
    assert version(connection) == before


def test_one_that_recall_has_not_shown_has_no_options(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    transcripts.reread_options(connection, id_)
    transcripts.reread_options(connection, uuid4())
    assert row(connection) == (None, None)
    assert connection.exec_driver_sql("select count(*) from recall.transcription_options").scalar_one() == 0


def test_a_row_that_was_not_read_yet_shows_its_raw_settings(connection: Connection) -> None:
    transcripts.observe_artifact(connection, "default", artifact(uuid4(), config=REV), T0)
    connection.exec_driver_sql("update recall.transcripts set options = null")
    shown = connection.exec_driver_sql("select * from recall.transcription_options").mappings().one()
    assert {name for name, value in shown.items() if value is not None} == {
        "transcript_id", "provider", "has_separate_streams", "provider_config",
    }  # fmt: skip
    assert shown["provider_config"] == REV


CASES: list[tuple[str, Flavour]] = [(provider, "seed") for provider in SEED_CONFIGS]
CASES += [(provider, "pass_through") for provider in PASS_THROUGH_CONFIGS]


def test_every_config_is_shown_as_it_was_read_and_as_it_was_given(connection: Connection) -> None:
    for provider, flavour in CASES:
        seen = artifact(uuid4(), provider, config_of(provider, flavour))
        transcripts.observe_artifact(connection, "default", seen, T0)
        statement = "select * from recall.transcription_options where transcript_id = %s"
        shown = dict(connection.exec_driver_sql(statement, (seen.transcript_id,)).mappings().one())
        given = config_of(provider, flavour)
        if "webhook_auth_header_value" in given:
            given["webhook_auth_header_value"] = None
        assert shown.pop("provider_config") == given
        assert (shown.pop("transcript_id"), shown.pop("provider")) == (seen.transcript_id, provider)
        document = read_options(provider, given, has_separate_streams=True).document()
        assert {name: value for name, value in shown.items() if value is not None} == {
            name: list(value) if isinstance(value, tuple) else value for name, value in document.items()
        }


@pytest.mark.parametrize("columns", ["*", "language, vocabulary_size"])
def test_a_lookup_uses_the_primary_key(connection: Connection, columns: str) -> None:
    connection.exec_driver_sql(
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at, observed_at, options)"
        " select gen_random_uuid(), 'default', now(), now(), '{}' from generate_series(1, 2000)"
    )
    connection.exec_driver_sql("analyze recall.transcripts")
    lookup = f"explain select {columns} from recall.transcription_options where transcript_id = '{uuid4()}'"
    plan = "\n".join(connection.exec_driver_sql(lookup).scalars())
    assert "Index Scan using transcripts_pkey" in plan
    assert "Seq Scan" not in plan
