"""Settings as production has them where nobody changes them."""

from syncd.settings import all_settings


def default_of(name: str) -> float:
    """The default of a setting that is a number. Raises KeyError, and TypeError where it is none."""
    return float(all_settings()[name].default)
