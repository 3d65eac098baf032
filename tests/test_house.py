"""The rules of the house, kept by tests: sizes, floors, documents that agree with the code."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.app import VERBS
from syncd.settings import CONFIG_VARIABLE, PREFIX, Settings

ROOT = Path(__file__).parents[1]
EMULATOR = ROOT / "packages" / "recall-emulator"
MODULES = sorted([*(ROOT / "syncd").rglob("*.py"), *EMULATOR.rglob("*.py")])
LONGEST_FUNCTION, P90_FUNCTION, LONGEST_MODULE = 40, 20, 300
FORBIDDEN_NAMES = re.compile(r"(util|helper|manager|handler|processor|common|misc)s?(_|\.|$)")


def functions() -> list[tuple[int, str]]:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                found.append((node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.name}"))
    return sorted(found)


def test_functions_are_small() -> None:
    sizes = functions()
    assert [size for size in sizes if size[0] > LONGEST_FUNCTION] == []
    assert sizes[int(0.9 * len(sizes))][0] <= P90_FUNCTION


def test_modules_are_small() -> None:
    lines = {str(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_rooms_have_honest_names() -> None:
    assert [str(path) for path in MODULES if FORBIDDEN_NAMES.search(path.name)] == []


def test_imports_keep_their_floors_and_doors() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_settings_table_lists_exactly_the_settings_there_are() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(SYNCD_\w+)` \| (.*) \|$", text, flags=re.MULTILINE))
    rows.pop(CONFIG_VARIABLE)
    expected = {}
    for name, field in Settings.model_fields.items():
        shown = (
            ""
            if field.default is None
            else f"`{field.default:g}`"
            if isinstance(field.default, float)
            else f"`{field.default}`"
        )
        expected[PREFIX + name.upper()] = f"{shown} | {field.description}"
    assert rows == expected


@pytest.mark.parametrize("verb", [verb.__name__ for verb in VERBS])
def test_every_verb_is_in_the_readme(verb: str) -> None:
    assert f"syncd {verb}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_sql_is_put_together_from_strings() -> None:
    suspicious = re.compile(r"(text|execute|exec_driver_sql)\(\s*f[\"']")
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if suspicious.search(line) and "# constant" not in line
    ]
    assert offenders == []


def test_every_ignore_has_its_reason() -> None:
    bare = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?)\s*$")
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "migrations").rglob("*.py"))]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line)
    ]
    assert offenders == []
