"""Who spoke, in every shape that transcript files have had."""

from typing import Any

import pytest

from syncd.core.reading.payload import Participant, Payload
from tests.core.reading.transcript_files import read, utterance


@pytest.mark.parametrize(
    "element",
    [
        pytest.param({}, id="an empty element"),
        pytest.param({"participant": None, "words": None}, id="nulls"),
        pytest.param({"participant": {}, "words": []}, id="an empty participant"),
        pytest.param({"participant": {"name": None, "is_host": "yes", "platform": 5}}, id="odd types"),
        pytest.param({"participant": "Ada"}, id="a text for a participant"),
    ],
)
def test_an_unknown_speaker_is_a_participant_without_a_name(element: dict[str, Any]) -> None:
    assert read([{"words": None} | element]) == Payload((Participant(),), (utterance(0, ()),))


def test_one_person_is_one_id_and_name() -> None:
    people = [(100, "Ada"), (200, "Ada"), (100, "Ada"), (None, "Ada"), (None, None), (100, "Eve"), (None, "Ada")]
    payload = read([{"participant": {"id": i, "name": name}} for i, name in people])
    assert [utterance.participant for utterance in payload.utterances] == [0, 1, 0, 2, 3, 4, 2]
    assert len(payload.participants) == 5


@pytest.mark.parametrize(
    ("element", "participant"),
    [
        ({"participant": {}, "speaker": "Ada", "speaker_id": 100}, Participant("100", "Ada")),
        ({"participant": {"id": 100, "name": None}, "speaker": "Ada"}, Participant("100", "Ada")),
        ({"participant": {"id": None, "name": "200-0"}, "speaker_id": 200}, Participant("200", "200-0")),
        ({"participant": {"id": 1, "name": "Ada"}, "speaker": "Eve", "speaker_id": 2}, Participant("1", "Ada")),
        ({"participant": None, "speaker": "A"}, Participant(None, "A")),
    ],
    ids=["neither in the newer form", "a name in the older one", "an id in the older one", "both", "no newer form"],
)
def test_of_two_generations_in_one_element_each_fills_what_the_other_lacks(
    element: dict[str, Any], participant: Participant
) -> None:
    assert read([element]).participants == (participant,)


@pytest.mark.parametrize("name", ["", " ", "0", "B", "200-0", "Ada\nLovelace", "\u202eadA"])
def test_names_are_kept_as_they_are(name: str) -> None:
    assert read([{"participant": {"id": 1, "name": name}}]).participants == (Participant("1", name),)


@pytest.mark.parametrize(
    "platform", ["desktop", "mobile_app", "dial-in", "dial_in", "unknown", "phone", "something new", None]
)
def test_any_platform_is_kept_as_it_is(platform: str | None) -> None:
    assert read([{"participant": {"id": 1, "platform": platform}}]).participants[0].platform == platform


@pytest.mark.parametrize(
    "extra",
    [
        None,
        {},
        {"zoom": {"os": 3, "guest": False, "user_guid": "g", "conf_user_id": "c"}},
        {"microsoft_teams": {"role": "presenter", "user_id": "8:orgid:1", "tenant_id": "t"}},
        {"google_meet": {"static_participant_id": "Zm9v"}},
        ["something", {"new": 1.5}],
    ],
)
def test_what_the_platform_says_is_kept_whole(extra: Any) -> None:
    assert read([{"participant": {"id": 1, "extra_data": extra}}]).participants[0].extra_data == extra


def test_blanks_are_filled_by_later_appearances_and_never_overwritten() -> None:
    base = {"id": 100, "name": "Ada"}
    appearances: list[dict[str, Any]] = [
        {},
        {"is_host": False, "email": "a@b.c"},
        {"is_host": True, "platform": "desktop"},
    ]
    payload = read([{"participant": base | more} for more in appearances])
    assert payload.participants == (Participant("100", "Ada", False, "desktop", "a@b.c"),)


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [(100, "100"), ("100", "100"), (16998240, "16998240"), (1.5, "1.5"), (True, None), ([1], None), ("", "")],
)
def test_ids_are_kept_as_text(given_id: Any, kept: str | None) -> None:
    assert read([{"participant": {"id": given_id}}]).participants[0].participant_id == kept
