"""The functions of schema `recall`."""

from typing import LiteralString

FUNCTIONS: dict[tuple[str, LiteralString], str] = {
    ("recall.track", "uuid, text"): (
        "Begin to track a transcript, and wake the daemon. The second argument names the workspace; without it the "
        "only one there is, or default. True: it is new, or given another try; false: it was tracked already."
    ),
}
