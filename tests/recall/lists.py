"""What the tests of the list share."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from recall_emulator import Emulator, Scenario
from syncd.core.reading.list_page import Page, Selection
from syncd.recall.api import RecallApi
from tests.core.samples import sample
from tests.recall.raw_server import RawServer

Serve = Callable[..., RawServer]


OpenApi = Callable[..., RecallApi]


Emulate = Callable[..., tuple[Emulator, RecallApi]]


ALL = Selection(None)


LIST = "/api/v1/transcript/"


PAGE = json.dumps({"next": None, "previous": None, "results": [sample()]}).encode()


def ids(page: Page) -> list[UUID]:
    return [artifact.transcript_id for artifact, _ in page.entries]


def seeded(emulator: Emulator, count: int, **scenario: Any) -> list[UUID]:
    """Newest first, ten seconds apart."""
    return [emulator.add(Scenario(created=-10.0 * n, **scenario)) for n in range(count)]


def statuses(emulator: Emulator) -> list[int]:
    return [request.status for request in emulator.requests()]
