"""The providers' own words: one reader for each vendor, and what puts their messages together."""

from syncd.core.reading.vendors.heard import Heard, HeardWord
from syncd.core.reading.vendors.reading import read_provider_content, read_provider_words

__all__ = ["Heard", "HeardWord", "read_provider_content", "read_provider_words"]
