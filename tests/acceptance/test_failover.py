"""The primary is lost under a daemon and its standby promoted: it goes on there, without a restart."""

from pathlib import Path

import psycopg

from recall_emulator import Emulator, Scenario
from syncd.db.admin import schema
from syncd.db.engine import make_engine
from tests.acceptance.test_signals import DEADLINE_S, daemon, track, until
from tests.acceptance.truth import assert_everything_is_true
from tests.servers import has_caught_up, primary_and_standby


def test_a_daemon_goes_on_with_a_standby_that_is_promoted(
    emulator: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with primary_and_standby() as (primary, standby):
        engine = make_engine(primary.url)
        schema.migrate(engine)
        engine.dispose()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        url = f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"
        with daemon(environment | {"SYNCD_DATABASE_URL": url}, log) as process:
            first = [Scenario() for _ in range(5)]
            track(primary.url, emulator, first)
            until(lambda: _is_done(primary.url))
            until(lambda: has_caught_up(primary, standby))
            primary.stop()
            until(lambda: "waiting for the database" in log.read_text())
            standby.promote()
            second = [Scenario() for _ in range(5)]
            track(standby.url, emulator, second)
            until(lambda: "the database is back" in log.read_text())
            until(lambda: _is_done(standby.url))
            process.terminate()
            assert process.wait(DEADLINE_S) == 0
        assert_everything_is_true(standby.url, emulator, [*first, *second])
    assert log.read_text().count("the database is back") == 1
    assert "Traceback" not in log.read_text()


def _is_done(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("select from syncd.queue limit 1").fetchone() is None
