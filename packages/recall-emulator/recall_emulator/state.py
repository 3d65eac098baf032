"""The running state of an emulator, which its two listeners share."""

import threading
import time
import uuid
from dataclasses import dataclass, replace

from recall_emulator.artifact import artifact_of
from recall_emulator.changes import Change, changes_of
from recall_emulator.content import PROVIDER_FILE, TRANSCRIPT_FILE
from recall_emulator.documents import Json
from recall_emulator.entry import Entry
from recall_emulator.fault_injection import FaultInjector
from recall_emulator.faults import Faults
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import RequestLog
from recall_emulator.signing import Signer
from recall_emulator.store import TranscriptStore
from recall_emulator.throttle import throttle_of
from recall_emulator.timeline import DELETED, END_OF_TIME, TranscriptState

OTHER_ROUTES = ("update", "delete", "retrieve_recording", "update_recording", "delete_recording")


@dataclass(frozen=True)
class Expected:
    """How a transcript ends.

    artifact has null download URLs, and is empty where the end is 404. transcript and provider_data are the decoded
    bytes of the two files as they were last, None where there is nothing to download at any time.
    """

    artifact: dict[str, Json]
    transcript: bytes | None
    provider_data: bytes | None


class State:
    """Transcripts, keys, limits, faults and request log of one emulator."""

    def __init__(self, options: EmulatorOptions) -> None:
        self.options = options
        self.store = TranscriptStore(options.seed)
        self.request_log = RequestLog()
        self.signer = Signer(options.seed)
        self.fault_injector = FaultInjector(options.all_faults)
        limits = dict.fromkeys(OTHER_ROUTES, options.other_limit)
        limits |= {"retrieve": options.retrieve_limit, "list": options.list_limit}
        self.throttles = {
            route: throttle_of(options.window, limit, options.window_seconds) for route, limit in limits.items()
        }
        self.refused: set[str] = set()
        self.files_url = ""
        self.stopping = threading.Event()

    def workspace_of(self, key: str | None) -> str | None:
        """Return the workspace of a key that is good at this moment."""
        return None if key is None or key in self.refused else self.options.keys.get(key)

    def set_faults(self, faults: tuple[Faults, ...]) -> None:
        """Inject these faults from now on, in place of those of the options."""
        self.options = replace(self.options, faults=faults)
        self.fault_injector.set_faults(faults)

    def visible(self, transcript_id: uuid.UUID | None, workspace: str, now: float) -> Entry | None:
        """Return the transcript if this workspace can see it at `now`."""
        entry = self.store.find(transcript_id) if transcript_id else None
        if entry is None or entry.scenario.workspace != workspace or not self.is_shown(entry.at(now)):
            return None
        return entry

    def is_shown(self, state: TranscriptState, *, is_listed: bool = False) -> bool:
        """Tell whether a transcript in this state is answered, or with is_listed whether a list shows it."""
        return not state.is_missing and self.shows(state.code, is_listed=is_listed)

    def shows(self, code: str, *, is_listed: bool = False) -> bool:
        """Tell whether what has this status code is answered (listed): it is, unless it is deleted."""
        deleted_as = self.options.deleted_as
        return code != DELETED or deleted_as == "deleted" or (deleted_as == "unlisted" and not is_listed)

    def expected(self, transcript_id: uuid.UUID) -> Expected:
        """Return how a transcript ends; raises KeyError for an unknown id."""
        entry = self.store.newest(transcript_id)
        end, done = entry.at(END_OF_TIME), entry.timeline.last_done()
        transcript = provider_data = None
        if done is not None and done.has_transcript_link:
            transcript = self.store.file(entry, TRANSCRIPT_FILE, done.has_emails).content
        if done is not None and done.has_provider_link:
            provider_data = self.store.file(entry, PROVIDER_FILE).content
        return Expected(artifact_of(entry, end) if self.is_shown(end) else {}, transcript, provider_data)

    def changes(self, since: float) -> list[Change]:
        """Return what changed from `since` (seconds since the epoch) until now, in order."""
        now = time.time()
        found = [
            change for versions in self.store.versions() for change in changes_of(versions, now, self.store.file)
        ]
        return sorted((change for change in found if change.at >= since), key=lambda change: change.at)

    def delay(self) -> None:
        """Wait as long as every answer is asked to take."""
        if self.options.latency_seconds:
            time.sleep(self.options.latency_seconds)
