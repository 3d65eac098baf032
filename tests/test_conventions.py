"""Conventions that tests keep: sizes, names, imports, and documents that agree with the code."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cli.app import COMMANDS
from syncd.settings import CONFIG_VARIABLE, PREFIX, all_settings
from syncd.settings.values import parts_of

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "syncd").rglob("*.py"))
TESTS, BENCH, TOOLS = (sorted((ROOT / name).rglob("*.py")) for name in ("tests", "bench", "tools"))
EMULATOR = sorted((ROOT / "packages" / "recall-emulator" / "recall_emulator").rglob("*.py"))
EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("*.py"))
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


def assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    """Each name that is assigned to, and its value as it is written; `A, B = 1, 2` assigns to two."""
    if isinstance(target, ast.Name):
        yield target.id, ast.unparse(value)
    elif isinstance(target, ast.Tuple):
        for index, each in enumerate(target.elts):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                yield from assigned(each, value.elts[index])
            elif isinstance(each, ast.Name):
                yield each.id, f"{ast.unparse(value)}, at {index}"


def test_a_public_constant_has_one_value() -> None:
    values: dict[str, dict[str, str]] = {}
    for path in [*MODULES, *BENCH, *TOOLS, *EMULATOR, *EXAMPLES]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    for name, value in assigned(target, node.value):
                        if re.fullmatch("[A-Z][A-Z0-9_]*", name):
                            values.setdefault(name, {})[value] = str(path.relative_to(ROOT))
    assert len(values) > 100
    assert {name: found for name, found in values.items() if len(found) > 1} == {}


def test_modules_are_small() -> None:
    paths = [*MODULES, *TESTS, *BENCH, *TOOLS, *EMULATOR, *EXAMPLES]
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in paths}
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_no_module_is_named_after_a_role_instead_of_a_subject() -> None:
    assert [str(path) for path in MODULES if FORBIDDEN_NAMES.search(path.name)] == []


def test_imports_go_downward_only() -> None:
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
    for name, field in all_settings().items():
        shown = (
            ""
            if field.default is None
            else f"`{field.default:g}`"
            if isinstance(field.default, float)
            else f"`{field.default}`"
        )
        expected[PREFIX + name.upper()] = f"{shown} | {parts_of(field.type)[1].description}"
    assert rows == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"syncd {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


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
        for path in [*MODULES, *TESTS, *BENCH, *TOOLS, *sorted((ROOT / "migrations").rglob("*.py"))]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line)
    ]
    assert offenders == []
