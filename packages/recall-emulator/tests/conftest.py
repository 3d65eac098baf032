"""Emulators over real sockets, and a client that knows no proxies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from recall_emulator import Emulator, EmulatorOptions


@pytest.fixture
def emulate() -> Iterator[Callable[..., Emulator]]:
    """Start emulators with the options given; they end with the test."""
    with ExitStack() as stack:

        def start(**options: Any) -> Emulator:  # fields of EmulatorOptions, each of its own type
            return stack.enter_context(Emulator(EmulatorOptions(**options)))

        yield start


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def ask(client: httpx.Client) -> Callable[..., httpx.Response]:
    """Ask the API of an emulator for a path under /api/v1/transcript/, with a key or (None) without."""

    def call(
        emulator: Emulator, path: object = "", key: str | None = "Token demo-key", **query: str
    ) -> httpx.Response:
        headers = {} if key is None else {"Authorization": key}
        tail = f"{path}/" if path else ""
        return client.get(f"{emulator.api_url}/api/v1/transcript/{tail}", headers=headers, params=query or None)

    return call


@pytest.fixture
def links(ask: Callable[..., httpx.Response]) -> Callable[..., dict[str, str]]:
    """Retrieve a transcript and return its two download URLs."""

    def call(emulator: Emulator, transcript_id: object) -> dict[str, str]:
        found: dict[str, str] = ask(emulator, transcript_id).json()["data"]
        return found

    return call
