"""All benchmarks together: what is collected, and what becomes of it in the documents."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench import __main__ as collection
from bench import bars, document
from bench.ingest import contenders

RESULT = {"bench": "it", "words": 7, "kinds": {"one": 1}}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A benchmark of a few lines, which Python finds as `it`."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "it.py"


def test_the_last_line_is_kept_beside_what_is_there(module: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    collection.keep(path, "other", {"words": 1})
    module.write_text(f"print('by the way')\nprint({json.dumps(RESULT)!r})")
    assert collection.main(["it"], path, {"it": ["it"]}) == 0
    results = collection.read(path)
    assert set(results) == {"other", "it"}
    assert RESULT.items() <= results["it"].items()


@pytest.mark.parametrize("source", ["print('no JSON')", f"print({json.dumps(RESULT)!r})\nraise SystemExit(3)"])
def test_one_that_fails_is_told_and_leaves_its_old_result(module: Path, tmp_path: Path, source: str) -> None:
    path = tmp_path / "results.json"
    collection.keep(path, "it", {"words": 1})
    module.write_text(source)
    assert collection.main(["it"], path, {"it": ["it"]}) == 1
    assert collection.read(path)["it"]["words"] == 1


def test_names_are_checked_and_all_are_run_where_none_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert collection.chosen([]) == list(collection.SUITE)
    assert collection.chosen(["large", "idle"]) == ["large", "idle"]
    with pytest.raises(SystemExit):
        collection.chosen(["large", "nothing"])
    told = capsys.readouterr().err
    assert "no such benchmark: nothing;" in told
    assert all(name in told for name in collection.SUITE)


def test_a_peer_that_is_not_installed_is_named_with_the_way_to_install_it() -> None:
    missing = replace(contenders.DLT, environment="nowhere")
    (told,) = collection.without(["ingest"], [contenders.COPY, missing])
    assert told == "ingest: without dlt, which is not installed; `make bench` installs it"
    assert list(collection.without(["large"], [missing])) == list(collection.without(["ingest"], [])) == []


def test_the_page_is_what_its_results_say() -> None:
    page = (document.DOCUMENTS / "benchmarks.md").read_text(encoding="utf-8")
    results = collection.read()
    assert set(re.findall("<!-- begin: (\\w+), by bench.document -->", page)) <= set(results)
    assert document.renewed(page, results) == page


def test_a_result_stands_between_its_marks_and_nowhere_else() -> None:
    page = "before\n<!-- begin: it, by bench.document -->\nold\n<!-- end: it -->\nafter\n"
    found = document.renewed(page, {"it": RESULT, "without marks": RESULT})
    assert found.startswith("before\n<!-- begin: it, by bench.document -->\n\n| ")
    assert found.endswith("|\n\n<!-- end: it -->\nafter\n")
    assert "| kinds: one | 1 |" in found
    assert "old" not in found
    assert document.renewed(found, {"it": RESULT}) == found


def test_bars_are_as_long_as_their_values(tmp_path: Path) -> None:
    path = tmp_path / "bars.svg"
    bars.write(path, "A & B", "words", [bars.Bar("a", 100, is_own=True), bars.Bar("b", 50, is_own=False)])
    drawn = path.read_text(encoding="utf-8")
    assert "A &amp; B" in drawn
    assert 'width="450.0"' in drawn
    assert 'width="225.0"' in drawn
