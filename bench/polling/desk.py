"""The queue as the policies see it: rows in order of when they are due. In production this is a table."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field

from workload import Transcript

from syncd.core.polling.poll_index import HURRY


@dataclass(slots=True)
class Row:
    """One tracked transcript that nobody knows to be finished."""

    transcript: Transcript
    due_s: float
    seen_s: float | None = None
    """When it was last seen unfinished; None: never."""
    threshold_s: float = 1.0
    """The price of a look that its due time was computed with."""
    passed_s: float = 0.0
    """When a page of finished ones last passed it over."""
    has_absent: bool = False
    is_out: bool = False
    """A call about it is under way."""
    created_s: float = field(init=False)
    provider: str = field(init=False)

    def __post_init__(self) -> None:
        self.created_s, self.provider = self.transcript.created_s, self.transcript.provider


class Desk:
    """Rows by due time: those never seen, those seen, and those that have left a window, who come first."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._due: dict[bool, list[tuple[float, int]]] = {False: [], True: []}
        self._left: list[int] = []

    def put(self, row: Row) -> None:
        self.rows[row.transcript.number] = row
        insort(self._due[row.seen_s is not None], (row.due_s, row.transcript.number))

    def see(self, row: Row, now_s: float, due_s: float, threshold_s: float) -> None:
        """It was seen unfinished, and waits for its next turn."""
        self._unlist(row)
        row.seen_s, row.due_s, row.threshold_s, row.has_absent = now_s, due_s, threshold_s, False
        insort(self._due[True], (due_s, row.transcript.number))

    def demand(self) -> float:
        """Looks a second at a patience of 1 s; they fall with its root."""
        rows = [self.rows[number] for _, number in self._due[True]]
        return sum(row.threshold_s**0.5 / max(0.1, row.due_s - (row.seen_s or 0)) for row in rows)

    def hurry(self, now_s: float, threshold_s: float) -> None:
        """Bring forward what was put off when looks had a much higher price."""
        due = self._due[True]
        for _, number in due[bisect_right(due, (now_s, 1 << 60)) :]:
            row = self.rows[number]
            if row.threshold_s > HURRY * threshold_s:
                self._unlist(row)
                row.due_s = (row.seen_s or 0) + (row.due_s - (row.seen_s or 0)) * (
                    threshold_s / row.threshold_s
                ) ** 0.5
                row.threshold_s = threshold_s
                insort(self._due[True], (row.due_s, number))

    def leave(self, row: Row) -> None:
        """It has left a window: ask about it first."""
        if not row.has_absent:
            row.has_absent = True
            self._left.append(row.transcript.number)

    def take(self, row: Row) -> None:
        """Out of turn."""
        self._unlist(row)
        row.is_out = True

    def drop(self, row: Row) -> None:
        self._unlist(row)
        if self.rows.pop(row.transcript.number, None) and row.has_absent:
            self._left = [number for number in self._left if number != row.transcript.number]

    def take_left(self, count: int) -> list[Row]:
        """Up to `count` of those that have left a window."""
        taken = [self.rows[number] for number in self._left[:count]]
        del self._left[: len(taken)]
        for row in taken:
            self._unlist(row)
            row.has_absent, row.is_out = False, True
        return taken

    def take_due(self, now_s: float, count: int, *, is_seen: bool) -> list[Row]:
        """Up to `count` due rows: of those seen the longest due, of those never seen the newest."""
        due = self._due[is_seen]
        end = bisect_right(due, (now_s, 1 << 60))
        count = max(0, min(count, end))
        begin = 0 if is_seen else end - count
        taken = [self.rows[number] for _, number in due[begin : begin + count]]
        del due[begin : begin + count]
        for row in taken:
            row.is_out = True
        return taken

    def _unlist(self, row: Row) -> None:
        due = self._due[row.seen_s is not None]
        place = bisect_left(due, (row.due_s, row.transcript.number))
        if place < len(due) and due[place] == (row.due_s, row.transcript.number):
            del due[place]
