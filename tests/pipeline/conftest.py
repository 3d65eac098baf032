"""Benches, closed after the test."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from recall_emulator import Emulator, EmulatorOptions
from syncd.db.engine import Engine
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery
from tests.pipeline.harness import Harness
from tests.pipeline.listing import (
    Listed,
)


@pytest.fixture
def harness(engine: Engine, emulator: Emulator) -> Iterator[Harness]:
    with Harness(engine, emulator) as harness:
        yield harness


@pytest.fixture
def make_harness(engine: Engine, emulator: Emulator) -> Iterator[Callable[..., Harness]]:
    """For benches with settings of their own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Harness(engine, emulator, **settings))


@pytest.fixture
def listed(engine: Engine) -> Iterator[Listed]:
    """Benches that read the list; what Recall is like, by keyword."""
    with contextlib.ExitStack() as stack:

        def make(*, discovery: Discovery = NO_DISCOVERY, list_limit: int = 60_000, **options: Any) -> Harness:
            limits = {"retrieve_limit": 100_000, "list_limit": 100_000}
            emulator = stack.enter_context(Emulator(EmulatorOptions(**limits | options)))
            return stack.enter_context(Harness(engine, emulator, list_limit=list_limit, discovery=discovery))

        yield make
