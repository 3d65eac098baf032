"""Rows to read for the roles."""

import pytest

from recall_emulator import Emulator, Scenario
from syncd.db.engine import Engine
from tests.db.roles import DatabaseRoles
from tests.pipeline.harness import Harness


@pytest.fixture
def loaded(roles: DatabaseRoles, engine: Engine, emulator: Emulator) -> None:
    """Something in the tables, exact bytes among it."""
    with Harness(engine, emulator) as harness:
        harness.track(Scenario(), Scenario(provider="assembly_ai_async", flavour="pass_through"))
        harness.turns()
