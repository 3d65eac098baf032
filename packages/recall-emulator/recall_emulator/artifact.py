"""The transcript artifact as retrieve and list answer it."""

import uuid
from dataclasses import dataclass
from typing import Any

from recall_emulator.configs import OAS_ASYNC_KEYS, SEED_ASYNC_KEYS, config_of
from recall_emulator.scenario import ArtifactForm, Script
from recall_emulator.seeded import drawn_uuid
from recall_emulator.timeline import State
from recall_emulator.timestamps import stamp

_RETENTION_SECONDS = 7 * 86_400
_UNKNOWN_KEY = "mumbler_v7_async"


@dataclass(frozen=True)
class Links:
    """The two presigned URLs of an answer; None where Recall says null."""

    transcript: str | None = None
    provider_data: str | None = None


NO_LINKS = Links()


def recording_of(script: Script) -> uuid.UUID:
    """Return the id of the recording that the transcript belongs to."""
    return script.recording_id or drawn_uuid("recording", script.transcript_id)


def artifact_of(script: Script, born: float, state: State, links: Links = NO_LINKS) -> dict[str, Any]:
    """Return the artifact of a script created at `born` (seconds since the epoch) in a state."""
    digits = 0 if script.artifact == "short_times" else 6
    artifact: dict[str, Any] = {
        "id": str(script.transcript_id),
        "recording": _recording(script),
        "created_at": stamp(born, digits),
        "status": {
            "code": state.code,
            "sub_code": state.sub_code,
            "updated_at": stamp(state.updated_at, 3 if digits == 0 else 6),
        },
        "metadata": None if script.metadata is None else dict(script.metadata),
        "data": {"download_url": links.transcript, "provider_data_download_url": links.provider_data},
        "diarization": {"use_separate_streams_when_available": True} if script.has_separate_streams else None,
        "provider": _provider(script),
    }
    if script.artifact == "null_data":
        artifact["data"] = None
    if script.artifact == "extra":
        artifact |= {"expires_at": stamp(born + _RETENTION_SECONDS), "sampled_by": {"a_field": ["of", "tomorrow"]}}
    return artifact


def _recording(script: Script) -> dict[str, Any]:
    recording: dict[str, Any] = {"id": str(recording_of(script))}
    if script.recording_metadata is not None:
        recording["metadata"] = dict(script.recording_metadata)
    if script.artifact == "extra":
        recording["source"] = {"bot": {"id": str(drawn_uuid("bot", recording["id"]))}}
    return recording


def _provider(script: Script) -> dict[str, Any]:
    key = _UNKNOWN_KEY if script.artifact == "unknown_key" else script.provider
    provider: dict[str, Any] = dict.fromkeys(_async_keys(script.artifact))
    provider[key] = config_of(script.provider, script.flavour)
    if script.artifact == "two_keys":
        other = "rev_async" if key != "rev_async" else "deepgram_async"
        provider[other] = config_of(other, script.flavour)
    return provider


def _async_keys(form: ArtifactForm) -> tuple[str, ...]:
    return OAS_ASYNC_KEYS if form == "oas" else SEED_ASYNC_KEYS
