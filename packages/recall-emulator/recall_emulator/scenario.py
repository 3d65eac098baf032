"""What happens to one transcript, as a value."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from recall_emulator.faults import Faults

Flavour = Literal["seed", "pass_through"]
Variant = Literal["L", "1", "2", "3", "mixed"]
ArtifactForm = Literal["seed", "oas", "extra", "two_keys", "unknown_key", "null_data", "short_times"]

NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Scenario:
    """A transcript from its creation to its end. All durations are seconds.

    created             when it is created, relative to the moment it is added (negative: in the past). Before
                        that moment the API answers 404.
    finishes_after      length of `processing`, counted from creation; None: it never finishes.
    end                 the status code after that: done, failed, deleted, any other word (verbatim), or
                        not_found for 404 from then on.
    deleted_after       done, and this long after it deleted. None: it stays.
    relapses_after      done, this long after it processing again, and done for good `relapse_seconds` later.
    download_link_delay how long `done` comes without download_url.
    words, seconds      size of the meeting; seconds None: at about 150 words a minute.
    topic               what they talk about, a key of corpus.TOPICS; None: anything.
    payload, provider_data  the exact bytes of the two files, instead of invented ones.
    size                bytes of a "huge" file, or parts of "many_parts".
    seed                repeat this meeting exactly; None: the meeting follows from the transcript's id.
    faults              instead of the emulator's own faults, for this transcript.
    """

    transcript_id: uuid.UUID = field(default_factory=uuid.uuid4)
    workspace: str = "default"
    recording_id: uuid.UUID | None = None
    recording_metadata: Mapping[str, str | None] | None = field(default_factory=dict)
    metadata: Mapping[str, str] | None = field(default_factory=dict)
    provider: str = "deepgram_async"
    flavour: Flavour = "seed"
    created: float = 0.0
    finishes_after: float | None = 0.0
    end: str = "done"
    sub_code: str | None = None
    deleted_after: float | None = None
    relapses_after: float | None = None
    relapse_seconds: float = 5.0
    is_empty: bool = False
    variant: Variant = "3"
    words: int = 200
    seconds: float | None = None
    speakers: int = 3
    language: str = "en"
    topic: str | None = None
    has_separate_streams: bool = False
    hostile: str | None = None
    size: int = 50_000_000
    has_provider_data: bool = True
    download_link_delay: float = 0.0
    artifact: ArtifactForm = "seed"
    payload: bytes | None = None
    provider_data: bytes | None = None
    seed: int | None = None
    faults: Faults | None = None
