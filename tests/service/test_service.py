"""How a service ends."""

import threading
from types import SimpleNamespace
from typing import cast

import pytest

from syncd.db.engine import Engine
from syncd.db.queue.processes import Process
from syncd.service.reload import Reload
from syncd.service.schedule import Schedule
from syncd.service.service import Service
from syncd.worker.worker import Worker

TIMEOUT_S = 60.0


def test_one_whose_end_fails_listens_no_more(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def drain(_: float) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(Service, "_add_jobs", lambda *_: None)
    stop, process, reload = threading.Event(), Process("a", "default", "host", 1, "0"), Reload(None, lambda _: None)
    stop.set()
    service = Service(engine, process, Schedule(claim_s=1.0, lease_s=60.0, drain_s=0.0), reload, stop)
    with pytest.raises(ZeroDivisionError):
        service.run(cast(Worker, SimpleNamespace(in_flight_count=0, drain=drain)))
    assert service._stop.is_set()
    for thread in threading.enumerate():
        if thread.name == "wake":
            thread.join(TIMEOUT_S)
            assert not thread.is_alive()
