import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.redaction import is_signed_link, may_hold_secrets, without_presigned_links, without_secrets
from tests.core.reading.strategies import JSON, TEXT

S3 = "https://bucket.s3.amazonaws.com/f.json"


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(f"{S3}?AWSAccessKeyId=A&Signature=c%2B&Expires=1", id="SigV2"),
        pytest.param(f"{S3}?X-Amz-Algorithm=AWS4&X-Amz-Signature=c", id="SigV4"),
        pytest.param(f"{S3}?x-amz-security-token=c", id="a session token"),
        pytest.param("https://storage.googleapis.com/o?X-Goog-Signature=c", id="Google"),
        pytest.param("https://x.blob.core.windows.net/c?sv=1&sig=c", id="Azure"),
        pytest.param("https://d1.cloudfront.net/f?Key-Pair-Id=c", id="CloudFront"),
        pytest.param("https://us-east-1.recall.ai/api/v1/download/transcript?token=c", id="Recall's own"),
        pytest.param("wss://api.vendor.example/listen?access_token=c", id="a websocket"),
        pytest.param("https://api.vendor.example/v1?api_key=c", id="a key in the query"),
        pytest.param("https://user:c@vendor.example/hook", id="a password"),
        pytest.param("https://c@vendor.example/hook", id="a bare user"),
        pytest.param("https://app.example/#access_token=c", id="a token in the fragment"),
        pytest.param(f"HTTPS{S3[5:]}?Signature=c", id="capital letters"),
        pytest.param(f"  {S3}?Signature=c\n", id="white space around it"),
        pytest.param(f"{S3}?a=1&amp;Signature=c", id="escaped for HTML"),
        pytest.param(rf"{S3}?a=1\u0026Signature=c", id="escaped for JSON"),
        pytest.param("https://[broken?Signature=c", id="one that cannot be parsed"),
        pytest.param(r"https:\/\/b.s3.amazonaws.com\/f?Signature=c", id="escaped slashes"),
        pytest.param("https://a.example/cb?to=https%3A%2F%2Fb.s3.amazonaws.com%2Ff%3FSignature%3Dc", id="in another"),
    ],
)
def test_a_link_that_opens_something_is_a_secret(link: str) -> None:
    assert is_signed_link(link)
    assert without_secrets({"anything": [link]}) == {"anything": [None]}
    quoted = f'see "{link.strip()}", it says'
    assert without_secrets({"anything": quoted}) == {"anything": 'see "[removed]", it says'}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://zoom.us/j/123?pwd=meeting", id="a meeting link"),
        pytest.param("https://example.com/?design=1&tokens=2", id="names that only resemble"),
        pytest.param("https://example.com/signature=1", id="in the path"),
        pytest.param("somebody@example.com", id="an address"),
        pytest.param("Signature=abc", id="no link"),
        pytest.param("8:orgid:1-2", id="a user id"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert not is_signed_link(text)
    assert without_secrets({"a": text, "b": f"see {text} there"}) == {"a": text, "b": f"see {text} there"}


@pytest.mark.parametrize(
    "name",
    [
        "download_url",
        "provider_data_download_url",
        "webhook_auth_header_value",
        "Authorization",
        "api_key",
        "apiKey",
        "x-api-key",
        "client_secret",
        "callback_password",
        "access_token",
        "authToken",
        "webhook-token",
    ],
)
def test_these_names_hold_secrets(name: str) -> None:
    assert without_secrets({name: "canary", "deep": [{name: ["canary"]}]}) == {name: None, "deep": [{name: [None]}]}


@pytest.mark.parametrize("name", ["token", "tokens", "next_page_token", "secretary", "key_terms", "auth_header_name"])
def test_these_names_do_not(name: str) -> None:
    assert without_secrets({name: "word"}) == {name: "word"}


def test_only_texts_are_replaced() -> None:
    value = {"api_key": None, "secret": 5, "password": True, "download_url": {"expires": 1.5}}
    assert without_secrets(value) == value


def test_a_long_text_full_of_links_is_read_in_one_go() -> None:
    text = json.dumps([f"{S3}?Signature=canary{n}" for n in range(5000)])
    assert "canary" not in without_secrets(text)


LINKS = st.sampled_from([f"{S3}?Signature=a", "see https://a@b/c,", "http://x/y", '{"u": "https://u:p@h/"}'])
NAMES = st.sampled_from(["api_key", "download_url", "data"]) | TEXT


@given(value=st.dictionaries(NAMES, LINKS | JSON) | JSON)
def test_a_second_time_changes_nothing(value: Any) -> None:
    once = without_secrets(value)
    assert repr(without_secrets(once)) == repr(once)  # repr, because NaN is not itself


@given(value=JSON)
def test_the_shape_stays(value: Any) -> None:
    cleaned = without_secrets(value)
    assert type(cleaned) is type(value) or cleaned is None
    if isinstance(value, dict):
        assert list(cleaned) == list(value)
    if isinstance(value, list):
        assert len(cleaned) == len(value)


@pytest.mark.parametrize(
    "own",
    [
        {"session_token": "order-17", "secret": "no", "Password": "swordfish", "api_key": "tenant-label"},
        {"meeting_url": "https://ann@zoom.us/j/1?pwd=a", "link": "https://wiki.example/?token=abc&sig=1"},
        {"video_download_url": "https://files.example.com/plain", "note": f"see {S3}?a=1"},
    ],
)
def test_customers_own_words_stay(own: dict[str, str]) -> None:
    assert without_presigned_links(own) == own


def test_presigned_links_go_even_from_customers_own_words() -> None:
    own = {"a": f"{S3}?AWSAccessKeyId=A&Signature=c", "b": [f"{S3}?X-Amz-Signature=c", "kept"]}
    assert without_presigned_links(own) == {"a": None, "b": [None, "kept"]}


def test_json_in_json_in_json_stays_json() -> None:
    inner = json.dumps({"audio_url": f"{S3}?X-Amz-Signature=c", "words": ["Hi"]})
    told = without_secrets(json.dumps({"Message": inner}))
    assert json.loads(json.loads(told)["Message"]) == {"audio_url": "[removed]", "words": ["Hi"]}


def test_a_link_in_a_link_in_a_link_without_end_is_a_secret_and_takes_no_time() -> None:
    link = "https://x/?u=" + "&".join(
        "%" + "25" * depth + "3A%" + "25" * depth + "2F%" + "25" * depth + "2F" for depth in range(1200)
    )
    assert without_secrets(link) is None


def test_a_long_text_full_of_links_is_looked_through_once() -> None:
    for piece in (b"http://a.b/", b"://", b"x-amz", b":\\/\\/"):
        assert not may_hold_secrets(b'"' + piece * 100_000 + b'"')
    assert may_hold_secrets(b'"' + b"http://a.b/" * 100_000 + b'?sig=x"')
