from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd.core.queue.lease import Lease
from syncd.core.transcript import Stage
from tests.core.samples import NOW

LATER = NOW + timedelta(days=7)


def test_a_stage_further_on_it_is_the_same_lease(lease: Callable[..., Lease]) -> None:
    held = lease(stage=Stage.DOWNLOAD, attempts=2, is_observed=True, unconfirmed=("aa",))
    further = held.at(Stage.LOAD)
    assert further == lease(stage=Stage.LOAD, attempts=2, is_observed=True, unconfirmed=("aa",))
    assert held.stage == Stage.DOWNLOAD


def test_failed_looks_do_not_count_against_the_files(lease: Callable[..., Lease]) -> None:
    held = lease(attempts=9, not_found_count=1)
    assert held.at(Stage.DOWNLOAD) == lease(stage=Stage.DOWNLOAD)
    assert held.at(Stage.POLL) == held


def test_a_stage_may_bring_its_own_deadline(lease: Callable[..., Lease]) -> None:
    assert lease().at(Stage.DOWNLOAD, LATER).pending_until == LATER
    assert lease().at(Stage.DOWNLOAD, None).pending_until == lease().pending_until


def test_a_lease_cannot_be_changed(lease: Callable[..., Lease]) -> None:
    with pytest.raises(AttributeError):
        lease().token = 8  # type: ignore[misc]  # that is the point
