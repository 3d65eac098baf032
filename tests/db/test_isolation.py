"""An analyst of one workspace, asking everything that is found in schema recall, so that nothing new is forgotten."""

import json
from uuid import UUID, uuid4

import pytest
from psycopg import errors

from recall_emulator import Emulator, Scenario
from syncd.db.engine import Engine
from tests.db.roles import DatabaseRoles, Rows
from tests.pipeline.harness import Harness

OWN, OTHER = "default", "zephyr"
WITH_RIGHTS_OF_THEIR_OWNER = ["payload_states", "sync_budget", "sync_daemons", "sync_durations"]
"""Views that are no security_invoker. The first has no table behind it; the others look into schema syncd."""
TELL_THE_TIME = {"sync_budget", "sync_daemons", "sync_durations", "sync_freshness"}
"""Views whose rows change from one moment to the next, one row or more for each workspace."""
RELATIONS = """
    select c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'recall'::regnamespace and c.relkind in ('r', 'v')
      and c.relname || '.' || a.attname <> 'payloads.content'
    group by 1 order by 1
"""
FUNCTIONS = """
    select proname from pg_proc where pronamespace = 'recall'::regnamespace
    and not prosecdef and prorettype <> 'trigger'::regtype order by 1
"""
CALLS = {
    "asks_for_deleted": "select recall.asks_for_deleted()",
    "chunks": "select * from recall.chunks(50)",
    "chunks_of": (
        "select made.* from (select distinct transcript_id from recall.participants) as known"
        " cross join lateral recall.chunks_of(transcript_id, 50) as made"
    ),
    "freshness_of": f"select pending_count, loaded_last_day_count from recall.freshness_of('{OTHER}')",
    "may_hold": "select recall.may_hold(1)",
    "search": "select * from recall.search('{word} or {other_word}', max_results => 1000)",
    "search_config": "select recall.search_config('en')",
    "search_lower": "select recall.search_lower('A')",
    "search_marks": "select recall.search_marks('simple', 'a', 'a')",
    "search_match": "select recall.search_match('simple', 'a', array['a'])",
    "search_place": "select * from recall.search_place('{transcript}', 0, 'simple', 'a', 0, 0, 0, 1)",
    "search_signs": "select recall.search_signs('a')",
    "search_text": "select recall.search_text('a')",
    "search_vector": "select recall.search_vector('simple', 'a')",
    "word_time": "select recall.word_time(1.5, 'abcdef', 1, 1)",
    "sees_workspace": f"select recall.sees_workspace('{OWN}'), recall.sees_workspace('{OTHER}')",
}
"""How to call each function of schema recall that an analyst may call."""


@pytest.fixture
def two_workspaces(roles: DatabaseRoles, engine: Engine, emulator: Emulator) -> tuple[list[UUID], list[UUID]]:
    """The same kinds of transcripts in each: two that are loaded, and one that waits."""
    scenarios = [
        scenario
        for _ in range(2)
        for scenario in (
            Scenario(topic="renewal"),
            Scenario(provider="assembly_ai_async", flavour="pass_through"),
            Scenario(finishes_after=None),
        )
    ]
    with Harness(engine, emulator) as harness:
        ids = harness.track(*scenarios)
        harness.turn()
        harness.worker.flush()
    own, other = ids[:3], ids[3:]
    roles.change(  # as if the first turn of each were a very long one
        "insert into recall.passages select transcript_id, position, 0, 0, 0, 0, 1, 'simple', 'long', 1"
        " from recall.utterances where position = 0"
    )
    _move(roles, other)
    return own, other


def _move(roles: DatabaseRoles, ids: list[UUID]) -> None:
    """Let these belong to the other workspace, and give it what a daemon has for each."""
    listed = ", ".join(f"'{id_}'" for id_ in ids)
    for table in ("recall.transcripts", "recall.events", "syncd.queue"):
        roles.change(f"update {table} set workspace = '{OTHER}' where transcript_id in ({listed})")
    for workspace in (OWN, OTHER):
        roles.change(f"select recall.erase('{(erased := uuid4())}')")
        roles.change(f"update recall.erasures set workspace = '{workspace}' where transcript_id = '{erased}'")
    for table in ("syncd.workspaces", "recall.workspaces", "syncd.budgets", "syncd.durations"):
        roles.change(
            f"insert into {table} select (jsonb_populate_record(mine, '{json.dumps({'workspace': OTHER})}')).*"
            f" from {table} as mine"
        )


def _forget(roles: DatabaseRoles) -> None:
    """As if the other workspace had never been."""
    for table in ("recall.transcripts", "recall.workspaces", "recall.events", "recall.erasures"):
        roles.change(f"delete from {table} where workspace = '{OTHER}'")
    for table in ("syncd.queue", "syncd.budgets", "syncd.durations", "syncd.workspaces"):
        roles.change(f"delete from {table} where workspace = '{OTHER}'")


def _queries(roles: DatabaseRoles) -> dict[str, str]:
    """Everything that an analyst can ask of schema recall, by the name of what is asked."""
    queries = {
        relation: f"select {'workspace' if relation in TELL_THE_TIME else columns} from recall.{relation}"
        for relation, columns in roles.rows(RELATIONS)
    }
    words = (
        "select max(word) from recall.utterances join recall.transcripts using (transcript_id), unnest(words) as word"
    )
    word, other_word = (
        roles.rows(f"{words} where workspace = '{workspace}' and word ~ '^[a-z]+$' and length(word) > 6")[0][0]
        for workspace in (OWN, OTHER)
    )
    loaded = "select min(transcript_id::text) from recall.utterances join recall.transcripts using (transcript_id)"
    ((transcript,),) = roles.rows(f"{loaded} where workspace = '{OTHER}'")
    functions = [name for (name,) in roles.rows(FUNCTIONS)]
    assert functions == sorted(CALLS), "a function without a call here is not known to keep workspaces apart"
    values = {"word": word, "other_word": other_word, "transcript": transcript}
    return queries | {f"{name}()": CALLS[name].format(**values) for name in functions}


def _sorted(rows: Rows) -> list[str]:
    return sorted(map(str, rows))


def test_only_views_that_are_tested_for_it_have_the_rights_of_their_owner(roles: DatabaseRoles) -> None:
    views = roles.rows(
        "select relname from pg_class where relnamespace = 'recall'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions @> '{security_invoker=true}', false) order by 1"
    )
    assert [name for (name,) in views] == WITH_RIGHTS_OF_THEIR_OWNER
    barriers = roles.rows(
        "select relname from pg_class where relnamespace = 'recall'::regnamespace"
        " and reloptions @> '{security_barrier=true}' order by 1"
    )
    assert [name for (name,) in barriers] == ["sync_budget", "sync_daemons", "sync_durations"]


def test_an_analyst_of_one_workspace_is_answered_as_if_there_were_no_other(
    roles: DatabaseRoles, two_workspaces: tuple[list[UUID], list[UUID]]
) -> None:
    roles.grant(OWN)
    queries = _queries(roles)
    seen = {name: _sorted(roles.ask("analyst", query)) for name, query in queries.items()}
    everything = {name: _sorted(roles.rows(query)) for name, query in queries.items()}
    _forget(roles)
    own = {name: _sorted(roles.rows(query)) for name, query in queries.items()}
    assert [name for name, rows in seen.items() if not rows] == []
    for name in queries:
        assert seen[name] == own[name], name
    alike = {name for name in queries if everything[name] == own[name]}
    assert alike == {
        *("payload_states", "search_configs", "may_hold()", "asks_for_deleted()"),
        *("search_config()", "search_lower()", "search_marks()", "search_match()"),
        *("search_signs()", "search_text()", "search_vector()", "word_time()"),
    }


def test_analysts_of_one_of_the_other_and_of_all_do_not_disturb_each_other(
    roles: DatabaseRoles, two_workspaces: tuple[list[UUID], list[UUID]]
) -> None:
    own, other = two_workspaces
    roles.grant(analyst="analyst of all")
    roles.grant(OWN)
    roles.grant(OTHER, analyst="analyst of the other")
    ids = "select transcript_id from recall.{} group by 1"
    for part, expected in (("analyst", own), ("analyst of the other", other), ("analyst of all", own + other)):
        assert {id_ for (id_,) in roles.ask(part, ids.format("transcripts"))} == set(expected)
        assert {id_ for (id_,) in roles.ask(part, ids.format("words"))} == {
            id_ for id_ in expected if id_ not in (own[2], other[2])
        }
        assert roles.ask(part, "select count(distinct workspace) from recall.sync_budget") == [
            (2 if part == "analyst of all" else 1,)
        ]


def test_a_condition_that_fails_aloud_tells_nothing_of_the_rows_of_others(
    roles: DatabaseRoles, two_workspaces: tuple[list[UUID], list[UUID]]
) -> None:
    roles.grant(OWN)
    for relation in ("sync_budget", "sync_daemons", "sync_durations", "sync_freshness", "transcripts", "events"):
        loud = f"where case when workspace = '{OWN}' then true else workspace::integer = 1 end"
        assert roles.ask("analyst", f"select workspace from recall.{relation} {loud}")[0] == (OWN,)
        with pytest.raises(errors.InvalidTextRepresentation):
            roles.rows(f"select workspace from recall.{relation} {loud}")


def test_an_erased_transcript_leaves_its_events_to_its_own_workspace(
    roles: DatabaseRoles, two_workspaces: tuple[list[UUID], list[UUID]]
) -> None:
    own, other = two_workspaces
    roles.grant(OWN)
    roles.change(f"select recall.erase('{own[0]}', '{other[0]}')")
    events = "select transcript_id from recall.events where kind = 'erased'"
    assert {id_ for (id_,) in roles.rows(events)} == {own[0], other[0]}
    assert roles.ask("analyst", events) == [(own[0],)]


def test_a_workspace_may_have_any_name(roles: DatabaseRoles) -> None:
    name = """it's "x" \\ $$ :name ü"""
    roles.grant(name)
    id_ = uuid4()
    with roles.login("writer") as session:
        session.execute("select recall.track(%s, %s)", (id_, name))
        session.execute("select recall.track(%s, %s)", (uuid4(), "other"))
    assert roles.ask("analyst", "select transcript_id, workspace from recall.transcripts") == [(id_, name)]


@pytest.mark.parametrize("table", ["utterances", "provider_parts", "payloads", "transcripts"])
def test_a_lookup_of_one_transcript_uses_the_index_under_isolation(roles: DatabaseRoles, table: str) -> None:
    roles.change(
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at)"
        f" select gen_random_uuid(), case when n % 2 = 0 then '{OWN}' else '{OTHER}' end, now()"
        " from generate_series(1, 4000) as n;"
        "insert into recall.utterance_data (transcript_id, position, participant_position, text, word_count)"
        " select transcript_id, n, 0, 'a', 1"
        " from recall.transcripts, generate_series(0, 4) as n;"
        "insert into recall.provider_parts (transcript_id, position) select transcript_id, 0 from recall.transcripts;"
        "insert into recall.payloads (transcript_id, kind, sha256, byte_count, content, downloaded_at)"
        " select transcript_id, 'transcript', '', 0, '', now() from recall.transcripts;"
        "analyze"
    )
    roles.grant(OWN)
    query = f"select transcript_id from recall.{table} where transcript_id = '{uuid4()}'"
    plan = "\n".join(line for (line,) in roles.ask("analyst", f"explain {query}"))
    assert "Index" in plan
    assert "Seq Scan" not in plan
