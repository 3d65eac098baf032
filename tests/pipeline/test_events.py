"""Being told, through the real path: every transcript that comes to its end is told once, together with its rows."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from recall_emulator import Scenario
from tests.pipeline.harness import Harness

DEADLINE_S = 90.0


def told(harness: Harness, transcript_id: object) -> list[str]:
    rows = harness.rows("select kind from recall.events where transcript_id = %s order by event_id", transcript_id)
    return [row["kind"] for row in rows]


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        (Scenario(), "ready"),
        (Scenario(is_empty=True), "ready"),
        (Scenario(has_provider_data=False), "ready"),
        (Scenario(end="failed"), "failed"),
        (Scenario(end="not_found"), "failed"),
        (Scenario(hostile="not_json"), "failed"),
        (Scenario(end="deleted"), "deleted"),
    ],
    ids=["loaded", "empty", "no provider file", "failed", "missing", "unreadable", "deleted"],
)
def test_each_end_is_told_once(harness: Harness, scenario: Scenario, kind: str) -> None:
    (id_,) = harness.track(scenario)
    assert told(harness, id_) == []
    harness.turns()
    assert told(harness, id_) == [kind]
    harness.turns()
    assert told(harness, id_) == [kind]


def test_one_that_is_not_finished_is_not_told(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(finishes_after=None))
    harness.turn()
    assert harness.transcript(id_)["status"] == "processing"
    assert told(harness, id_) == []


def test_a_page_of_the_list_tells_like_a_retrieve(make_harness: Any) -> None:
    listing = make_harness(list_limit=60_000)
    ids = listing.see(Scenario(), Scenario(), Scenario())
    listing.pages(6)
    assert [(listing.retrieves(id_), told(listing, id_)) for id_ in ids] == [(0, ["ready"])] * 3


def watch(url: str, count: int, seen: list[tuple[Any, ...]], is_watching: threading.Event) -> None:
    """Whoever sees an event looks at once at what it speaks of."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("listen recall_events")
        is_watching.set()
        while len(seen) < count:
            if not list(connection.notifies(timeout=DEADLINE_S, stop_after=1)):
                return
            seen += connection.execute(
                "select event_id, kind, payload_state, (select count(*) from recall.utterances as said"
                " where said.transcript_id = event.transcript_id) = utterance_count"
                " from recall.events as event join recall.transcripts using (transcript_id)"
                " where event_id > %s order by event_id",
                (seen[-1][0] if seen else 0,),
            ).fetchall()


def test_whoever_sees_the_event_sees_the_rows(harness: Harness, database_url: str) -> None:
    seen: list[tuple[Any, ...]] = []
    is_watching = threading.Event()
    watcher = threading.Thread(target=watch, args=(database_url, 12, seen, is_watching))
    watcher.start()
    assert is_watching.wait(DEADLINE_S)
    harness.track(*[Scenario() for _ in range(12)])
    harness.turns()
    watcher.join(DEADLINE_S)
    assert [row[1:] for row in seen] == [("ready", "loaded", True)] * 12


def test_tracked_again_while_its_other_file_is_worked_on_it_begins_anew(
    make_harness: Callable[..., Harness], monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = make_harness(payload_limit=2_000)
    (id_,) = harness.track(Scenario(payload=b" " * 3_000, provider_data=b"[]"))
    store = harness.worker._context.store
    download, links = store.download, list[str]()

    def tracked_again(link: str, *rest: Any) -> Any:
        links.append(link)
        if len(links) == 2:  # the transcript file has ended as too large, and was told
            harness.change("select recall.track(%s)", id_)
        return download(link, *rest)

    monkeypatch.setattr(store, "download", tracked_again)
    harness.turn()
    row = harness.row("select stage, lease_token, attempts from syncd.queue")
    assert (harness.transcript(id_)["payload_state"], row) == (
        "pending",
        {"stage": "poll", "lease_token": None, "attempts": 0},
    )
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "too_large"
    kinds = harness.rows("select kind from recall.events order by event_id")
    assert [row["kind"] for row in kinds] == ["failed", "failed"]


def test_a_load_that_is_not_committed_is_not_told(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(has_provider_data=False))
    harness.change(
        "create function public.refuse() returns trigger language plpgsql as"
        " $$begin raise 'no' using errcode = 'restrict_violation'; end$$;"
        " create trigger refuse before insert or update on recall.payloads"
        " for each row when (new.parser_version is not null) execute function public.refuse()"
    )
    harness.turn()
    assert (harness.transcript(id_)["payload_state"], told(harness, id_)) == ("pending", [])
    harness.change("update syncd.queue set due_at = now()")
    harness.turn()  # the second time the bytes are stored first
    assert (harness.transcript(id_)["payload_state"], told(harness, id_)) == ("stored", [])
    harness.change("drop trigger refuse on recall.payloads")
    harness.turns()
    assert (harness.transcript(id_)["payload_state"], told(harness, id_)) == ("loaded", ["ready"])
