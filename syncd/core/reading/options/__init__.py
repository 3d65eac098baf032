"""The settings of every provider under names that all of them share."""

from syncd.core.reading.options.flavour import Flavour
from syncd.core.reading.options.reading import Options, read_options

__all__ = ["Flavour", "Options", "read_options"]
