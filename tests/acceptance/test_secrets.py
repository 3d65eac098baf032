"""Canaries: a key, a password and every presigned signature, through faults of all kinds, with the log at debug."""

import subprocess
from collections.abc import Callable
from subprocess import CompletedProcess

import psycopg
import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario
from syncd.embedded import program

Command = Callable[..., CompletedProcess[str]]
KEY = "canary0key0f00dfeed"


@pytest.fixture
def emulator() -> object:
    with Emulator(EmulatorOptions(keys={KEY: "default"}, retrieve_limit=100_000)) as emulator:
        yield emulator


FAULTS = [
    Faults(),
    Faults(error_first=1),
    Faults(reset_first=1),
    Faults(html_first=1),
    Faults(wrong_json_shape_first=1),
    Faults(truncate_first=1),
    Faults(session_died_first=1),
    Faults(link_expired_first=1),
    Faults(throttle_first=1),
    Faults(redirect_files_to="http://127.0.0.1:1/elsewhere"),
]


def dump(database_url: str) -> str:
    """Everything that is in the database, as text."""
    done = subprocess.run([program("pg_dump"), "--inserts", database_url], capture_output=True, text=True, check=True)
    return done.stdout


def test_no_secret_reaches_a_log_a_table_or_an_error(
    syncd: Command, emulator: Emulator, database_url: str, environment: dict[str, str]
) -> None:
    ids = [
        emulator.add(Scenario(faults=fault, provider="assembly_ai_async", flavour="pass_through")) for fault in FAULTS
    ]
    syncd("track", *map(str, ids))
    settings = {"SYNCD_API_KEY": KEY, "SYNCD_LOG_LEVEL": "debug"}
    done = syncd("run", "--until-idle", "--timeout", "15", **settings)
    refused = syncd("run", "--until-idle", "--timeout", "5", **(settings | {"SYNCD_API_KEY": KEY + "x"}))
    said = done.stdout + done.stderr + refused.stdout + refused.stderr
    kept = dump(database_url)
    signatures = {request.query for request in emulator.requests() if request.listener == "files"}
    assert len(signatures) > 5
    for secret in (KEY, "Signature=", "x-amz-security-token", "AWSAccessKeyId"):
        assert secret not in said, secret
        assert secret not in kept, secret
    with psycopg.connect(database_url) as connection:
        urls = connection.execute(
            "select count(*) from recall.transcripts where artifact->'data'->>'download_url' is not null"
        ).fetchone()
    assert urls == (0,)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:canary0password@127.0.0.1:1/db",
        "postgresql://u:canary0password@127.0.0.1:1 /db",
        "postgresql://u:canary0password@[::1/db",
        "canary0password",
        "mysql://u:canary0password@h/db",
    ],
)
def test_no_password_reaches_the_error_of_a_database_url(syncd: Command, url: str) -> None:
    done = syncd("status", SYNCD_DATABASE_URL=url)
    assert done.returncode in (69, 78)
    assert "canary0password" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
