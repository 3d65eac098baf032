"""Rows to read for the roles."""

import pytest

from recall_emulator import Emulator, Scenario
from syncd.db.engine import Engine
from tests.db.roles import DatabaseRoles
from tests.pipeline.harness import Bench


@pytest.fixture
def loaded(roles: DatabaseRoles, engine: Engine, emulator: Emulator) -> None:
    """Something in the tables, exact bytes among it."""
    with Bench(engine, emulator) as bench:
        bench.track(Scenario(), Scenario(provider="assembly_ai_async", flavour="pass_through"))
        bench.turns()
