"""syncd keeps Recall.ai transcripts in Postgres without webhooks."""

import time
from importlib.metadata import version

BORN = time.monotonic()
"""When this process began, near enough for a time-out to count from."""

__version__ = version("syncd")
