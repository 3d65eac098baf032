"""syncd on simulated time: its own budget, policy, learning, windows and sweeps decide everything."""

from book import Book
from clock import Clock
from desk import Desk
from lessons import REFRESH_S, Lessons
from looks import IndexLooks, Looks
from outcome import Outcome, outcome
from price import Price
from purse import LIST_LIMIT, RETRIEVE_LIMIT, Purse
from recall import Recall
from sweeps import Sweeps
from terms import Terms, guesses_off_by
from workload import BEGIN, Transcript, Workload

TICK_S = 0.25


class Workspace:
    """One workspace from the begin of a workload to its end."""

    def __init__(self, workload: Workload, terms: Terms, looks: type[Looks] = Looks) -> None:
        self._workload, self._terms, self._clock = workload, terms, Clock(BEGIN)
        self._lessons = Lessons(workload, BEGIN, truth=terms.truth)
        self._book = Book(Desk(), self._lessons, Price(), terms.seed)
        self._looks = looks(self._clock, self._book, Purse(RETRIEVE_LIMIT * terms.share, BEGIN))
        recall = Recall(workload.transcripts, terms.page_size, terms.list_lag_s)
        lists = Purse(LIST_LIMIT * terms.share, BEGIN)
        self._sweeps = Sweeps(self._clock, self._book, self._looks, lists, recall)

    def run(self) -> Outcome:
        for each in self._workload.tracked:
            self._clock.at(each.tracked_s, lambda each=each: self._track(each))
        self._clock.at(BEGIN, self._beat)
        self._clock.at(BEGIN + REFRESH_S, self._refresh)
        self._clock.run(self._workload.ends_s)
        paid = self._looks.purse.paid, self._sweeps.purse.paid
        return outcome(self._workload.tracked, self._book.finished_s, self._workload.ends_s, *paid)

    def _track(self, transcript: Transcript) -> None:
        self._book.track(transcript, self._clock.now_s)
        self._looks.tick()

    def _beat(self) -> None:
        self._looks.tick()
        if self._terms.lists:
            self._sweeps.tick()
        self._clock.at(self._clock.now_s + TICK_S, self._beat)

    def _refresh(self) -> None:
        self._lessons.refresh(self._clock.now_s)
        self._clock.at(self._clock.now_s + REFRESH_S, self._refresh)


def syncd(workload: Workload, terms: Terms) -> Outcome:
    """As in production."""
    with guesses_off_by(terms.guess_factor):
        return Workspace(workload, terms).run()


def index(workload: Workload, terms: Terms) -> Outcome:
    """Retrieves only, each for the row where it is worth most at that moment."""
    return Workspace(workload, terms, IndexLooks).run()
