"""The generated documents are those of the schema, and no change of what analysts see goes unsaid."""

import re
from pathlib import Path

import psycopg
import pytest

from tools.describe.arrangement import GROUPS, REFERENCES, REST, arranged
from tools.describe.catalog import Catalog, read_catalog
from tools.describe.documents import DUMP, SOURCES, TABLES_PAGE, documents
from tools.describe.dump import fingerprint, schema_dump

ROOT = Path(__file__).parents[2]


@pytest.fixture
def catalog(database_url: str) -> Catalog:
    return read_catalog(database_url)


@pytest.mark.parametrize("name", [TABLES_PAGE, DUMP, SOURCES])
def test_what_is_committed_is_what_the_schema_says(catalog: Catalog, name: str) -> None:
    committed = (ROOT / name).read_bytes().decode() if (ROOT / name).exists() else ""
    assert committed == documents(catalog)[name], f"{name} is stale. Run: make docs"


def test_a_change_of_what_analysts_see_stands_in_the_changelog(catalog: Catalog) -> None:
    newest = re.split(r"^### Analysts$", (ROOT / "CHANGELOG.md").read_text(), maxsplit=1, flags=re.MULTILINE)[1]
    newest = re.split(r"^##", newest, maxsplit=1, flags=re.MULTILINE)[0]
    current = fingerprint(schema_dump(catalog))
    assert re.findall(r"^Schema fingerprint: `(\w+)`\.?$", newest, flags=re.MULTILINE) == [current], (
        "What analysts see has changed. Say how in CHANGELOG.md, in the newest section for Analysts,"
        f" whose last line then is:\nSchema fingerprint: `{current}`"
    )


@pytest.mark.parametrize(
    "change",
    [
        "alter table recall.transcripts add column extra text",
        "alter table recall.utterance_data alter column text drop not null",
        "alter table recall.transcripts alter column payload_state set default 'loaded'",
        "alter table recall.events drop constraint events_kind",
        "drop index recall.transcripts_created_at",
        "create index extra on recall.transcripts (provider) where provider is not null",
        "create view recall.extra as select 1 as one",
        "create function recall.extra(id uuid) returns text language sql return id::text",
        "alter table recall.workspaces enable row level security",
        "create policy extra on recall.workspaces for select using (true)",
    ],
)
def test_the_fingerprint_changes_with_what_analysts_see(database_url: str, change: str) -> None:
    before = fingerprint(schema_dump(read_catalog(database_url)))
    with psycopg.connect(database_url) as connection:
        connection.execute(change.encode())
    assert fingerprint(schema_dump(read_catalog(database_url))) != before


def test_another_description_leaves_the_fingerprint_alone_and_is_in_the_documents(database_url: str) -> None:
    before = schema_dump(read_catalog(database_url))
    with psycopg.connect(database_url) as connection:
        connection.execute("comment on column recall.transcripts.provider is 'Who \"wrote\" it | or {{ heard }} it.'")
        connection.execute("create function recall.extra() returns trigger language plpgsql as 'begin end'")
    after = read_catalog(database_url)
    assert schema_dump(after) == before
    written = documents(after)
    assert '| Who "wrote" it \\| or {{ heard }} it. |' in written[TABLES_PAGE]
    assert 'description: "Who \\"wrote\\" it | or { { heard }} it."' in written[SOURCES]


def test_everything_has_its_place_in_the_arrangement(catalog: Catalog) -> None:
    there = {made.name for made in catalog.relations} | {made.name for made in catalog.functions}
    named = [name for group in GROUPS for name in group.names]
    assert sorted(named) == sorted(there), "tools/describe/arrangement.py has to name exactly what there is"
    assert REST not in [group.title for group in arranged(catalog)]
    columns = {(column.relation, column.name) for column in catalog.columns}
    assert {(reference.relation, reference.by) for reference in REFERENCES} <= columns
    assert {reference.target for reference in REFERENCES} <= there
