"""The transcript artifact as retrieve and list answer it."""

from dataclasses import dataclass

from recall_emulator.configs import OAS_ASYNC_KEYS, SEED_ASYNC_KEYS, config_of
from recall_emulator.documents import Json
from recall_emulator.entry import Entry
from recall_emulator.scenario import ArtifactForm, Scenario
from recall_emulator.seeded import seeded_uuid
from recall_emulator.timeline import END_OF_TIME, TranscriptState
from recall_emulator.timestamps import timestamp

_RETENTION_SECONDS = 7 * 86_400
_UNKNOWN_KEY = "mumbler_v7_async"


@dataclass(frozen=True)
class Links:
    """The two presigned URLs of an answer; None where Recall says null."""

    transcript: str | None = None
    provider_data: str | None = None


NO_LINKS = Links()


def artifact_of(entry: Entry, state: TranscriptState, links: Links = NO_LINKS) -> dict[str, Json]:
    """Return the artifact of a transcript in a state."""
    scenario = entry.scenario
    digits = 0 if scenario.artifact == "short_times" else 6
    artifact: dict[str, Json] = {
        "id": str(scenario.transcript_id),
        "recording": _recording(entry),
        "created_at": timestamp(entry.created_at, digits),
        "status": {
            "code": state.code,
            "sub_code": state.sub_code,
            "updated_at": timestamp(state.updated_at, 3 if digits == 0 else 6),
        },
        "metadata": None if scenario.metadata is None else dict(scenario.metadata),
        "data": {"download_url": links.transcript, "provider_data_download_url": links.provider_data},
        "diarization": {"use_separate_streams_when_available": True} if scenario.has_separate_streams else None,
        "provider": _provider(scenario),
    }
    if scenario.artifact == "null_data":
        artifact["data"] = None
    if scenario.artifact == "extra":
        artifact |= {
            "expires_at": timestamp(_expiry(entry)),
            "sampled_by": {"a_field": ["of", "tomorrow"]},
        }
    return artifact


def _recording(entry: Entry) -> dict[str, Json]:
    scenario = entry.scenario
    recording: dict[str, Json] = {"id": str(entry.recording_id)}
    if scenario.recording_metadata is not None:
        recording["metadata"] = dict(scenario.recording_metadata)
    if scenario.artifact == "extra":
        recording["source"] = {"bot": {"id": str(seeded_uuid("bot", recording["id"]))}}
    return recording


def _expiry(entry: Entry) -> float:
    return entry.created_at + _RETENTION_SECONDS if entry.expires_at == END_OF_TIME else entry.expires_at


def _provider(scenario: Scenario) -> dict[str, Json]:
    key = _UNKNOWN_KEY if scenario.artifact == "unknown_key" else scenario.provider
    provider: dict[str, Json] = dict.fromkeys(_async_keys(scenario.artifact))
    provider[key] = config_of(scenario.provider, scenario.flavour)
    if scenario.artifact == "two_keys":
        other = "rev_async" if key != "rev_async" else "deepgram_async"
        provider[other] = config_of(other, scenario.flavour)
    return provider


def _async_keys(form: ArtifactForm) -> tuple[str, ...]:
    return OAS_ASYNC_KEYS if form == "oas" else SEED_ASYNC_KEYS
