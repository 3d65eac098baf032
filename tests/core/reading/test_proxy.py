"""The URL of a proxy: what is read of it, and what is refused without being repeated."""

import pytest

from syncd.core.reading.proxy import ProxyAddress, read_proxy


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy.example.com:3128", ProxyAddress("proxy.example.com", 3128, is_tls=False)),
        ("http://Proxy.Example.com/", ProxyAddress("proxy.example.com", 80, is_tls=False)),
        ("https://proxy", ProxyAddress("proxy", 443, is_tls=True)),
        ("http://[::1]:8080", ProxyAddress("::1", 8080, is_tls=False)),
        ("http://me@proxy:1", ProxyAddress("proxy", 1, is_tls=False, user="me")),
        ("http://DOM%5Cme:a%40b%3A@proxy:1", ProxyAddress("proxy", 1, False, "DOM\\me", "a@b:")),
        ("http://me:a@b@proxy:1", ProxyAddress("proxy", 1, False, "me", "a@b")),
    ],
)
def test_a_proxy_is_read(url: str, expected: ProxyAddress) -> None:
    assert read_proxy(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "proxy:3128", "proxy.example.com", "socks5://canary:canary@proxy:1080", "http://", "http://proxy:0"),
        *("http://proxy:99999", "http://canary@proxy/path", "http://proxy?x=canary", "http://*.proxy.example"),
        *("http://me:canary%0a@proxy:1", "http://[canary", "http://proxy#x"),
    ],
)
def test_what_is_no_proxy_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|has") as caught:
        read_proxy(url)
    assert "canary" not in str(caught.value)


def test_a_login_is_not_printed() -> None:
    assert "canary" not in repr(read_proxy("http://me-canary:canary@proxy:1"))
