"""Benches, closed after the test."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from recall_emulator import Emulator
from syncd.db.engine import Engine
from tests.pipeline.harness import Bench


@pytest.fixture
def bench(engine: Engine, emulator: Emulator) -> Iterator[Bench]:
    with Bench(engine, emulator) as bench:
        yield bench


@pytest.fixture
def make_bench(engine: Engine, emulator: Emulator) -> Iterator[Callable[..., Bench]]:
    """For benches with settings of their own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Bench(engine, emulator, **settings))
