from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.artifact import Artifact, Links, NoArtifact, read_artifact
from syncd.core.reading.document import Document, read_document, storable, write_document
from tests.core.reading.strategies import JSON, shaped_like
from tests.core.samples import PARAMETERS, PROVIDERS, TRANSCRIPT_ID, only, sample

MOMENT = datetime(2025, 6, 10, 19, 5, 7, 616000, tzinfo=UTC)


def read(body: Any) -> tuple[Artifact, Links]:
    return read_artifact(Document(body, is_altered=False))


HOMES: dict[str, tuple[Callable[[Artifact, Links], Any], Any]] = {
    "id": (lambda artifact, links: artifact.transcript_id, UUID(TRANSCRIPT_ID)),
    "recording": (
        lambda artifact, links: (artifact.recording_id, artifact.recording_metadata),
        (UUID(TRANSCRIPT_ID), {"additionalProp": "string"}),
    ),
    "metadata": (lambda artifact, links: artifact.metadata, {"additionalProp": "string"}),
    "created_at": (lambda artifact, links: artifact.created_at, MOMENT),
    "status": (lambda artifact, links: artifact.body["status"], sample()["status"]),
    "code": (lambda artifact, links: artifact.status, "processing"),
    "sub_code": (lambda artifact, links: artifact.sub_code, "string"),
    "updated_at": (lambda artifact, links: artifact.status_updated_at, MOMENT),
    "data": (lambda artifact, links: links, Links("string", "string")),
    "download_url": (lambda artifact, links: links.transcript, "string"),
    "provider_data_download_url": (lambda artifact, links: links.provider_data, "string"),
    "diarization": (lambda artifact, links: artifact.body["diarization"], sample()["diarization"]),
    "use_separate_streams_when_available": (lambda artifact, links: artifact.has_separate_streams, True),
    "provider": (lambda artifact, links: artifact.body["provider"], sample()["provider"]),
}


@pytest.mark.parametrize("parameter", [name for name in PARAMETERS if name not in PROVIDERS])
def test_each_documented_parameter_has_a_home(parameter: str) -> None:
    home, value = HOMES[parameter]
    assert home(*read(sample())) == value


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_documented_provider_has_a_home(provider: str) -> None:
    artifact, _ = read(only(provider))
    assert artifact.provider == provider
    assert artifact.provider_config == sample()["provider"][provider]


def test_these_are_the_29_documented_parameters() -> None:
    assert len(PARAMETERS) == len(set(PARAMETERS)) == 29
    assert len(PROVIDERS) == 15
    assert set(PROVIDERS) == set(sample()["provider"])
    assert set(HOMES) | set(PROVIDERS) == set(PARAMETERS)


def test_the_body_is_the_whole_answer_without_its_links() -> None:
    artifact, _ = read(sample())
    assert artifact.body == sample(data={"download_url": None, "provider_data_download_url": None})


def test_fields_nobody_documented_live_on_in_the_body() -> None:
    body = sample(expires_at="2025-06-17T19:05:07Z", new={"deep": [1]})
    body["recording"]["source"] = {"bot": {"id": "b"}}
    artifact, _ = read(body)
    assert artifact.body["expires_at"] == "2025-06-17T19:05:07Z"
    assert artifact.body["new"] == {"deep": [1]}
    assert artifact.body["recording"]["source"] == {"bot": {"id": "b"}}


def test_an_id_and_a_status_are_enough() -> None:
    artifact, links = read({"id": TRANSCRIPT_ID.upper(), "status": {"code": "paused"}})
    assert links == Links()
    assert artifact == Artifact(UUID(TRANSCRIPT_ID), "paused", body=artifact.body)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(
            dict.fromkeys(("recording", "metadata", "data", "diarization", "provider", "created_at")), id="null"
        ),
        pytest.param(dict.fromkeys(("recording", "metadata", "data", "diarization", "provider"), "text"), id="texts"),
        pytest.param({key: [1] for key in ("recording", "metadata", "data", "diarization", "provider")}, id="lists"),
        pytest.param(
            {
                "recording": {"id": "not a uuid", "metadata": 5},
                "created_at": 1749582307,
                "data": {"download_url": 5, "provider_data_download_url": ""},
                "diarization": {"use_separate_streams_when_available": "true"},
                "provider": {},
                "metadata": None,
            },
            id="wrong inside",
        ),
    ],
)
def test_fields_of_an_unexpected_shape_become_null(odd: dict[str, Any]) -> None:
    artifact, links = read(sample(**odd))
    assert links == Links()
    unread = (artifact.recording_id, artifact.recording_metadata, artifact.metadata, artifact.provider)
    assert unread == (None, None, None, None)
    assert artifact.has_separate_streams is None
    assert artifact.status == "processing"


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        pytest.param({"a_async": None, "b_async": {}}, ("b_async", {}), id="an empty config counts"),
        pytest.param({"a_async": None, "b_async": None}, (None, None), id="none is populated"),
        pytest.param({"x_async": {"a": 1}, "y_async": {}}, ("x_async", {"a": 1}), id="the first of two"),
        pytest.param({"brand_new": {"rev.dotted": 1}}, ("brand_new", {"rev.dotted": 1}), id="a key nobody knows"),
        pytest.param({"odd": "text"}, ("odd", "text"), id="a config that is no object"),
    ],
)
def test_the_populated_provider_is_found(provider: dict[str, Any], expected: tuple[Any, Any]) -> None:
    artifact, _ = read(sample(provider=provider))
    assert (artifact.provider, artifact.provider_config) == expected


@pytest.mark.parametrize("value", [[], None, "text", 5, True])
def test_what_is_no_object_is_no_artifact(value: Any) -> None:
    with pytest.raises(NoArtifact, match="not a JSON object"):
        read(value)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"id": None}, id="a null id"),
        pytest.param({"id": 5}, id="a number for an id"),
        pytest.param({"id": "not-a-uuid"}, id="no uuid"),
        pytest.param({"status": None}, id="a null status"),
        pytest.param({"status": "done"}, id="a text for a status"),
        pytest.param({"status": {"code": ""}}, id="an empty code"),
        pytest.param({"status": {"code": 7}}, id="a number for a code"),
        pytest.param({"status": {}}, id="no code"),
    ],
)
def test_without_an_id_or_a_status_it_is_no_artifact(changes: dict[str, Any]) -> None:
    with pytest.raises(NoArtifact, match=r"no id or no status\.code"):
        read(sample(**changes))


def test_links_and_credentials_show_in_no_printed_form() -> None:
    body = sample(data={"download_url": "https://s/f?Signature=canary", "provider_data_download_url": None})
    body["provider"]["assembly_ai_async"]["webhook_auth_header_value"] = "canary"
    artifact, links = read(body)
    assert links.transcript == "https://s/f?Signature=canary"
    assert "canary" not in f"{artifact!r} {artifact.body} {artifact.provider_config} {links!r} {links}"


def test_an_altered_document_makes_an_altered_artifact() -> None:
    text = rb'{"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "status": {"code": "done"}, "metadata": {"a": "\u0000"}}'
    artifact, _ = read_artifact(read_document(text))
    assert artifact.is_altered
    assert artifact.metadata == {"a": "\ufffd"}


FIELDS = {
    "id": st.just(TRANSCRIPT_ID),
    "recording": shaped_like({"id": st.just(TRANSCRIPT_ID), "metadata": JSON}),
    "created_at": st.datetimes().map(str),
    "status": shaped_like({"code": st.sampled_from(["done", "processing", "new"]), "sub_code": JSON}),
    "data": shaped_like({"download_url": st.text(), "provider_data_download_url": st.none()}),
    "diarization": shaped_like({"use_separate_streams_when_available": st.booleans()}),
    "provider": shaped_like({"rev_async": JSON}),
    "metadata": JSON,
}


@given(value=shaped_like(FIELDS))
def test_any_json_is_an_artifact_or_says_that_it_is_none(value: Any) -> None:
    try:
        artifact, links = read(storable(value))
    except NoArtifact:
        return
    write_document(artifact.body)
    assert isinstance(artifact.status, str)
    assert links.transcript is None or isinstance(links.transcript, str)
    assert artifact.created_at is None or artifact.created_at.tzinfo is UTC
