"""Whether Recall still knows what it has shown: of one transcript a 404 is about it, of many it is about the key.

With the key of another workspace, or in another region, every id is unknown. None of these transcripts is gone, and
each would come to its end as deleted within minutes.
"""

from uuid import UUID

from syncd.core.queue.lease import Lease
from syncd.errors import NotFound, WrongWorkspace

MOST_UNKNOWN = 10
"""So many that were shown before may be unknown, one after another with no answer about any other in between. A
judgement: more than somebody deletes at Recall while all of them are unfinished, and at 5 calls a second seen in 2 s,
long before a 404 is believed (NOT_FOUND_GAPS_S in decide.py)."""


class Recognition:
    """What the last answers to one process say. Safe for threads: a count that is off by one does no harm."""

    def __init__(self) -> None:
        self._unknown = set[UUID]()

    def judged(self, what: object, lease: Lease) -> object:
        """What happened to a claimed row, or that the workspace is a wrong one."""
        if not isinstance(what, NotFound):
            return what
        if lease.is_observed:
            self._unknown.add(lease.transcript_id)
        return WrongWorkspace() if len(self._unknown) > MOST_UNKNOWN else what

    def recognised(self) -> None:
        """Recall has shown one of ours."""
        self._unknown.clear()
