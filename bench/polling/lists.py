"""List calls: planned by the policy, one at a time, and what their pages change."""

from collections.abc import Callable

from bench.polling.clock import Clock, moment
from bench.polling.observations import Observations
from bench.polling.rate_limit import ROUND_TRIP_S, RateLimiter
from bench.polling.recall import Listed, Recall
from bench.polling.retrieves import Retrieves, next_poll, observation
from bench.polling.store import Row, Store
from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_plan import NO_DISCOVERY, ListCall, ListRequest, PageFacts, QueueView
from syncd.core.polling.list_state import ListState
from syncd.core.polling.policy import Policy
from syncd.core.polling.poll_index import MIDDLE
from syncd.core.transcript import DONE, PROCESSING


class Lists:
    """What one daemon does with the list budget."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        observations: Observations,
        limiter: RateLimiter,
        policy: Callable[[], Policy],
        recall: Recall,
        retrieves: Retrieves,
    ) -> None:
        self._clock, self._store, self._observations, self._policy = clock, store, observations, policy
        self._recall, self._retrieves = recall, retrieves
        self.limiter = limiter
        self._state, self._cursor = ListState(), ListCursor()
        self._share, self._not_before_s = 1.0, 0.0
        self._is_listing = False

    def tick(self) -> None:
        """Make one list call, if one would end enough lag; never two at a time."""
        now_s = self._clock.now_s
        if self._is_listing or now_s < self._not_before_s or not self.limiter.available(now_s):
            return
        policy, now = self._policy(), self._clock.now
        plan = policy.next_list_call(self._state, self._cursor, NO_DISCOVERY, self._share, now, self._view)
        self._share, self._not_before_s = plan.share, now_s + plan.pause_s
        if plan.call is not None:
            self._is_listing = True
            self.limiter.pay(now_s, 1)
            request = self._request(plan.call)
            self._clock.at(now_s + ROUND_TRIP_S / 2, lambda: self._ask(request))

    def _view(self) -> QueueView:
        now_s = self._clock.now_s
        retrieves = self._retrieves.limiter.budget.filled(moment(now_s))
        return QueueView(
            seen=self._store.seen(self._share),
            share=self._share,
            done_s=self._store.done_lately(),
            unseen=self._store.unseen(now_s),
            retrieves=retrieves - self._store.count_absent(int(retrieves) + 1),
        )

    def _request(self, call: ListCall) -> ListRequest:
        now = self._clock.now
        return ListRequest(call.purpose, call.selection, call.next_url, 0, now, 0.0, self._state, call.cursor)

    def _ask(self, request: ListRequest) -> None:
        selection = request.selection
        after_s, before_s = window_of(request)
        page = self._recall.list(self._clock.now_s, selection.status or DONE, after_s, before_s)
        self._clock.at(self._clock.now_s + ROUND_TRIP_S / 2, lambda: self._answered(request, page))

    def _answered(self, request: ListRequest, page: Listed) -> None:
        self._is_listing = False
        asked_s = request.asked_at.timestamp()
        tracked = (self._store.rows.get(each.number) for each in page.entries)
        rows = [row for row in tracked if row is not None and row.claimed_s is None]
        hits = sum(row.seen_s is None for row in rows)
        self._mark_absent(request, page, asked_s)
        for row in rows:
            self._take(row, asked_s, has_finished=request.selection.status == DONE)
        facts = PageFacts(
            entry_count=len(page.entries),
            ours_count=sum(each.tracked_s <= asked_s for each in page.entries),
            hits=hits,
            next_url=page.next_url,
            has_unseen=self._store.unseen(asked_s).count > 0,
        )
        self._state, self._cursor = Policy.after_list_page(request, facts)
        self._retrieves.tick()

    def _mark_absent(self, request: ListRequest, page: Listed, asked_s: float) -> None:
        """A whole last page of a window shows by absence which rows have left their status, or not come into it."""
        window = Policy.absence_window(request, is_last=page.next_url is None)
        if window is None:
            return
        is_processing = request.selection.status == PROCESSING
        mark = self._store.mark_absent if is_processing else self._store.mark_absent_from_done
        after, before = window
        mark((after.timestamp(), before.timestamp()), {each.number for each in page.entries}, asked_s)

    def _take(self, row: Row, asked_s: float, *, has_finished: bool) -> None:
        self._observations.record([observation(row, asked_s, has_finished=has_finished)])
        if has_finished:
            self._store.finish(row, self._clock.now_s)
        else:
            policy = self._policy()
            due_s = asked_s + next_poll(policy, row, asked_s, MIDDLE)
            self._store.still_waiting(row, asked_s, due_s, policy.threshold_s, is_on_page=True)


def window_of(request: ListRequest) -> tuple[float, float]:
    """The creation times that a call asks for, seconds; a scan goes on where its last page ended."""
    after, before = request.selection.created_after, request.selection.created_before
    after_s = after.timestamp() if after else 0.0
    before_s = before.timestamp() if before else float("inf")
    return after_s, before_s if request.next_url is None else float(request.next_url)
