"""What a workspace knows about its transcripts: who is due, who was ever seen, who is done."""

import random
from bisect import bisect_left, insort

from desk import Desk, Row
from lessons import Lessons
from price import Price
from workload import DAY, Transcript

from syncd.core.polling.poll_index import next_poll

RETENTION_S = 7 * DAY


class Book:
    """All rows of one workspace, and what every answer does to them."""

    def __init__(self, desk: Desk, lessons: Lessons, price: Price, seed: int) -> None:
        self.desk, self.lessons, self.price = desk, lessons, price
        self.unseen: dict[int, Row] = {}
        """Those that no answer has shown yet, by number."""
        self.done_s: list[float] = []
        """When those seen to be done were created, in that order."""
        self.finished_s: dict[int, float] = {}
        """When each was seen to be finished."""
        self._seen: list[tuple[float, int]] = []
        self._dice = random.Random(seed)

    def track(self, transcript: Transcript, now_s: float) -> None:
        row = self.unseen[transcript.number] = Row(transcript, now_s)
        self.desk.put(row)

    def between(self, after_s: float = 0.0, before_s: float = float("inf")) -> list[Row]:
        """Seen and unfinished ones that were created then, in that order."""
        begin = bisect_left(self._seen, (after_s,))
        end = bisect_left(self._seen, (before_s, 1 << 60))
        return [self.desk.rows[number] for _, number in self._seen[begin:end]]

    def observe(self, row: Row, now_s: float, *, has_finished: bool) -> None:
        """An answer or a page has shown a row."""
        each = row.transcript
        if each.number not in self.desk.rows:
            return
        self.lessons.teach(row, now_s, has_finished=has_finished)
        if self.unseen.pop(each.number, None):
            insort(self._seen, (each.created_s, each.number))
        if has_finished:
            self._finish(row, now_s)
        else:
            self._wait(row, now_s)

    def _finish(self, row: Row, now_s: float) -> None:
        each = row.transcript
        self.desk.drop(row)
        del self._seen[bisect_left(self._seen, (each.created_s, each.number))]
        insort(self.done_s, each.created_s)
        self.finished_s[each.number] = now_s

    def _wait(self, row: Row, now_s: float) -> None:
        threshold_s, age_s = self.price.threshold_s, now_s - row.created_s
        curve = self.lessons.curves[row.provider]
        gap_s = next_poll(curve, age_s, threshold_s, RETENTION_S - age_s, self._dice.random())
        self.desk.see(row, now_s, now_s + gap_s, threshold_s)
