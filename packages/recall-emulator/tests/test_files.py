import gzip
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.signing import Signer

Emulate = Callable[..., Emulator]
Links = Callable[..., dict[str, str]]


def code_of(answer: httpx.Response) -> tuple[int, str | None]:
    assert answer.headers["Content-Type"] == "application/xml"
    return answer.status_code, ElementTree.fromstring(answer.content).findtext("Code")  # noqa: S314  our own emulator wrote it


def test_both_files_are_as_expected(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    found, expected = links(emulator, transcript_id), emulator.expected(transcript_id)
    assert client.get(found["download_url"]).content == expected.transcript
    assert client.get(found["provider_data_download_url"]).content == expected.provider_data


def test_explicit_bytes_are_served_as_they_are(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    found = links(emulator, emulator.add(Scenario(payload=b"[1]", provider_data=b"\x00")))
    assert client.get(found["download_url"]).content == b"[1]"
    assert client.get(found["provider_data_download_url"]).content == b"\x00"


def test_links_look_like_presigned_ones_and_lie_on_another_origin(emulate: Emulate, links: Links) -> None:
    emulator = emulate()
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    names = [pair.partition("=")[0] for pair in urlsplit(url).query.split("&")]
    assert names == ["AWSAccessKeyId", "Signature", "x-amz-security-token", "Expires"]
    assert url.startswith(emulator.files_url)
    assert emulator.files_url != emulator.api_url
    assert 1500 < len(url) < 2500
    token = re.findall(r"x-amz-security-token=([^&]*)", url)[0]
    assert 1250 < len(unquote(token)) < 1400


def test_every_signature_has_escapes(emulate: Emulate, links: Links) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    for _ in range(20):
        signature = re.findall("Signature=([^&]*)", links(emulator, transcript_id)["download_url"])[0]
        assert signature.endswith("%3D")
        assert "%2B" in signature or "%2F" in signature


def test_every_retrieve_signs_anew_and_both_links_work(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    first, second = (links(emulator, transcript_id)["download_url"] for _ in range(2))
    assert first != second
    assert client.get(first).headers["ETag"] == client.get(second).headers["ETag"]


def test_a_link_expires(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(link_seconds=0)
    answer = client.get(links(emulator, emulator.add(Scenario()))["download_url"])
    assert code_of(answer) == (403, "AccessDenied")
    assert "Request has expired" in answer.text
    assert "<ServerTime>" in answer.text


def test_the_signer_checks_time_and_every_byte() -> None:
    signer = Signer(1)
    query = signer.query("/a", 100)
    assert signer.check("/a", query, 99).result == "good"
    assert signer.check("/a", query, 100).result == "expired"
    assert signer.check("/b", query, 99).result == "mismatch"
    assert signer.check("/a", query.replace("%3D", "%3d"), 99).result == "mismatch"
    assert signer.check("/a", query.replace("Expires=100", "Expires=200"), 99).result == "mismatch"
    assert signer.check("/a", "", 99).result == "unsigned"
    assert Signer(2).check("/a", query, 99).result == "mismatch"


def test_a_mangled_link_does_not_match(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    assert code_of(client.get(url.replace("&", "&amp;"))) == (403, "AccessDenied")
    assert code_of(client.get(url.replace("Expires=", "Expires=1"))) == (403, "SignatureDoesNotMatch")


def test_a_path_without_a_signature_is_denied(emulate: Emulate, client: httpx.Client) -> None:
    assert code_of(client.get(f"{emulate().files_url}/any")) == (403, "AccessDenied")


def test_the_signature_is_for_get_only(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    head = client.head(url)
    assert (head.status_code, head.headers["Content-Type"], head.content) == (403, "application/xml", b"")
    assert code_of(client.put(url, content=b"x")) == (403, "SignatureDoesNotMatch")
    assert client.get(url).status_code == 200


def test_an_authorization_header_is_refused_and_logged(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    answer = client.get(url, headers={"Authorization": "Token demo-key"})
    assert code_of(answer) == (400, "InvalidArgument")
    assert "Token demo-key" in answer.text
    logged = emulator.requests()[-1]
    assert (logged.listener, logged.route, logged.status, logged.has_authorization) == ("files", "file", 400, True)
    assert logged.query == urlsplit(url).query


def test_ranges_and_etags_work(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    url = links(emulator, emulator.add(Scenario(payload=b"0123456789")))["download_url"]
    first = client.get(url, headers={"Range": "bytes=0-0"})
    assert (first.status_code, first.content, first.headers["Content-Range"]) == (206, b"0", "bytes 0-0/10")
    assert client.get(url, headers={"Range": "bytes=7-"}).content == b"789"
    assert client.get(url, headers={"Range": "bytes=-2"}).content == b"89"
    assert code_of(client.get(url, headers={"Range": "bytes=10-"})) == (416, "InvalidRange")
    etag = first.headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(url, headers={"Range": "bytes=1-1", "If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "scenario", [Scenario(deleted_after=0.0), Scenario(end="failed"), Scenario(finishes_after=None)]
)
def test_there_is_no_file_unless_done(emulate: Emulate, client: httpx.Client, scenario: Scenario) -> None:
    emulator = emulate()
    other = emulator.add(Scenario(workspace="default"))
    emulator.add(scenario)
    path = f"/_workspace-{other}/recordings/{other}/transcript/{scenario.transcript_id}/transcript.json"
    signer = Signer(0)
    assert code_of(client.get(f"{emulator.files_url}{path}?{signer.query(path, 2**40)}")) == (404, "NoSuchKey")


def test_stored_gzip_is_served_as_stored(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(gzip=True))
    transcript_id = emulator.add(Scenario())
    with client.stream("GET", links(emulator, transcript_id)["download_url"]) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(raw)
    assert gzip.decompress(raw) == emulator.expected(transcript_id).transcript


def test_a_huge_file_has_its_size(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    answer = client.get(links(emulator, emulator.add(Scenario(hostile="huge", size=3_000_000)))["download_url"])
    assert 3_000_000 <= len(answer.content) < 3_200_000
    assert len(json.loads(answer.content)) > 100
