"""syncd keeps Recall.ai transcripts in Postgres without webhooks."""

import time
from typing import TYPE_CHECKING

STARTED_AT = time.monotonic()
"""When this process began, near enough for a time-out to count from."""

__version__: str
"""The version that is installed, read when it is first asked for."""

if not TYPE_CHECKING:  # mypy would take every name for one that is there

    def __getattr__(name: str) -> str:
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version

        return version("syncd")
