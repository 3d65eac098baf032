"""No printed form of an error holds a secret."""

import traceback

from syncd import errors


def printed(error: errors.SyncdError, key: str) -> str:
    """The message of an error; no printed form of it may hold the key, or what an answer echoed."""
    text = "".join([*traceback.format_exception(error), str(error), repr(error)])
    assert key not in text
    assert "canary" not in text
    return str(error)
