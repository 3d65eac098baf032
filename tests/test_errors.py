"""Each kind of error has a code of its own, which its message ends with and docs/failures.md explains."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd import errors
from syncd.errors import SyncdError
from syncd.network_faults import NetworkFault

CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, SyncdError)]
KINDS = [each for each in CLASSES if "code" in vars(each)]
PAGE = Path(errors.__file__).parents[2] / "docs" / "failures.md"
FIELDS = ("symptom", "meaning", "what syncd does", "what you do")
EXAMPLES: dict[type[SyncdError], Callable[[], SyncdError]] = {
    errors.Throttled: lambda: errors.Throttled(1.0),
    errors.UnconfirmedFile: lambda: errors.UnconfirmedFile("It is a page.", "aa"),
}
NEVER_LEAVES_A_COMMAND = 70


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [*(kind.code for kind in KINDS), *(fault.code for fault in NetworkFault)]
    assert sorted(set(codes)) == sorted(codes)
    assert all(re.fullmatch("SYNCD(-[A-Z]+)+", code) for code in codes)
    assert [kind.__name__ for kind in CLASSES if kind not in KINDS and not kind.__subclasses__()] == []


def test_the_table_of_faults_has_a_row_for_each_kind() -> None:
    rows = re.findall(r"^\| `(SYNCD-[A-Z-]+)` \|(.*)\| (\S+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    shown = {code: exit_code for code, _, exit_code in rows}
    expected = {kind.code: "-" if kind.exit_code == NEVER_LEAVES_A_COMMAND else str(kind.exit_code) for kind in KINDS}
    expected |= {fault.code: "-" for fault in NetworkFault}
    assert (shown, len(rows)) == (expected, len(shown))
    for code, cells, _ in rows:
        assert [bool(cell.strip()) for cell in cells.split("|")] == [True] * len(FIELDS), code


def test_the_tree_of_the_docstring_is_that_of_the_classes() -> None:
    tree = dict[str, str]()
    path = list[str]()
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)", line):
            depth = len(found[1]) // 4 + ("── " in line)
            path[depth:] = [found[2]]
            tree[found[2]] = path[depth - 1] if depth else "Exception"
    assert tree == {kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind.__base__}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_ends_with_its_code(kind: type[SyncdError]) -> None:
    error = EXAMPLES[kind]() if kind in EXAMPLES else kind()
    assert str(error) == f"{error.message} [{kind.code}]"
    assert "[" not in error.message
