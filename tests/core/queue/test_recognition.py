"""Whether a 404 is about its transcript, or about the key."""

from collections.abc import Callable
from uuid import uuid4

from syncd import errors
from syncd.core.queue.files import FilesTried, leaves_store_untried
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.queue.recognition import MOST_UNKNOWN, Recognition


def test_many_that_were_shown_before_and_are_unknown_now_are_about_the_key(lease: Callable[..., Lease]) -> None:
    recognition, shown = Recognition(), [lease(transcript_id=uuid4(), is_observed=True) for _ in range(MOST_UNKNOWN)]
    unknown, other = errors.NotFound(), errors.Throttled()
    assert [recognition.judged(unknown, each) for each in (*shown, lease(), shown[0])] == [unknown] * (
        MOST_UNKNOWN + 2
    )
    assert recognition.judged(other, lease(is_observed=True)) is other
    assert isinstance(recognition.judged(unknown, lease(is_observed=True)), errors.WrongWorkspace)
    assert isinstance(recognition.judged(unknown, lease()), errors.WrongWorkspace)
    recognition.recognised()
    assert recognition.judged(unknown, lease(is_observed=True)) is unknown


def test_a_probe_of_the_store_is_free_again_unless_it_was_tried(lease: Callable[..., Lease]) -> None:
    waits, probed = Outcome(RowChange(Step.WAIT)), lease(store=StoreHealth.PROBED)
    tried = FilesTried([errors.StoreTrouble()])
    assert leaves_store_untried(errors.NotFound(), probed, waits)
    assert not leaves_store_untried(tried, probed, waits)
    assert not leaves_store_untried(errors.NotFound(), lease(), waits)
    assert not leaves_store_untried(errors.NotFound(), probed, Outcome())
