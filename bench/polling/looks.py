"""Retrieves: who is asked about next, one call each."""

from book import Book
from clock import Clock
from desk import Row
from purse import ROUND_TRIP_S, Purse


class Looks:
    """First those that have left a window, then those that are due."""

    def __init__(self, clock: Clock, book: Book, purse: Purse) -> None:
        self._clock, self._book, self.purse = clock, book, purse

    def tick(self) -> None:
        """Spend what the budget allows on what is due."""
        now_s = self._clock.now_s
        count = self.purse.available(now_s)
        if not count:
            return
        taken = self._choose(now_s, count)
        if taken:
            self.purse.pay(now_s, len(taken))
        for row in taken:
            self._clock.at(now_s + ROUND_TRIP_S / 2, lambda row=row: self._ask(row))

    def _choose(self, now_s: float, count: int) -> list[Row]:
        desk, budget = self._book.desk, self.purse.budget
        left = desk.take_left(count)
        due = self._due(now_s, count - len(left) - budget.reserve)
        if left or due:
            self._book.price.steer(desk, budget, due, now_s)
        return left + due

    def _due(self, now_s: float, count: int) -> list[Row]:
        """Half of those never seen, half of those seen, and the rest of whatever there is."""
        desk, is_seen = self._book.desk, self.purse.paid % 2 == 0
        first = desk.take_due(now_s, (count + 1) // 2, is_seen=is_seen)
        second = desk.take_due(now_s, count - len(first), is_seen=not is_seen)
        return first + second + desk.take_due(now_s, count - len(first) - len(second), is_seen=is_seen)

    def _ask(self, row: Row) -> None:
        has_finished = row.transcript.finished_s <= self._clock.now_s
        self._clock.at(self._clock.now_s + ROUND_TRIP_S / 2, lambda: self._answered(row, has_finished))

    def _answered(self, row: Row, has_finished: bool) -> None:
        row.is_out = False
        self._book.observe(row, self._clock.now_s, has_finished=has_finished)
        self.tick()


class IndexLooks(Looks):
    """Always the row whose look is worth most at that moment, among all: too dear for a table, right for a bound."""

    def _choose(self, now_s: float, count: int) -> list[Row]:
        new = self._book.desk.take_due(now_s, count, is_seen=False)
        waiting = [row for row in self._book.between() if not row.is_out]
        waiting.sort(key=lambda row: -self._index(row, now_s))
        best = waiting[: count - len(new)]
        for row in best:
            self._book.desk.take(row)
        return new + best

    def _index(self, row: Row, now_s: float) -> float:
        """Whittle's: the debt that a look would end, over the chance that it comes too early."""
        created_s, seen_s = row.created_s, row.seen_s or 0.0
        outlook = self._book.lessons.curves[row.provider].outlook(seen_s - created_s, now_s - created_s)
        still, waited_s = 1.0 - outlook.chance, now_s - seen_s
        return (waited_s - outlook.expected_lag_s) / still - waited_s if still > 1e-12 else 1e12
