"""The questions of docs/for-analysts.md, README.md and the demo: each runs as it stands, and has an answer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recall_emulator import Emulator, EmulatorOptions, Scenario
from syncd.db.engine import Engine, make_engine
from syncd.demo.meetings import morning
from syncd.demo.questions import QUESTIONS
from syncd.demo.show import DEMO_SEED
from tests.conftest import fresh_database
from tests.pipeline.harness import Harness

ROOT = Path(__file__).parents[2]
QUERIES = re.compile(r"^### (?P<title>[^\n]+)\n.*?^```sql\n(?P<sql>.*?)^```", re.MULTILINE | re.DOTALL)


def written() -> list[tuple[str, str]]:
    """Title and SQL of every question that is written somewhere."""
    text = (ROOT / "docs" / "for-analysts.md").read_text()
    asked = [(match["title"], match["sql"]) for match in QUERIES.finditer(text)]
    assert len(asked) == text.count("```sql") >= 20, "a question without its title, or without its SQL"
    readme = (ROOT / "README.md").read_text().split("## For the SQL analyst")[1].split("\n## ")[0]
    (first,) = re.findall(r"```sql\n(.*?)```", readme, re.DOTALL)
    asked += [(query.strip().splitlines()[0], query) for query in first.split("\n\n")]
    return asked + [(question.title, question.sql) for question in QUESTIONS]


def over(scenario: Scenario) -> Scenario:
    """The same, finished already."""
    return replace(scenario, created=scenario.created - 120.0, finishes_after=60.0)


@pytest.fixture(scope="module")
def demo(server_url: str, template: str) -> Iterator[Engine]:
    """What the demo brings."""
    with (
        fresh_database(server_url, template) as url,
        Emulator(EmulatorOptions(retrieve_limit=100_000, list_limit=100_000)) as emulator,
    ):
        engine = make_engine(url, pool_size=20)
        with Harness(engine, emulator) as harness:
            harness.track(*map(over, morning(DEMO_SEED)))
            harness.turns()
        yield engine
        engine.dispose()


@pytest.mark.parametrize(("title", "sql"), [pytest.param(*each, id=each[0]) for each in written()])
def test_the_question_has_an_answer(demo: Engine, title: str, sql: str) -> None:
    with demo.connect() as connection:
        connection.exec_driver_sql("set transaction read only")
        rows = connection.exec_driver_sql(sql.replace("%", "%%")).all()
    assert rows, title


def test_without_a_word_is_without_it(demo: Engine) -> None:
    (sql,) = (sql for title, sql in written() if title.startswith("13. "))
    (query,) = re.findall(r"'([^']*-discount[^']*)'", sql)
    texts = (
        "select lower(u.text) from recall.search(%(query)s, max_results => null) as s"
        " join recall.utterances as u using (transcript_id, position)"
    )
    with demo.connect() as connection:
        without = connection.exec_driver_sql(texts, {"query": query}).scalars().all()
        with_it = connection.exec_driver_sql(texts, {"query": query.replace("-", "")}).scalars().all()
    assert without
    assert not any("discount" in text for text in without)
    assert with_it, "there is something to leave out"
