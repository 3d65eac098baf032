"""Sentences as they may be printed."""

from syncd.log import Scrubber, visible


def plain(sentence: str) -> str:
    """The sentence without secrets; control characters are written out."""
    return visible(Scrubber().scrub(sentence))
