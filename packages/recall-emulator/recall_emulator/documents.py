"""What is common to all JSON that the emulator makes, serves and reads."""

from typing import Any

Json = Any
"""A JSON value in a shape that Recall, a vendor or a caller chose: no type of ours describes it."""
