"""What happens to one transcript, as a value."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from recall_emulator.checks import Bytes, Range, Seconds, SecondsEitherWay, check_fields
from recall_emulator.corpus import NAMES
from recall_emulator.faults import Faults

Flavour = Literal["seed", "pass_through"]
Variant = Literal["L", "1", "2", "3", "mixed"]
ArtifactForm = Literal["seed", "oas", "extra", "two_keys", "unknown_key", "null_data", "short_times"]
Words = Annotated[int, Range(0, 1_000_000)]
Speakers = Annotated[int, Range(1, len(NAMES))]

NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Scenario:
    """A transcript from its creation to its end. All durations are seconds.

    Whose it is, and what the artifact shows:

    transcript_id       its id; without one, a random id.
    workspace           whose it is: keys of another workspace get 404, and a list without it.
    recording_id        id of its recording; None: it follows from the transcript's id. It cannot be changed later,
                        and all transcripts of a recording are of one workspace.
    recording_metadata  metadata of the recording, strings or nulls; None: the recording comes without metadata.
                        It is shared by the transcripts of a recording: a change of one changes it for all.
    metadata            metadata of the transcript, strings or nulls; None: null.
    provider            the key under `provider`, one of PROVIDER_KEYS, or vendor_of_tomorrow_async for a vendor that
                        nobody knows; decides what is in the provider's file, too.
    flavour             settings under that key: seed, as Recall normalised them until July 2025, or pass_through, as
                        it passes them through since.
    artifact            form of the artifact.
                        seed: six async keys under `provider`, null but the one that was used.
                        oas: the nine async keys of the OpenAPI document instead.
                        extra: fields that the reference page does not name, among them expires_at: that of the
                        recording, or a week after creation where it never expires.
                        two_keys: two keys with settings.
                        unknown_key: the settings under a key that no document names, in place of `provider`.
                        null_data: `data` is null.
                        short_times: created_at without a fraction of a second, updated_at with three digits.

    When:

    created             when it is created, relative to the moment it is added (negative: in the past). Before
                        that moment the API answers 404. It cannot be changed later.
    finishes_after      length of `processing`, counted from creation; None: it never finishes.
    end                 the status code after that: done, failed, deleted, any other word (verbatim), or
                        not_found for 404 from then on.
    sub_code            the sub_code beside that status code.
    relapses_after      done, this long after it processing again, and done for good `relapse_seconds` later.
    deleted_after       done, and this long after it (after a relapse: after the second done) deleted. None: it stays.
    expires_after       how long the recording is retained; then it is deleted, and its transcripts with it. Counted
                        from when it is done: an async transcript is created then, any other one finishes then. None:
                        for ever. Of several transcripts of a recording the one counts that was added first.
    download_link_delay how long `done` comes without download_url.
    provider_link_delay how long `done` comes without provider_data_download_url.
    email_delay         how long after `done` the e-mails in the transcript's file are null. Then the file has another
                        content, behind a link of the same kind. Variants without e-mails do not change.

    What is in the two files:

    words, seconds      size of the meeting; seconds None or 0: at about 150 words a minute.
    speakers            how many people may speak, at most 24.
    language            the language that both files name; the words stay English.
    topic               what they talk about, a key of corpus.TOPICS; None: anything.
    seed                repeat this meeting exactly; None: the meeting follows from the transcript's id.
    variant             shape of the transcript file.
                        L: speaker and speaker_id in place of a participant, times as bare numbers.
                        1: a participant with id and name, relative times.
                        2: more about the participant, and absolute times.
                        3: email and language_code, too.
                        mixed: elements of 2, 3 and 1 in turn.
    has_separate_streams  an audio for each speaker: turns may overlap, the artifact names it under `diarization`, and
                        the parts of the provider's file have offsets.
    has_provider_data   False: provider_data_download_url is null.
    is_stored           False: zero data retention; `done` comes without both links, for ever.
    is_empty            nobody spoke: the files are [] and {"parts": []}.
    payload, provider_data  the exact bytes of the two files, instead of invented ones.
    hostile             a transcript file that is hard to read, one of HOSTILE_KINDS, which hostile.py explains; with
                        many_parts it is the provider's file. Needs at least one word.
    size                bytes of a "huge" file, or parts of "many_parts".

    faults              instead of the emulator's own faults, for this transcript.

    Raises ValueError for a field that holds what it must not.
    """

    transcript_id: uuid.UUID = field(default_factory=uuid.uuid4)
    workspace: str = "default"
    recording_id: uuid.UUID | None = None
    recording_metadata: Mapping[str, str | None] | None = field(default_factory=dict)
    metadata: Mapping[str, str | None] | None = field(default_factory=dict)
    provider: str = "deepgram_async"
    flavour: Flavour = "seed"
    created: SecondsEitherWay = 0.0
    finishes_after: Seconds | None = 0.0
    end: str = "done"
    sub_code: str | None = None
    deleted_after: Seconds | None = None
    expires_after: Seconds | None = None
    relapses_after: Seconds | None = None
    relapse_seconds: Seconds = 5.0
    is_empty: bool = False
    variant: Variant = "3"
    words: Words = 200
    seconds: Seconds | None = None
    speakers: Speakers = 3
    language: str = "en"
    topic: str | None = None
    has_separate_streams: bool = False
    hostile: str | None = None
    size: Bytes = 50_000_000
    has_provider_data: bool = True
    is_stored: bool = True
    download_link_delay: Seconds = 0.0
    provider_link_delay: Seconds = 0.0
    email_delay: Seconds = 0.0
    artifact: ArtifactForm = "seed"
    payload: bytes | None = None
    provider_data: bytes | None = None
    seed: int | None = None
    faults: Faults | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.hostile is not None and not self.words:
            raise ValueError("words must be at least 1 where hostile is given, not 0")
        if not (self.language.isascii() and self.language.isprintable()):
            raise ValueError(f"language must be a code in ASCII, not {self.language!r}")
