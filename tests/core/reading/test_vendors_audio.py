"""Which messages of a file belong to one audio, so that a repetition counts once."""

from typing import Any

import pytest

from tests.core.reading.test_vendors_assembly import DONE, turn
from tests.core.reading.vendor_parts import answered, streamed, texts

LIVE = "assembly_ai_v3_streaming"


def separate(participant_id: Any, name: Any) -> dict[str, Any]:
    return {"type": "separate", "offset": 0.0, "participant": {"id": participant_id, "name": name}}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param((100, "Ann"), (100, "Ann (guest)"), "red", id="a new name under the same id"),
        pytest.param((100, None), (100, "Ann"), "red", id="a name that comes later"),
        pytest.param((100, "Ann"), (200, "Ann"), "red red", id="two ids with one name"),
        pytest.param((None, "Ann"), (None, "Ann"), "red", id="a name without an id"),
        pytest.param((None, "Ann"), (None, "Bo"), "red red", id="two names without ids"),
        pytest.param(("Ann", None), (None, "Ann"), "red red", id="a name is no id"),
    ],
)
def test_a_participant_is_known_by_the_id_or_else_by_the_name(
    first: tuple[Any, Any], second: tuple[Any, Any], expected: str
) -> None:
    parts = [
        streamed(turn(0, "red", settled=1), separate(*first)),
        streamed(turn(0, "red", ends=True), separate(*second)),
    ]
    assert texts(LIVE, *parts) == expected


DONE_BEFORE = {"id": "t1", "status": "completed", "words": DONE["words"]}
UNNAMED = {"id": None, "status": "completed", "words": DONE["words"]}
OTHER = DONE_BEFORE | {"id": "t2"}


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        pytest.param([DONE_BEFORE, UNNAMED], 1, id="with an id, then without"),
        pytest.param([UNNAMED, DONE_BEFORE], 1, id="without an id, then with one"),
        pytest.param([DONE_BEFORE, UNNAMED, DONE_BEFORE, UNNAMED], 1, id="again and again"),
        pytest.param([DONE_BEFORE, OTHER], 2, id="two ids"),
        pytest.param([DONE_BEFORE, OTHER, UNNAMED], 2, id="two ids, and one of them again"),
    ],
)
def test_a_finished_transcript_counts_once_with_or_without_its_id(messages: list[Any], count: int) -> None:
    assert texts("assembly_ai_async", *map(answered, messages)) == " ".join(["Good morning."] * count)
