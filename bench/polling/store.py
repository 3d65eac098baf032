"""The queue of one workspace in memory, in place of the tables. It decides nothing; tests/bench checks it.

What each change does to a row is what syncd/db does: `still_waiting` as db/outcomes.py and db/polling/waiting.py,
`mark_absent` as db/polling/waiting.py, `claim` as db/queue/leases.py, `bring_forward` as db/polling/thresholds.py.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bench.polling.workload import Transcript
from syncd.core.polling.claim_order import FRESH_S, ClaimOrder
from syncd.core.polling.list_plan import MOST_DONE, Seen, Unseen
from syncd.core.polling.policy import Policy
from syncd.core.polling.repricing import MOST_BROUGHT_FORWARD
from syncd.core.polling.strata import Stratum

_LAST = 1 << 60
"""More than any number of a transcript, for the end of a range."""


@dataclass(slots=True)
class Row:
    """One tracked transcript that is not known to be finished. Times are simulated seconds."""

    transcript: Transcript
    stratum: Stratum
    due_s: float
    seen_s: float | None = None
    """When it was last seen unfinished; None: never."""
    threshold_s: float = 0.0
    """With which `due_s` was computed, where it was ever seen."""
    absent_s: float | None = None
    """Since when it is absent from a list page of unfinished ones."""
    absent_from_done_s: float = 0.0
    """When a page of finished ones last did not show it."""
    is_listed: bool = False
    """A page of unfinished ones has shown it, so it can be absent from the next."""
    claimed_s: float | None = None
    """When it was claimed; None: it is free."""
    seen: Seen | None = None
    """As a plan of list calls reads it; None: to be made anew."""


class Store:
    """All rows of one workspace."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        """By number, those not known to be finished."""
        self.finished_s: dict[int, float] = {}
        """When each was seen to be finished, by number."""
        self._unseen_since: dict[int, float] = {}
        self._unseen_sum_s = 0.0
        self._done_s: list[float] = []
        self._created: list[tuple[float, int]] = []
        """Rows that were seen, in order of creation."""
        self._due: dict[bool, list[tuple[float, int]]] = {False: [], True: []}
        """Free rows in order of their due time: never seen, and seen."""
        self._absent: dict[int, Row] = {}
        """Free rows that are absent, those absent the longest first."""

    def track(self, transcript: Transcript, now_s: float) -> None:
        """A new row, due now."""
        number = transcript.number
        self.rows[number] = row = Row(transcript, Stratum(transcript.provider), now_s)
        self._unseen_since[number] = now_s
        self._unseen_sum_s += now_s
        self._queue(row)

    def claim(self, order: ClaimOrder, count: int, now_s: float) -> list[Row]:
        """Claim up to `count` rows in this order."""
        if order is ClaimOrder.ABSENT:
            claimed = list(self._absent.values())[:count]
        else:
            due = self._due[order is ClaimOrder.SEEN]
            end = bisect_right(due, (now_s, _LAST))
            begin = 0 if order is ClaimOrder.SEEN else max(0, end - count)
            if order is ClaimOrder.FRESH:
                begin = max(begin, bisect_right(due, (now_s - FRESH_S, _LAST)))
            numbers = [number for _, number in due[begin : min(end, begin + count)]]
            claimed = [self.rows[number] for number in numbers]
        for row in claimed:
            self.take(row, now_s)
        return claimed

    def take(self, row: Row, now_s: float) -> None:
        """Claim one row, whatever its turn."""
        self._unqueue(row)
        row.claimed_s = now_s

    def count_absent(self, most: int) -> int:
        """How many free rows are absent, counted no further than one above `most`."""
        return min(len(self._absent), most + 1)

    def planned(self) -> Iterator[tuple[float, float]]:
        """The gap and the threshold of every row that was seen, claimed or not."""
        for _, number in self._created:
            row = self.rows[number]
            yield row.due_s - (row.seen_s or 0.0), row.threshold_s

    def bring_forward(self, policy: Policy, now_s: float) -> None:
        """Shorten the gaps of rows planned with a much higher threshold."""
        due = self._due[True]
        count = 0
        for _, number in due[bisect_right(due, (now_s, _LAST)) :]:
            row = self.rows[number]
            seen_s = row.seen_s or 0.0
            gap_s = policy.earlier_gap(row.due_s - seen_s, row.threshold_s)
            if gap_s is not None and count < MOST_BROUGHT_FORWARD:
                count += 1
                self._unqueue(row)
                row.due_s, row.threshold_s = seen_s + gap_s, policy.threshold_s
                self._queue(row)

    def seen(self, share: float) -> list[Seen]:
        """A share of the free rows that were seen and are not absent, in order of creation."""
        most = share * _SAMPLE
        rows = (self.rows[number] for _, number in self._created if share == 1.0 or _sample(number) <= most)
        return [row.seen or self._view(row) for row in rows if row.claimed_s is None and row.absent_s is None]

    def unseen(self, now_s: float) -> Unseen:
        """Rows that were never seen."""
        count = len(self._unseen_since)
        return Unseen(count, now_s - self._unseen_sum_s / count if count else 0.0)

    def has_backlog(self, now_s: float) -> bool:
        """Whether rows are due that were never seen and are not fresh."""
        due = self._due[False]
        return bool(due) and due[0][0] <= now_s - FRESH_S

    def done_lately(self) -> Sequence[float]:
        """When the newest of those seen to be done were created, in order."""
        return self._done_s[-MOST_DONE:]

    def waiting(self) -> list[Row]:
        """Free rows that were seen, in order of creation."""
        return [row for _, number in self._created if (row := self.rows[number]).claimed_s is None]

    def still_waiting(
        self, row: Row, seen_s: float, due_s: float, threshold_s: float, *, is_on_page: bool = False
    ) -> None:
        """It was seen unfinished, and waits for its next poll."""
        self._unqueue(row)
        self._see(row)
        row.is_listed = is_on_page or (row.is_listed and row.absent_s is None)
        row.seen_s, row.due_s, row.threshold_s, row.seen = seen_s, due_s, threshold_s, None
        row.absent_s = row.claimed_s = None
        self._queue(row)

    def finish(self, row: Row, now_s: float) -> None:
        """It was seen to be finished."""
        self._unqueue(row)
        self._see(row)
        number, created_s = row.transcript.number, row.transcript.created_s
        del self.rows[number], self._created[bisect_left(self._created, (created_s, number))]
        insort(self._done_s, created_s)
        self.finished_s[number] = now_s

    def mark_absent(self, window_s: tuple[float, float], shown: Collection[int], asked_s: float) -> None:
        """A whole page of unfinished ones did not show these rows."""
        for row in self._missing(window_s, shown, asked_s):
            if row.is_listed and row.absent_s is None:
                row.absent_s = asked_s
                self._absent[row.transcript.number] = row

    def mark_absent_from_done(self, window_s: tuple[float, float], shown: Collection[int], asked_s: float) -> None:
        """A whole page of finished ones did not show these rows."""
        for row in self._missing(window_s, shown, asked_s):
            row.absent_from_done_s, row.seen = asked_s, None

    def _missing(self, window_s: tuple[float, float], shown: Collection[int], asked_s: float) -> Iterator[Row]:
        """Free rows that were created in the window and known before the page was asked for, and are not on it."""
        begin = bisect_left(self._created, (window_s[0],))
        end = bisect_left(self._created, (window_s[1], _LAST))
        for _, number in self._created[begin:end]:
            row = self.rows[number]
            if number not in shown and row.claimed_s is None and (row.seen_s or 0.0) < asked_s:
                yield row

    def _view(self, row: Row) -> Seen:
        seen_s = max(row.seen_s or 0.0, row.absent_from_done_s)
        row.seen = Seen(row.stratum, row.transcript.created_s, seen_s)
        return row.seen

    def _see(self, row: Row) -> None:
        number = row.transcript.number
        since_s = self._unseen_since.pop(number, None)
        if since_s is not None:
            self._unseen_sum_s -= since_s
            insort(self._created, (row.transcript.created_s, number))

    def _queue(self, row: Row) -> None:
        insort(self._due[row.seen_s is not None], (row.due_s, row.transcript.number))

    def _unqueue(self, row: Row) -> None:
        number = row.transcript.number
        self._absent.pop(number, None)
        due = self._due[row.seen_s is not None]
        position = bisect_left(due, (row.due_s, number))
        if position < len(due) and due[position] == (row.due_s, number):
            del due[position]


_SAMPLE = 1 << 32


def _sample(number: int) -> int:
    """As random as the ids of production, below _SAMPLE."""
    return number * 2_654_435_761 % _SAMPLE
