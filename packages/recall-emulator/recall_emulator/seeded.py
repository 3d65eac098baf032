"""Repeatable chance: the same words give the same throws, on every machine."""

import random
import uuid


def dice(*words: object) -> random.Random:
    """Return a generator whose throws depend on the words alone."""
    return random.Random("/".join(map(str, words)))  # noqa: S311  stories must repeat; nothing here is a secret


def drawn_uuid(*words: object) -> uuid.UUID:
    """Return a version 4 UUID that depends on the words alone."""
    return uuid.UUID(int=dice("uuid", *words).getrandbits(128), version=4)
