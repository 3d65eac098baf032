"""The transcript artifact as retrieve and list answer it."""

import uuid
from dataclasses import dataclass

from recall_emulator.configs import OAS_ASYNC_KEYS, SEED_ASYNC_KEYS, config_of
from recall_emulator.documents import Json
from recall_emulator.scenario import ArtifactForm, Scenario
from recall_emulator.seeded import seeded_uuid
from recall_emulator.timeline import TranscriptState
from recall_emulator.timestamps import timestamp

_RETENTION_SECONDS = 7 * 86_400
_UNKNOWN_KEY = "mumbler_v7_async"


@dataclass(frozen=True)
class Links:
    """The two presigned URLs of an answer; None where Recall says null."""

    transcript: str | None = None
    provider_data: str | None = None


NO_LINKS = Links()


def recording_of(scenario: Scenario) -> uuid.UUID:
    """Return the id of the recording that the transcript belongs to."""
    return scenario.recording_id or seeded_uuid("recording", scenario.transcript_id)


def artifact_of(
    scenario: Scenario, created_at: float, state: TranscriptState, links: Links = NO_LINKS
) -> dict[str, Json]:
    """Return the artifact of a scenario created at `created_at` (seconds since the epoch) in a state."""
    digits = 0 if scenario.artifact == "short_times" else 6
    artifact: dict[str, Json] = {
        "id": str(scenario.transcript_id),
        "recording": _recording(scenario),
        "created_at": timestamp(created_at, digits),
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
            "expires_at": timestamp(created_at + _RETENTION_SECONDS),
            "sampled_by": {"a_field": ["of", "tomorrow"]},
        }
    return artifact


def _recording(scenario: Scenario) -> dict[str, Json]:
    recording: dict[str, Json] = {"id": str(recording_of(scenario))}
    if scenario.recording_metadata is not None:
        recording["metadata"] = dict(scenario.recording_metadata)
    if scenario.artifact == "extra":
        recording["source"] = {"bot": {"id": str(seeded_uuid("bot", recording["id"]))}}
    return recording


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
