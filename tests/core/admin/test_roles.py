"""The names of the three roles: what Postgres would take otherwise than it was meant is not printed at all."""

import pytest

from syncd.core.admin.roles import Roles
from syncd.errors import BadInput


def roles(owner: str = "o", writer: str = "w", analyst: str = "a", workspace: str | None = None) -> Roles:
    return Roles(owner, writer, analyst, workspace, 30, 60)


@pytest.mark.parametrize("name", ["analyst", 'Ann\'s "team"', "a b", "ü" * 31, "x" * 63, "$$", "page"])
def test_any_name_that_fits_can_be_that_of_a_role(name: str) -> None:
    assert roles(analyst=name).analyst == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 64, "longer than the 63 bytes"),
        ("ü" * 32, "longer than the 63 bytes"),
        ("", "is empty"),
        ("two\nlines", "cannot be printed"),
        ("\udcff", "cannot be printed"),
        ("public", "reserves the name public"),
        ("none", "reserves the name none"),
        ("pg_monitor", "reserves the name pg_monitor"),
    ],
)
@pytest.mark.parametrize("part", ["owner", "writer", "analyst"])
def test_a_name_that_postgres_would_not_take_as_it_is_is_refused(part: str, name: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refusal:
        roles(**{part: name})
    assert f"--{part}" in str(refusal.value)


@pytest.mark.parametrize(
    "same",
    [
        {"owner": "x", "writer": "x"},
        {"writer": "x", "analyst": "x"},
        {"owner": "x", "analyst": "x"},
    ],
)
def test_one_role_cannot_be_two(same: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="three different roles"):
        roles(**same)


@pytest.mark.parametrize("workspace", ["", "\x00", "a\tb"])
def test_a_workspace_that_cannot_be_printed_is_refused(workspace: str) -> None:
    with pytest.raises(BadInput, match="--workspace"):
        roles(workspace=workspace)


@pytest.mark.parametrize("workspace", ["acme", "acme corp", "pg_", "x" * 100, "it's"])
def test_a_workspace_is_no_role_and_may_have_other_names(workspace: str) -> None:
    assert roles(workspace=workspace).workspace == workspace
