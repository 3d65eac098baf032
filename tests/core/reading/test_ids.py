from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.ids import BadLine, read_id, read_ids
from syncd.errors import BadInput

A = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
B = "00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(A, id="plain"),
        pytest.param(A.upper(), id="capitals"),
        pytest.param(A.replace("-", ""), id="without dashes"),
        pytest.param(f"{{{A}}}", id="in braces"),
        pytest.param(f"URN:UUID:{A}", id="an urn"),
        pytest.param(f"'{A}'", id="in quotes"),
        pytest.param(f'"{{{A.upper()}}}"', id="in quotes and braces"),
        pytest.param("3fa8-5f64-5717-4562-b3fc-2c96-3f66-afa6", id="dashes after any four digits"),
        pytest.param(f"  {A}\t\r\n", id="white space"),
        pytest.param(f"\ufeff{A}", id="a byte order mark"),
        pytest.param(f"\ufeff  {A}", id="a mark and white space"),
    ],
)
def test_an_id_is_known_in_these_forms(line: str) -> None:
    assert read_ids([line]) == read_ids([A])
    assert read_ids([line]).good == (UUID(A),)


@pytest.mark.parametrize("line", ["", "   ", "\n", "# a comment", "  # another", "\ufeff# marked", "\ufeff"])
def test_empty_lines_and_comments_are_passed_over(line: str) -> None:
    ids = read_ids([line, A])
    assert ids.good == (UUID(A),)
    assert ids.bad == ()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"{A} {B}", id="two on a line"),
        pytest.param(f"{{{A}", id="half in braces"),
        pytest.param(f"'{A}\"", id="in two kinds of quotes"),
        pytest.param(f"urn:isbn:{A}", id="another urn"),
        pytest.param(f"{A}/", id="a slash"),
        pytest.param(A[:-1], id="too short"),
        pytest.param(A + "0", id="too long"),
        pytest.param(A.replace("f", "g"), id="not hexadecimal"),
        pytest.param(A.replace("5", "\u0665"), id="digits of another script"),
        pytest.param(A.replace("5", "_"), id="underscores"),
        pytest.param("../../etc/passwd", id="a path"),
        pytest.param(f"{A}%2f", id="an escape"),
        pytest.param(f"{A}\x00", id="a NUL"),
        pytest.param("transcript_id", id="a column's name"),
    ],
)
def test_anything_else_is_a_bad_line(line: str) -> None:
    ids = read_ids([A, line])
    assert ids.good == (UUID(A),)
    assert ids.bad == (BadLine(2, line[:60]),)


def test_each_id_counts_once_in_its_order() -> None:
    assert read_ids([B, A, B.upper(), "x", A]).good == (UUID(B), UUID(A))


def test_a_bad_line_is_shown_short_and_without_control_characters() -> None:
    line = str(read_ids(["", "\x1b[31mred\r\nforged\u202e" + "x" * 10_000]).bad[0])
    assert line.startswith(r"line 2: '\x1b[31mred\r\nforged\u202exxx")
    assert line.endswith(f"is no transcript id; one looks like {A}")
    assert line.isprintable()
    assert len(line) < 200


@given(lines=st.lists(st.text() | st.uuids().map(str)))
def test_every_line_is_good_bad_or_empty(lines: Sequence[str]) -> None:
    ids = read_ids(lines)
    assert len(set(ids.good)) == len(ids.good)
    bad = {line.number for line in ids.bad}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff").lstrip()
        named = [each for each in ids.good if text and each.hex == text.replace("-", "").lower()]
        assert (number in bad) + bool(named) + (not text or text.startswith("#")) == 1


@pytest.mark.parametrize("text", [A, A.upper(), A.replace("-", ""), f"  {A}\n"])
def test_a_single_id_is_read(text: str) -> None:
    assert read_id(text) == UUID(A)


@pytest.mark.parametrize("text", ["", "# a comment", f"{A} {B}", A[:-1], "\x1b[31m" + "x" * 10_000])
def test_a_text_that_is_no_id_is_refused_and_shown_short_and_escaped(text: str) -> None:
    with pytest.raises(BadInput, match=f"is no transcript id; one looks like {A}") as caught:
        read_id(text)
    assert str(caught.value).startswith(repr(text[:60]))
