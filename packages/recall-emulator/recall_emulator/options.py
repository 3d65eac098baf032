"""How an emulator is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from recall_emulator.checks import Count, CountFromOne, Port, Seconds, SomeSeconds, check_fields
from recall_emulator.faults import Faults

Window = Literal["sliding", "fixed"]
PageOrder = Literal["newest", "oldest", "random"]
Bounds = Literal["inclusive", "exclusive"]
DeletedAs = Literal["deleted", "unlisted", "not_found"]

DEMO_KEYS: Mapping[str, str] = MappingProxyType({"demo-key": "default"})


def is_key(text: str) -> bool:
    """Tell whether a text can be an API key: what a header carries in one word."""
    return text.split() == [text] and text.isascii() and text.isprintable()


@dataclass(frozen=True)
class EmulatorOptions:
    """Settings of one emulator.

    Ports of 0 let the system choose. `keys` maps an API key to the name of its workspace. Limits are requests per
    `window_seconds` (a minute) per workspace, 0: every one is throttled. Each route has a budget of its own; those
    other than retrieve and list are of `other_limit`. `link_seconds` is how long a download URL is valid. What was
    deleted has the status deleted, or that and is not in the list (unlisted), or gets 404 (not_found), as
    `deleted_as` says. The list shows the transcripts as they were `list_lag_seconds` ago, with fresh links;
    `list_bounds` says whether a range of creation times includes its ends; `list_refused` answers the list with a 403
    in JSON. `faults` may be several: each keeps its own counts. Raises ValueError for a field that holds what it must
    not.
    """

    host: str = "127.0.0.1"
    api_port: Port = 0
    files_port: Port = 0
    keys: Mapping[str, str] = field(default_factory=lambda: DEMO_KEYS)
    retrieve_limit: Count = 300
    list_limit: Count = 60
    other_limit: Count = 300
    window: Window = "sliding"
    window_seconds: SomeSeconds = 60.0
    page_size: CountFromOne = 100
    page_order: PageOrder = "newest"
    list_lag_seconds: Seconds = 0.0
    list_bounds: Bounds = "inclusive"
    list_refused: bool = False
    deleted_as: DeletedAs = "deleted"
    link_seconds: Seconds = 21600.0
    latency_seconds: Seconds = 0.0
    seed: int = 0
    faults: Faults | tuple[Faults, ...] = field(default_factory=Faults)

    def __post_init__(self) -> None:
        check_fields(self)
        if not all(is_key(key) for key in self.keys):
            raise ValueError("keys must be words of ASCII without spaces, and none may be empty")

    @property
    def all_faults(self) -> tuple[Faults, ...]:
        return self.faults if isinstance(self.faults, tuple) else (self.faults,)

    @property
    def foreign_next(self) -> str | None:
        return next((each.foreign_next for each in self.all_faults if each.foreign_next), None)

    @property
    def has_looping_next(self) -> bool:
        return any(each.looping_next for each in self.all_faults)

    @property
    def redirect_files_to(self) -> str | None:
        return next((each.redirect_files_to for each in self.all_faults if each.redirect_files_to), None)

    @property
    def has_gzip(self) -> bool:
        return any(each.gzip for each in self.all_faults)
