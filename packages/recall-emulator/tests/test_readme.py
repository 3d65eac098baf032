import re
import shlex
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.command import parse
from recall_emulator.scenario_json import scenario_fields

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FAULTS = {field.name for field in fields(Faults)}


def test_it_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"], "it")
    options = set(re.findall(r"--[a-z0-9-]+", capsys.readouterr().out))
    of_faults = {f"--{name.replace('_', '-')}" for name in FAULTS} | {"--no-gzip", "--no-looping-next"}
    assert {option for option in options - of_faults - {"--help"} if f"`{option}" not in README} == set()


def test_it_names_every_fault() -> None:
    kinds = {name.removesuffix("_every").removesuffix("_first") for name in FAULTS} - {"retry_after_seconds"}
    assert {kind for kind in kinds if f"`{kind}`" not in README} == set()


def test_its_examples_of_scenarios_can_be_added() -> None:
    examples = re.findall(r"(?<!faults) -d '(\{.*?\})'", README, flags=re.DOTALL)
    assert len(examples) == 9
    emulator = Emulator()
    for example in examples:
        emulator.expected(emulator.add(Scenario(**scenario_fields(example))))


def test_its_example_of_a_change_does_what_it_says(client: httpx.Client) -> None:
    [body] = re.findall(r"-X PATCH '.*/_emulator/.*? -d '(\{.*\})'", README)
    with Emulator() as emulator:
        identity = emulator.add(Scenario(created=-120.0, finishes_after=None, deleted_after=60.0))
        assert client.patch(f"{emulator.api_url}/_emulator/transcripts/{identity}", content=body).status_code == 200
        shown = client.get(
            f"{emulator.api_url}/api/v1/transcript/{identity}/", headers={"Authorization": "Token demo-key"}
        ).json()
    created, updated = (datetime.fromisoformat(at) for at in (shown["created_at"], shown["status"]["updated_at"]))
    assert (shown["status"]["code"], shown["metadata"]) == ("done", {"customer": "43"})
    assert (updated - created).total_seconds() == 90


def test_its_examples_of_the_command_can_be_run() -> None:
    examples = re.findall(r"^recall-emulator (--[^#\n]*)", README, flags=re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        parse(shlex.split(example), "it")
