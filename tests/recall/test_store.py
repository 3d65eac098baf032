"""What the file store answers. Whole files, links and errors; broken bodies are in test_body.py."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from syncd import errors
from syncd.recall.store import FileStore
from tests.recall.raw_server import RawServer, packed, response

Serve = Callable[..., RawServer]
OpenStore = Callable[..., FileStore]
QUERY = "?AWSAccessKeyId=ASIA&Signature=canary%2BcAnArY%3d&x-amz-security-token=canary&Expires=1"


@pytest.fixture
def fetch(serve: Serve, open_store: OpenStore) -> Callable[..., Any]:
    """Download once from a server that plays the answers; the server's own origin is allowed."""

    def call(*answers: Any, path: str = f"/f.json{QUERY}", **options: Any) -> Any:
        server = serve(*answers)
        return open_store(server.url, **options).download(server.url + path)

    return call


def refused(error: errors.SyncdError) -> str:
    """The error in every printed form, which must hold nothing of the link's query."""
    text = "".join([*traceback.format_exception(error), str(error), repr(error)])
    assert "canary" not in text.lower()
    assert "Signature=" not in text
    return str(error)


def test_a_file_comes_whole(fetch: Callable[..., Any]) -> None:
    body = fetch(response(body=b"[1]"))
    assert body.content == b"[1]"
    assert body.is_proven_whole
    assert body.sha256 == "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22"


def test_a_packed_file_comes_unpacked(fetch: Callable[..., Any]) -> None:
    for encoding in ("gzip", "GZIP", "x-gzip"):
        body = fetch(response(body=packed(b"[1]" * 100_000), content_encoding=encoding))
        assert body.content == b"[1]" * 100_000
        assert body.is_proven_whole


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/_workspace-1/bot%3A1/f.json?Signature=a%2Bb%2Fc%3D&Expires=1", id="escapes in capitals"),
        pytest.param("/f.json?Signature=a%2bb%2fc%3d", id="escapes in small letters"),
        pytest.param("/f.json?Signature=a+b/c=&x=%20&y=~'()*!$,;:@", id="nothing escaped"),
        pytest.param("/a//b/./../c%2e%2e/%41.json?a=b=c&&d", id="a path that could be shortened"),
        pytest.param("/f.json?q=%E9%ff%00&r=%zz%", id="escapes that mean nothing"),
        pytest.param('/f.json?a={"b":[1|2]}^`', id="what is usually escaped"),
        pytest.param("/f;v=1?x", id="parameters"),
        pytest.param("/f.json?" + "t=" + "A" * 5000, id="a long token"),
    ],
)
def test_the_target_goes_out_byte_for_byte(serve: Serve, open_store: OpenStore, target: str) -> None:
    server = serve(response(body=b"[]"))
    open_store(server.url).download(server.url + target)
    assert server.targets == [target]


@pytest.mark.parametrize(("link", "target"), [("", "/"), ("?a=1", "/?a=1"), ("/f#fragment", "/f")])
def test_a_link_without_a_path_asks_for_the_root(serve: Serve, open_store: OpenStore, link: str, target: str) -> None:
    server = serve(response(body=b"[]"))
    open_store(server.url).download(server.url + link)
    assert server.targets == [target]


def test_the_store_is_sent_no_credentials_and_nothing_else_of_note(
    serve: Serve, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("default login me password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server = serve(
        response(307, location="/again"), response(body=b"[]", set_cookie="a=canary"), response(body=b"[]")
    )
    store = open_store(server.url)
    for _ in range(2):
        store.download(f"{server.url}/f.json{QUERY}")
    assert len(server.requests) == 3
    for request in server.requests:
        names = [line.split(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line]
        assert set(names) <= {b"host", b"accept", b"accept-encoding", b"connection", b"user-agent", b"cookie"}
        assert b"authorization" not in request.lower()


S3_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message>{}</Error>'


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        (403, "AccessDenied", "Request has expired", errors.LinkExpired),
        (400, "ExpiredToken", "The provided token has expired.", errors.LinkExpired),
        (403, "SignatureDoesNotMatch", "The request signature we calculated...", errors.LinkExpired),
        (403, "AccessDenied", "Access Denied", errors.FileGone),
        (403, "InvalidToken", "The provided token is malformed", errors.LinkExpired),
        (403, "RequestTimeTooSkewed", "The difference is too large.", errors.StoreTrouble),
        (404, "NoSuchKey", "The specified key does not exist.", errors.FileGone),
        (410, "Gone", "", errors.FileGone),
        (400, "InvalidArgument", "Only one auth mechanism allowed", errors.StoreTrouble),
        (500, "InternalError", "We encountered an internal error.", errors.StoreTrouble),
        (503, "SlowDown", "Please reduce your request rate.", errors.StoreTrouble),
        (416, "InvalidRange", "", errors.StoreTrouble),
    ],
)
def test_an_error_of_s3_is_told_by_its_code(
    fetch: Callable[..., Any], status: int, code: str, message: str, expected: type[errors.DownloadError]
) -> None:
    echo = f"<StringToSign>{QUERY}</StringToSign>"
    xml = S3_ERROR.format(code, message, echo).encode()
    for answer in (
        response(status, xml, content_type="application/xml"),
        response(status, packed(xml), content_encoding="gzip"),
        response(status, xml + b" " * 20_000),
        response(status, xml, content_length=len(xml) + 1),
    ):
        with pytest.raises(expected) as caught:
            fetch(answer)
        assert type(caught.value) is expected
        assert f"{status} {code}" in refused(caught.value).replace("(", "")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, errors.StoreTrouble),
        (206, errors.StoreTrouble),
        (304, errors.StoreTrouble),
        (307, errors.StoreTrouble),
        (400, errors.StoreBlocked),
        (403, errors.StoreBlocked),
        (404, errors.StoreBlocked),
        (407, errors.StoreBlocked),
        (429, errors.StoreTrouble),
        (502, errors.StoreTrouble),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Request blocked.</html>", b"\xff\x00"], ids=["empty", "html", "bytes"])
def test_an_answer_without_a_code_is_told_by_its_status(
    fetch: Callable[..., Any], status: int, body: bytes, expected: type[errors.DownloadError]
) -> None:
    answer = response(status) if status in (204, 304) else response(status, body)
    with pytest.raises(expected) as caught:
        fetch(answer)
    assert type(caught.value) is expected
    assert str(status) in refused(caught.value)


def test_a_redirect_inside_the_list_is_followed(serve: Serve, open_store: OpenStore) -> None:
    last = serve(response(body=b"[]"))
    middle = serve(response(302, location=f"{last.url}/final%2Bname?Signature=canary%2f"))
    first = serve(response(307, location="/next?x=%2B"), response(301, location=middle.url))
    store = open_store(first.url, middle.url, last.url)
    assert store.download(first.url).content == b"[]"
    assert (first.targets, middle.targets) == (["/", "/next?x=%2B"], ["/"])
    assert last.targets == ["/final%2Bname?Signature=canary%2f"]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        pytest.param("http://127.0.0.1:1/f", errors.OriginRefused, id="another port"),
        pytest.param("http://localhost:{port}/f", errors.OriginRefused, id="another name"),
        pytest.param("https://127.0.0.1:{port}/f", errors.OriginRefused, id="another scheme"),
        pytest.param("http://169.254.169.254/latest", errors.OriginRefused, id="the cloud's own"),
        pytest.param("http://u:canary@127.0.0.1:{port}/f", errors.OriginRefused, id="a password"),
        pytest.param("file:///etc/passwd", errors.OriginRefused, id="a file"),
        pytest.param("//evil.example/f?Signature=canary", errors.OriginRefused, id="another host"),
        pytest.param("http://[canary", errors.StoreTrouble, id="an open bracket"),
        pytest.param("/caf\xe9?canary", errors.StoreTrouble, id="letters beyond ASCII"),
        pytest.param("/with a space?canary", errors.StoreTrouble, id="a space"),
        pytest.param("http://[canary/f", errors.StoreTrouble, id="no URL"),
        pytest.param("", errors.StoreTrouble, id="nowhere"),
    ],
)
def test_a_redirect_out_of_the_list_is_refused(
    serve: Serve, open_store: OpenStore, location: str, expected: type[errors.DownloadError]
) -> None:
    server = serve()
    server._answers = [response(302, location=location.format(port=server.port))]
    with pytest.raises(expected) as caught:
        open_store(server.url).download(server.url + f"/f{QUERY}")
    assert ("redirects to" in refused(caught.value)) == bool(location)
    assert len(server.requests) == 1


def test_a_redirect_loop_ends_after_three_redirects(serve: Serve, open_store: OpenStore) -> None:
    server = serve(response(302, location=f"/f{QUERY}"))
    with pytest.raises(errors.StoreTrouble, match="in a loop") as caught:
        open_store(server.url).download(f"{server.url}/f{QUERY}")
    refused(caught.value)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "link",
    [
        "",
        "f.json?Signature=canary",
        "ftp://127.0.0.1/f?Signature=canary",
        "https://evil.example/f?Signature=canary",
        "http://user:canary@127.0.0.1/f",
        "http://[canary/f",
        "http://127.0.0.1:99999/?Signature=canary",
    ],
)
def test_a_link_out_of_the_list_is_refused_before_anything_is_sent(open_store: OpenStore, link: str) -> None:
    with pytest.raises(errors.OriginRefused) as caught:
        open_store("http://127.0.0.1").download(link)
    refused(caught.value)


def test_a_refused_link_names_its_origin_and_the_setting(open_store: OpenStore) -> None:
    with pytest.raises(errors.OriginRefused) as caught:
        open_store("https://*.amazonaws.com").download(f"https://files.example:444/f{QUERY}")
    assert refused(caught.value) == (
        "The link leads to https://files.example:444, which SYNCD_DOWNLOAD_ORIGINS does not allow."
        " [SYNCD-FILE-ORIGIN]"
    )


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("https://127.0.0.1:{port}/f", id="no TLS where TLS was meant"),
        pytest.param("http://127.0.0.1:1/f", id="nobody listens"),
        pytest.param("http://" + "a" * 64 + ".example/f", id="a name too long"),
        pytest.param("http://nowhere.invalid/f", id="a name nobody knows"),
    ],
)
def test_a_store_that_cannot_be_reached_is_in_trouble(serve: Serve, open_store: OpenStore, link: str) -> None:
    link = link.format(port=serve(response(body=b"[]")).port)
    with pytest.raises(errors.StoreTrouble) as caught:
        open_store(link.removesuffix("/f")).download(f"{link}{QUERY}")
    refused(caught.value)


def test_an_error_of_our_own_is_not_told_as_a_bad_link(
    serve: Serve, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("syncd.recall.store.read_body", read)
    server = serve(response(body=b"[]"))
    with pytest.raises(ValueError, match="a bug"):
        open_store(server.url).download(server.url)
