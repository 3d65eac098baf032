"""`syncd erase`, by the real command: what goes, what is printed, and that it stays gone."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg

from recall_emulator import Emulator, Scenario
from tests.acceptance.test_signals import daemon, until

Command = Callable[..., CompletedProcess[str]]


def test_erased_transcripts_leave_receipts_and_stay_erased(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    meant, other = Scenario(metadata={"deal": "4711"}), Scenario()
    ids = [str(emulator.add(each)) for each in (meant, other)]
    syncd("track", *ids)
    assert syncd("run", "--until-idle").returncode == 0

    done = syncd("erase", "--metadata", "deal=4711", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith("1 transcript(s), 200 words, ")
    done = syncd("erase", "--metadata", "deal=4711")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing was" in done.stderr

    done = syncd("erase", "--metadata", "deal=4711", "--reason", "asked to", "--yes")
    assert (done.returncode, done.stderr) == (0, "1 erased; the receipts are in recall.erasures.\n")
    receipt = done.stdout.split()
    assert receipt[0] == ids[0]
    assert receipt[2:5:2] == ["rows", "words"]
    assert receipt[7:10:2] == ["provider_data", "transcript"]

    with psycopg.connect(database_url) as connection:  # the planner keeps samples of what it has analyzed
        assert connection.execute("select count(*) from pg_stats where schemaname = 'recall'").fetchone() != (0,)
        kept = "select count(*) from pg_stats where tablename = 'transcripts' and most_common_vals::text ~ '4711'"
        assert connection.execute(kept).fetchone() == (0,)

    done = syncd("track", *ids)
    assert done.returncode == 1
    assert f"syncd: {ids[0]} was erased here" in done.stderr
    assert "0 new, 1 known already" in done.stderr
    done = syncd("explain", ids[0])
    assert done.returncode == 1
    assert f"{ids[0]} was erased at" in done.stdout
    done = syncd("retry", ids[1], "--dry-run")
    assert (done.returncode, done.stdout) == (1, "")
    assert syncd("untrack", ids[1]).stderr == "0 no longer tracked, 1 were not waiting\n"


def test_the_daemon_erases_what_is_older_than_the_retention(
    syncd: Command, environment: dict[str, str], emulator: Emulator, database_url: str, tmp_path: Path
) -> None:
    old, new = (str(emulator.add(Scenario(created=-days * 86_400.0))) for days in (3.0, 1.0))
    syncd("track", old, new)
    assert syncd("run", "--until-idle").returncode == 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        environment["SYNCD_RETENTION_DAYS"] = "2"
        with daemon(environment, tmp_path / "log"):
            until(lambda: connection.execute("select from recall.erasures").rowcount == 1)
        kept = (
            "select (select array_agg(transcript_id::text) from recall.transcripts), selected_by from recall.erasures"
        )
        assert connection.execute(kept).fetchall() == [([new], "age")]
