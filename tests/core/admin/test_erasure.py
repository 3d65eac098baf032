"""What the options of syncd erase choose."""

import pytest

from syncd.core.admin.erasure import Erasable, SelectedBy, select
from syncd.errors import BadInput

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
OPTIONS = ("transcripts", "recording", "email", "person", "metadata")


def choose(**given: object) -> Erasable:
    return select(*({"transcripts": [], **given}.get(name) for name in OPTIONS))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("given", "by", "values"),
    [
        ({"transcripts": [ID.upper(), ID]}, SelectedBy.TRANSCRIPT, (ID,)),
        ({"recording": f" {ID}"}, SelectedBy.RECORDING, (ID,)),
        ({"email": " Ana@Example.com "}, SelectedBy.PARTICIPANT_EMAIL, ("ana@example.com",)),
        ({"person": "k1"}, SelectedBy.PERSON, ("k1",)),
        ({"metadata": "deal=x=y"}, SelectedBy.METADATA, ('{"deal": "x=y"}',)),
        ({"metadata": "deal="}, SelectedBy.METADATA, ('{"deal": ""}',)),
        ({"metadata": "deal=4711"}, SelectedBy.METADATA, ('{"deal": "4711"}', '{"deal": 4711}')),
        ({"metadata": "deal=true"}, SelectedBy.METADATA, ('{"deal": "true"}', '{"deal": true}')),
        ({"metadata": "deal=NaN"}, SelectedBy.METADATA, ('{"deal": "NaN"}',)),
        ({"metadata": "deal=null"}, SelectedBy.METADATA, ('{"deal": "null"}',)),
    ],
)
def test_one_option_chooses(given: dict[str, object], by: SelectedBy, values: tuple[str, ...]) -> None:
    assert choose(**given) == Erasable(by, values)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"recording": ID, "email": "ana@example.com"},
        {"transcripts": ["nonsense"]},
        {"recording": "nonsense"},
        {"email": " "},
        {"person": ""},
        {"metadata": "deal"},
        {"metadata": "=x"},
    ],
)
def test_what_is_not_clear_erases_nothing(given: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        choose(**given)
