"""Shared by the tests of list pages."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recall_emulator import Scenario
from syncd.core.reading.list_page import Page, Selection
from syncd.db.engine import Engine
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery
from tests.pipeline.harness import Harness

Listed = Callable[..., Harness]


WAITS = Scenario(created=-90.0, finishes_after=None, words=20)

IS_DONE = Scenario(created=-90.0, finishes_after=60.0, words=20)

BRIEF = replace(IS_DONE, has_provider_data=False)

HAS_FAILED = replace(IS_DONE, end="failed", sub_code="no_audio")

IS_DELETED = replace(IS_DONE, end="deleted")


def of(scenario: Scenario, count: int) -> list[Scenario]:
    """The same life, lived by several."""
    return [replace(scenario, transcript_id=uuid.uuid4()) for _ in range(count)]


def list_state(harness: Harness) -> dict[str, Any]:
    """What is known about the list."""
    return harness.row("select * from syncd.list_states")


def restarted(harness: Harness, engine: Engine, discovery: Discovery = NO_DISCOVERY) -> Harness:
    """The same Recall and database, another process."""
    return Harness(engine, harness.emulator, list_limit=60_000, discovery=discovery, holder="another")


def before_the_answer(harness: Harness, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between the list call and what is made of its answer, once."""
    ask, acts = harness.api.list, [act]

    def asked(selection: Selection, next_url: str | None = None, send_by: float | None = None) -> Page:
        page = ask(selection, next_url, send_by)
        while acts:
            acts.pop()()
        return page

    monkeypatch.setattr(harness.api, "list", asked)


# Discovery


def since(seconds: float) -> Discovery:
    return Discovery(True, datetime.now(UTC) - timedelta(seconds=seconds))
