"""Random values that repeat: the same words give the same values on every machine."""

import random
import uuid


def seeded_random(*words: object) -> random.Random:
    """Return a generator whose values depend on the words alone."""
    return random.Random("/".join(map(str, words)))  # noqa: S311  test data must repeat; nothing here is a secret


def seeded_uuid(*words: object) -> uuid.UUID:
    """Return a version 4 UUID that depends on the words alone."""
    return uuid.UUID(int=seeded_random("uuid", *words).getrandbits(128), version=4)
