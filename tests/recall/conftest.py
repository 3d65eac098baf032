"""Raw servers, and the two clients, closed after each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from recall_emulator import Emulator, EmulatorOptions
from syncd.core.reading.origin import read_origins
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.recall.transport import DIRECT, Network
from syncd.settings.secret import Secret
from tests.recall.lists import Emulate, OpenApi
from tests.recall.raw_server import LONGEST_WAIT_S, Answer, RawServer

KEY = "canary-key-0123456789abcdef"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is entered here is closed after the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: ExitStack) -> Callable[..., RawServer]:
    """A raw server that plays the answers, one for each connection."""

    def start(*answers: Answer) -> RawServer:
        return stack.enter_context(closing(RawServer(answers)))

    return start


@pytest.fixture
def open_store(stack: ExitStack) -> Callable[..., FileStore]:
    """A file store that allows the origins given."""

    def start(
        *origins: str, limit: int = 2**20, timeout_s: float = LONGEST_WAIT_S, network: Network = DIRECT
    ) -> FileStore:
        store = FileStore(read_origins(",".join(origins)), limit, timeout_s, network)
        return stack.enter_context(closing(store))

    return start


@pytest.fixture
def open_api(stack: ExitStack) -> Callable[..., RecallApi]:
    """A client of the API at a base URL."""

    def start(base_url: str, timeout_s: float = LONGEST_WAIT_S, network: Network = DIRECT) -> RecallApi:
        return stack.enter_context(closing(RecallApi(base_url, Secret(KEY), timeout_s, network)))

    return start


@pytest.fixture
def key() -> str:
    """The API key that must come through nowhere."""
    return KEY


@pytest.fixture
def emulate(stack: ExitStack, open_api: OpenApi, key: str) -> Emulate:
    """An emulator with the options given, and a client of it."""

    def start(**options: Any) -> tuple[Emulator, RecallApi]:
        chosen: dict[str, Any] = {"keys": {key: "default"}, "list_limit": 10_000} | options
        emulator = stack.enter_context(Emulator(EmulatorOptions(**chosen)))
        return emulator, open_api(emulator.api_url)

    return start
