import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.origin import BadOrigin, Origin, is_public_address, origin_of, permitting, read_origins

S3 = Origin("https", "*.amazonaws.com", 443)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://files.example.com/a?b", Origin("https", "files.example.com", 443)),
        ("HTTPS://Files.Example.COM", Origin("https", "files.example.com", 443)),
        ("https://files.example.com.:8443/", Origin("https", "files.example.com", 8443)),
        ("http://127.0.0.1:9000/x", Origin("http", "127.0.0.1", 9000)),
        ("http://localhost", Origin("http", "localhost", 80)),
        ("https://[2001:db8::1]:444/", Origin("https", "2001:db8::1", 444)),
        ("https://xn--bcher-kva.example/", Origin("https", "xn--bcher-kva.example", 443)),
        ("https://a_b-c.example/", Origin("https", "a_b-c.example", 443)),
    ],
)
def test_a_link_has_an_origin(url: str, origin: Origin) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("files.example.com", id="no scheme"),
        pytest.param("//files.example.com/a", id="no scheme but a host"),
        pytest.param("ftp://files.example.com/", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("https:///a", id="no host"),
        pytest.param("https://./", id="only a dot"),
        pytest.param("https://user:pw@files.example.com/", id="a password"),
        pytest.param("https://files.example.com@evil.example/", id="a host for a user"),
        pytest.param("https://@files.example.com/", id="an empty user"),
        pytest.param("https://files.example.com:99999/", id="no such port"),
        pytest.param("https://files.example.com:0/", id="port 0"),
        pytest.param("https://files.example.com:x/", id="a port in letters"),
        pytest.param("https://[::1/", id="an open bracket"),
        pytest.param("https://[fe80::1%25eth0]/", id="a scope"),
        pytest.param("https://bücher.example/", id="letters beyond ASCII"),
        pytest.param(r"https://evil.example\.amazonaws.com/", id="a backslash"),
        pytest.param("https://evil.example%2f.amazonaws.com/", id="an escape"),
        pytest.param("https://files.example.com /", id="a space"),
        pytest.param("https://files.example.com\x00.amazonaws.com/", id="a NUL"),
    ],
)
def test_a_link_without_a_plain_origin_is_refused(url: str) -> None:
    with pytest.raises(BadOrigin) as caught:
        origin_of(url)
    assert str(caught.value) in ("the link is malformed", "the link is not a plain http(s) URL")


@pytest.mark.parametrize(
    ("allowed", "url", "is_permitted"),
    [
        pytest.param("https://*.amazonaws.com", "https://b.s3.amazonaws.com/k", True, id="below"),
        pytest.param("https://*.amazonaws.com", "https://b.s3.AMAZONAWS.com./k", True, id="below, written oddly"),
        pytest.param("https://*.amazonaws.com", "https://amazonaws.com/k", False, id="itself"),
        pytest.param("https://*.amazonaws.com", "https://evilamazonaws.com/k", False, id="a longer name"),
        pytest.param("https://*.amazonaws.com", "https://b.amazonaws.com.evil.example/k", False, id="a name inside"),
        pytest.param("https://*.amazonaws.com", "http://b.amazonaws.com/k", False, id="plain http"),
        pytest.param("https://*.amazonaws.com", "https://b.amazonaws.com:8443/k", False, id="another port"),
        pytest.param("https://*.amazonaws.com:8443", "https://b.amazonaws.com:8443/k", True, id="that port"),
        pytest.param("https://a.example", "https://a.example:443/k", True, id="the port spelt out"),
        pytest.param("https://a.example", "https://b.a.example/k", False, id="below one written in full"),
        pytest.param("http://127.0.0.1:9000", "http://127.0.0.1:9000/k", True, id="an address in full"),
        pytest.param("http://127.0.0.1:9000", "http://2130706433:9000/k", False, id="the address as a number"),
        pytest.param("http://127.0.0.1:9000", "http://127.1:9000/k", False, id="the address in short"),
        pytest.param("http://[::1]:9000", "http://[::1]:9000/k", True, id="an IPv6 address"),
    ],
)
def test_the_list_permits_what_it_covers(allowed: str, url: str, is_permitted: bool) -> None:
    assert (permitting(read_origins(allowed), origin_of(url)) is not None) == is_permitted


def test_no_wildcard_covers_an_address() -> None:
    assert not Origin("https", "*.0.0.1", 443).covers(Origin("https", "127.0.0.1", 443))


def test_the_entry_written_out_in_full_comes_first() -> None:
    exact = Origin("https", "b.amazonaws.com", 443)
    for origins in ((S3, exact), (exact, S3)):
        assert permitting(origins, exact) is exact
        assert permitting(origins, Origin("https", "c.amazonaws.com", 443)) is S3
        assert permitting(origins, Origin("https", "c.example", 443)) is None


def test_a_list_is_read_with_its_blanks() -> None:
    assert read_origins(" https://*.amazonaws.com ,, http://localhost:9000/,") == (
        S3,
        Origin("http", "localhost", 9000),
    )
    assert read_origins(" , ") == ()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("files.example.com", "is no origin such as"),
        ("https://user:canary@files.example.com", "is no origin such as"),
        ("https://files.example.com/bucket", "has a path"),
        ("https://files.example.com/?Signature=canary", "has a path"),
        ("https://files.example.com/#canary", "has a path"),
        ("https://*", "a wildcard stands for the whole first label only"),
        ("https://*.com", "below such a wildcard are names of anybody"),
        ("https://*.*.example.com", "a wildcard stands for the whole first label only"),
        ("https://a.*.example.com", "a wildcard stands for the whole first label only"),
        ("https://a*.example.com", "a wildcard stands for the whole first label only"),
        ("http://*.example.com", "a wildcard must be https"),
    ],
)
def test_a_bad_entry_is_named_without_its_secrets(entry: str, reason: str) -> None:
    with pytest.raises(BadOrigin, match=reason) as caught:
        read_origins(f"https://fine.example,{entry}")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "52.216.0.1", "2600:1fa0::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)
def test_these_addresses_are_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104  an address to refuse, not one to bind to
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001::1",
        "2001:db8::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_these_addresses_are_not(address: str) -> None:
    assert not is_public_address(address)


@given(st.ip_addresses())
def test_any_address_is_one_or_the_other(address: object) -> None:
    assert is_public_address(str(address)) in (True, False)


HOSTS = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){1,3}", fullmatch=True)


@given(host=HOSTS, port=st.integers(1, 65535), scheme=st.sampled_from(["http", "https"]))
def test_an_origin_written_out_is_read_as_itself(host: str, port: int, scheme: str) -> None:
    origin = Origin(scheme, host, port)
    assert read_origins(f"{scheme}://{host}:{port}") == (origin,)
    assert origin.covers(origin)


@given(
    text=st.text()
    | st.lists(st.sampled_from(["https://", "*", ".", "a", "@", ":", "[", "]", "/", "?", "\\"])).map("".join)
)
def test_any_text_is_origins_or_a_bad_origin(text: str) -> None:
    try:
        origins = read_origins(text)
    except BadOrigin:
        return
    for origin in origins:
        assert origin.scheme in ("http", "https")
        assert "@" not in origin.host
        assert "*" not in origin.host.removeprefix("*.")
        assert not origin.is_wildcard or origin.scheme == "https"
