"""The dbt package: the real dbt reads it, builds it on a database with transcripts, and its tests bite."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from recall_emulator import Emulator, Scenario
from syncd.db.engine import make_engine
from syncd.demo.meetings import morning
from tests.pipeline.harness import Harness

ROOT = Path(__file__).parents[1]
DBT = ROOT / ".venv" / "dbt" / "bin" / "dbt"
UNREACHABLE = ("error sending request", "Failed to fetch", "Failed to download", "Network connectivity is disabled")
# Twelve were tracked: one is empty, and two are of one recording. Where times are known, shares add up to all.
COUNTS = """
    select
        (select count(*) from analytics.recall_meetings),
        (select count(distinct transcript_id) from analytics.recall_speakers),
        (select array_agg(distinct share) from (
            select round(sum(share_of_talk)::numeric, 6) as share
            from analytics.recall_speakers group by transcript_id
        ) as meeting where share is not null)
"""

# The first of them may install dbt, and each runs it several times.
pytestmark = pytest.mark.timeout(900)

Dbt = Callable[..., subprocess.CompletedProcess[str]]


def over(scenario: Scenario) -> Scenario:
    """The same, finished already."""
    return replace(scenario, created=scenario.created - 120.0, finishes_after=60.0)


@pytest.fixture(scope="session")
def program() -> Path:
    """dbt, in an environment of its own; installed now, where `make install` has not done it."""
    done = subprocess.run(
        ["make", ".venv/dbt/.installed"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode and any(words in done.stderr for words in UNREACHABLE):
        pytest.skip(f"dbt is not installed, and no registry can be reached: {done.stderr.strip().splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    return DBT


@pytest.fixture
def dbt(program: Path, database_url: str, tmp_path: Path) -> Dbt:
    """Runs dbt on the test's database with the profile of the example: dbt("parse"). A warning is an error."""
    server = conninfo_to_dict(database_url)
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text((ROOT / "dbt" / "profiles.example.yml").read_text())
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DBT_PROFILES_DIR": str(profiles),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "PGHOST": str(server["host"]),
        "PGPORT": str(server.get("port", "5432")),
        "PGUSER": str(server["user"]),
        "PGPASSWORD": str(server.get("password") or ""),
        "PGDATABASE": str(server["dbname"]),
    }

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, "--warn-error", "--no-use-colors", *arguments, "--project-dir", ROOT / "dbt"],
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=240,
            cwd=tmp_path,
            check=False,
        )

    return run


@pytest.fixture
def filled(database_url: str, emulator: Emulator) -> Iterator[str]:
    """The test's database, with meetings of the demo, one of them transcribed twice."""
    engine = make_engine(database_url, pool_size=20)
    with Harness(engine, emulator) as harness:
        harness.track(*map(over, morning(1)[:12]))
        harness.turns()
    yield database_url
    engine.dispose()


def test_it_parses_without_a_database_and_compiles_with_one(dbt: Dbt, tmp_path: Path) -> None:
    parsed = dbt("parse", PGHOST="nowhere.invalid")
    assert parsed.returncode == 0, parsed.stdout
    compiled = dbt("compile")
    assert compiled.returncode == 0, compiled.stdout
    (model,) = (tmp_path / "target" / "compiled").rglob("recall_meetings.sql")
    assert '"recall"."latest_transcripts"' in model.read_text()


def test_it_builds_on_real_transcripts_and_finds_what_goes_wrong_with_them(dbt: Dbt, filled: str) -> None:
    for command in (["build"], ["source", "freshness"]):
        done = dbt(*command)
        assert done.returncode == 0, done.stdout
    with psycopg.connect(filled) as connection:
        assert connection.execute(COUNTS).fetchone() == (10, 10, [1])
        connection.execute(
            "update recall.transcripts set payload_state = 'lost', loaded_at = loaded_at - interval '4 days'"
        )
    tested = dbt("test", "--select", "source:recall.transcripts")
    assert tested.returncode == 1
    assert "Failure in test source_accepted_values_recall_transcripts_payload_state" in tested.stdout
    stale = dbt("source", "freshness", "--select", "source:recall.transcripts")
    assert stale.returncode == 1
    assert "ERROR STALE freshness of recall.transcripts" in stale.stdout
