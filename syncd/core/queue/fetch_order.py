"""Whose files come first: those of live transcripts, and of the others the newest.

Theory of operation: a transcript that Recall has shown unfinished is live: somebody waits for it to finish. One that
was finished when Recall first showed it belongs to the backlog: an account that is taken over, or weeks of outage.
The files of both are read in threads of their own, so live ones never wait for the backlog. Within the backlog a file
may be passed by those found later for as long as its transcript was old when it was found, and no longer than
LONGEST_PASSED_S: so the newest come first, among them what was handed in just after it had finished, and none waits
for ever.

Source: earliest deadline first (Liu and Layland 1973), with deadlines that grow with age.
Number: a judgement; links are good for six hours (docs/recall-api.md, Links).
"""

from datetime import datetime

from syncd.core.queue.lease import Lease

LONGEST_PASSED_S = 600.0
"""Files found this much later never come first."""


def is_backlog(lease: Lease) -> bool:
    """Whether nobody has waited for it to finish; of a lease as it was claimed, before the answer."""
    return not lease.is_observed


def fetch_rank(created_at: datetime | None, found_at: datetime) -> float:
    """The lowest is fetched first; seconds since the epoch. `found_at` is when Recall showed it to be finished."""
    age_s = LONGEST_PASSED_S if created_at is None else (found_at - created_at).total_seconds()
    return found_at.timestamp() + min(max(0.0, age_s), LONGEST_PASSED_S)
