"""Rows to read for the roles."""

import pytest

from syncd.db.engine import Engine
from syncd.demo.emulator import Emulator, Script
from tests.db.roles import DatabaseRoles
from tests.pipeline.harness import Bench


@pytest.fixture
def loaded(roles: DatabaseRoles, engine: Engine, emulator: Emulator) -> None:
    """Something in the tables, exact bytes among it."""
    with Bench(engine, emulator) as bench:
        bench.track(Script(), Script(provider="assembly_ai_async", flavour="pass_through"))
        bench.turns()
