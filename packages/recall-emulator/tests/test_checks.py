import math
from dataclasses import fields
from typing import Any

import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario
from recall_emulator.checks import allowed, hints_of

SCENARIOS: list[tuple[str, object, str]] = [
    ("transcript_id", "seven", "an id"),
    ("workspace", None, "a string"),
    ("finishes_after", "y", "a number"),
    ("finishes_after", -1, "from 0 to 1000000000"),
    ("deleted_after", math.nan, "a number"),
    ("created", math.inf, "from -1000000000 to 1000000000"),
    ("words", "x", "a whole number"),
    ("words", -1, "from 0 to 1000000"),
    ("words", 1.5, "a whole number"),
    ("words", True, "a whole number"),
    ("speakers", 0, "from 1 to 24"),
    ("is_empty", 1, "true or false"),
    ("variant", "Z", "one of L, 1, 2, 3, mixed"),
    ("variant", ["L"], "one of L, 1, 2, 3, mixed"),
    ("metadata", {"a": 1}, "an object of strings"),
    ("recording_metadata", {"a": 1}, "an object of strings or nulls"),
    ("payload", "[]", "bytes"),
    ("faults", {"error_every": 1}, "Faults"),
    ("language", "\ud83d", "a code in ASCII"),
]
FAULTS: list[tuple[str, object, str]] = [
    ("error_every", -1, "from 0"),
    ("error_first", "x", "a whole number"),
    ("retry_after", "soon", "one of seconds, date"),
    ("retry_after_seconds", "x", "a whole number"),
    ("error_status", 99, "from 200 to 599"),
    ("drip_seconds", -0.1, "from 0"),
    ("gzip", "yes", "true or false"),
    ("redirect_files_to", 7, "a string or None"),
    ("redirect_files_to", "http://x\r\nSet-Cookie: y", "a URL in ASCII"),
]
OPTIONS: list[tuple[str, object, str]] = [
    ("page_size", 0, "from 1"),
    ("window", "x", "one of sliding, fixed"),
    ("window_seconds", 0, "from 0.001"),
    ("api_port", 65_536, "from 0 to 65535"),
    ("retrieve_limit", -1, "from 0"),
    ("list_bounds", None, "one of inclusive, exclusive"),
    ("keys", ["k"], "an object of strings"),
    ("keys", {"": "default"}, "none may be empty"),
    ("keys", {"a b": "default"}, "without spaces"),
    ("faults", [Faults()], "Faults"),
]
CASES = [
    *((Scenario, *case) for case in SCENARIOS),
    *((Faults, *case) for case in FAULTS),
    *((EmulatorOptions, *case) for case in OPTIONS),
]


@pytest.mark.parametrize(("kind", "name", "value", "told"), CASES)
def test_a_field_refuses_what_it_must_not_hold(kind: Any, name: str, value: object, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be ") as refused:
        kind(**{name: value})
    assert told in str(refused.value)


@pytest.mark.parametrize("kind", [Scenario, Faults, EmulatorOptions])
def test_what_a_field_may_hold_can_be_said(kind: Any) -> None:
    assert {field.name for field in fields(kind)} == set(hints_of(kind))
    assert all(allowed(hint) for hint in hints_of(kind).values())


def test_every_field_of_a_scenario_is_explained() -> None:
    told = Scenario.__doc__ or ""
    explained = {word for line in told.splitlines() for word in line[4:].split("  ")[0].replace(",", "").split()}
    assert {field.name for field in fields(Scenario)} - explained - {"relapse_seconds"} == set()
    assert "`relapse_seconds`" in told


@pytest.mark.parametrize(
    ("name", "value"), [("provider", "deepgram"), ("topic", "weather"), ("hostile", "rude"), ("words", "x")]
)
def test_what_is_unknown_is_not_added_nor_changed(name: str, value: Any) -> None:
    emulator = Emulator()
    with pytest.raises(ValueError, match=f"^{name} must be "):
        emulator.add(Scenario(**{name: value}))
    known = emulator.add(Scenario(words=20))
    with pytest.raises(ValueError, match=f"^{name} must be "):
        emulator.change(known, **{name: value})
    assert emulator.expected(known).artifact["provider"]["deepgram_async"]


def test_a_hostile_file_needs_a_word() -> None:
    with pytest.raises(ValueError, match="words must be at least 1"):
        Scenario(hostile="nul", words=0)


def test_a_transcript_keeps_its_creation() -> None:
    emulator = Emulator()
    known = emulator.add(Scenario(created=-5.0))
    emulator.change(known, created=-5.0)
    with pytest.raises(ValueError, match="created cannot be changed"):
        emulator.change(known, created=0.0)
