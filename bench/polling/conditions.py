"""The conditions of a run, and a world in which first guesses are wrong."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.polling.rate_limit import LIST_LIMIT, RETRIEVE_LIMIT
from syncd.core.polling import strata
from syncd.core.rate_limit.budget import share_of


@dataclass(frozen=True)
class Conditions:
    """What is varied between runs of the same workload."""

    page_size: int = 100
    share: float = 1.0
    """Of both limits."""
    has_list: bool = True
    """The list route may be used."""
    is_informed: bool = False
    """The true curves are known."""
    guess_factor: float = 1.0
    """First guesses are wrong by this factor."""
    list_lag_s: float = 0.0
    """The list shows what was true this long ago."""
    seed: int = 0

    @property
    def retrieve_limit(self) -> int:
        """Calls a minute."""
        return share_of(RETRIEVE_LIMIT, self.share)

    @property
    def list_limit(self) -> int:
        """Calls a minute."""
        return share_of(LIST_LIMIT, self.share)


@contextlib.contextmanager
def guesses_off_by(factor: float) -> Iterator[None]:
    """First guesses about every provider are wrong by the same factor."""
    guesses = strata._FIRST_GUESSES
    right = dict(guesses)
    guesses.update({name: (median * factor, p95 * factor) for name, (median, p95) in right.items()})
    strata.first_guess.cache_clear()
    try:
        yield
    finally:
        guesses.update(right)
        strata.first_guess.cache_clear()
