"""The running state of an emulator, which its two listeners share."""

import threading
import time

from recall_emulator.fault_injection import FaultInjector
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import RequestLog
from recall_emulator.signing import Signer
from recall_emulator.store import Entry, TranscriptStore
from recall_emulator.throttle import throttle_of


class State:
    """Transcripts, keys, limits, faults and request log of one emulator."""

    def __init__(self, options: EmulatorOptions) -> None:
        self.options = options
        self.store = TranscriptStore(options.seed)
        self.request_log = RequestLog()
        self.signer = Signer(options.seed)
        self.fault_injector = FaultInjector(options.all_faults)
        self.throttles = {
            "retrieve": throttle_of(options.window, options.retrieve_limit, options.window_seconds),
            "list": throttle_of(options.window, options.list_limit, options.window_seconds),
        }
        self.refused: set[str] = set()
        self.files_url = ""
        self.stopping = threading.Event()

    def workspace_of(self, key: str | None) -> str | None:
        """Return the workspace of a key that is good at this moment."""
        return None if key is None or key in self.refused else self.options.keys.get(key)

    def visible(self, entry: Entry | None, workspace: str, now: float) -> Entry | None:
        """Return the entry if this workspace can see it at `now`."""
        if entry is None or entry.scenario.workspace != workspace or entry.at(now).is_missing:
            return None
        return entry

    def delay(self) -> None:
        """Wait as long as every answer is asked to take."""
        if self.options.latency_seconds:
            time.sleep(self.options.latency_seconds)
