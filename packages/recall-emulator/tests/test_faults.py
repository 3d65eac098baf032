import gzip
import json
import time
import zlib
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.fault_injection import gzip_bomb

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]
Links = Callable[..., dict[str, str]]


@pytest.fixture
def retrieved(emulate: Emulate, ask: Ask) -> Callable[..., httpx.Response]:
    """Retrieve a done transcript once from an emulator with the faults given."""

    def call(**faults: Any) -> httpx.Response:  # fields of Faults, each of its own type
        emulator = emulate(faults=Faults(**faults))
        return ask(emulator, emulator.add(Scenario()))

    return call


@pytest.fixture
def downloaded(emulate: Emulate, links: Links, client: httpx.Client) -> Callable[..., httpx.Response]:
    """Download a transcript once from an emulator with the faults given."""

    def call(**faults: Any) -> httpx.Response:  # fields of Faults, each of its own type
        emulator = emulate(faults=Faults(**faults))
        return client.get(links(emulator, emulator.add(Scenario(words=40)))["download_url"])

    return call


def statuses(emulator: Emulator, listener: str = "api") -> list[int]:
    return [request.status for request in emulator.requests() if request.listener == listener]


def test_every_nth_request_meets_the_fault(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(error_every=3))
    transcript_id = emulator.add(Scenario())
    assert [ask(emulator, transcript_id).status_code for _ in range(6)] == [200, 200, 503, 200, 200, 503]
    assert [request.fault for request in emulator.requests()] == [None, None, "error"] * 2


def test_the_first_requests_of_each_transcript_meet_the_fault(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(error_first=2, error_status=502))
    one, two = emulator.add(Scenario()), emulator.add(Scenario())
    asked = [one, two, one, one, two, two]
    assert [ask(emulator, each).status_code for each in asked] == [502, 502, 502, 200, 502, 200]


def test_each_file_and_the_list_count_for_themselves(
    emulate: Emulate, ask: Ask, links: Links, client: httpx.Client
) -> None:
    emulator = emulate(faults=Faults(error_first=1, listener="files"))
    found = links(emulator, emulator.add(Scenario()))
    answers = [client.get(found[name]).status_code for name in found for _ in range(2)]
    assert answers == [503, 200, 503, 200]
    emulator = emulate(faults=Faults(error_first=1, listener="api"))
    assert [ask(emulator).status_code for _ in range(2)] == [503, 200]


def test_several_kinds_are_applied_one_after_another(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(waf_first=1, error_first=1, throttle_first=1, payment_required_first=1))
    transcript_id = emulator.add(Scenario())
    assert [ask(emulator, transcript_id).status_code for _ in range(5)] == [403, 503, 429, 402, 200]


def test_several_sets_of_faults_can_hold_at_once(
    emulate: Emulate, links: Links, client: httpx.Client, ask: Ask
) -> None:
    emulator = emulate(
        faults=(Faults(error_first=1, listener="api"), Faults(error_first=1, error_status=500, listener="files"))
    )
    transcript_id = emulator.add(Scenario())
    assert ask(emulator, transcript_id).status_code == 503
    url = links(emulator, transcript_id)["download_url"]
    assert [client.get(url).status_code for _ in range(2)] == [500, 200]


def test_a_scenario_may_have_faults_of_its_own(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    spoiled, good = emulator.add(Scenario(faults=Faults(error_every=1))), emulator.add(Scenario())
    assert [ask(emulator, each).status_code for each in (spoiled, good, spoiled)] == [503, 200, 503]


def test_scenarios_that_share_faults_count_apart(emulate: Emulate, ask: Ask) -> None:
    emulator, faults = emulate(), Faults(error_every=2)
    one, two = (emulator.add(Scenario(faults=faults)) for _ in range(2))
    assert [ask(emulator, each).status_code for each in (one, two, one, two)] == [200, 200, 503, 503]


def test_standing_faults_hold_in_any_set(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=(Faults(error_first=0), Faults(gzip=True, truncate_first=1, listener="files")))
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(url)
    assert client.get(url).headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("seconds", "7"),
        ("missing", None),
        ("zero", "0"),
        ("negative", "-5"),
        ("fractional", "1.5"),
        ("huge", "315360000"),
        ("garbage", "soon; 0x10"),
    ],
)
def test_retry_after_comes_in_all_forms(
    retrieved: Callable[..., httpx.Response], form: str, expected: str | None
) -> None:
    answer = retrieved(throttle_every=1, retry_after=form, retry_after_seconds=7)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == expected
    assert "Expected available in 7 seconds." in answer.json()["detail"]


def test_retry_after_may_be_a_date(retrieved: Callable[..., httpx.Response]) -> None:
    answer = retrieved(throttle_every=1, retry_after="date", retry_after_seconds=3600)
    until = parsedate_to_datetime(answer.headers["Retry-After"]) - parsedate_to_datetime(answer.headers["Date"])
    assert 3540 <= until.total_seconds() <= 3602


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_have_html_bodies(retrieved: Callable[..., httpx.Response], status: int) -> None:
    answer = retrieved(error_every=1, error_status=status)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_the_firewall_answers_html(retrieved: Callable[..., httpx.Response]) -> None:
    answer = retrieved(waf_every=1)
    assert answer.status_code == 403
    assert "<H1>403 ERROR</H1>" in answer.text


def test_payment_may_be_required(retrieved: Callable[..., httpx.Response]) -> None:
    assert retrieved(payment_required_every=1).status_code == 402


@pytest.mark.parametrize("side", ["retrieved", "downloaded"])
def test_200_may_hold_anything(side: str, request: pytest.FixtureRequest) -> None:
    call: Callable[..., httpx.Response] = request.getfixturevalue(side)
    on = "api" if side == "retrieved" else "files"
    html = call(html_every=1, listener=on)
    assert (html.status_code, html.text[:15]) == (200, "<!doctype html>")
    empty = call(empty_200_every=1, listener=on)
    assert (empty.status_code, empty.content) == (200, b"")
    odd = call(wrong_json_shape_every=1, listener=on)
    assert odd.status_code == 200
    assert isinstance(odd.json(), str)


@pytest.mark.parametrize("side", ["retrieved", "downloaded"])
def test_a_connection_may_be_reset(side: str, request: pytest.FixtureRequest) -> None:
    call: Callable[..., httpx.Response] = request.getfixturevalue(side)
    with pytest.raises(httpx.ReadError, match="reset"):
        call(reset_every=1, listener="api" if side == "retrieved" else "files")


def test_a_reset_is_in_the_request_log_with_status_0(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(reset_first=1))
    with pytest.raises(httpx.ReadError):
        ask(emulator)
    assert ask(emulator).status_code == 200
    assert statuses(emulator) == [0, 200]


@pytest.mark.parametrize("how", ["length", "chunked"])
def test_a_cut_that_http_can_see_is_an_error(downloaded: Callable[..., httpx.Response], how: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        downloaded(truncate_every=1, truncate_how=how, listener="files")


@pytest.mark.parametrize("how", ["close", "gzip"])
def test_a_cut_that_http_cannot_see_is_a_200(downloaded: Callable[..., httpx.Response], how: str) -> None:
    answer = downloaded(truncate_every=1, truncate_how=how, listener="files")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_slow_headers_come_a_byte_at_a_time(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(slow_headers_every=1, drip_seconds=0.002, listener="files"))
    url = links(emulator, emulator.add(Scenario(payload=b"[]")))["download_url"]
    begun = time.monotonic()
    answer = client.get(url)
    assert answer.status_code == 200
    assert time.monotonic() - begun > 0.002 * 200  # the head is longer than 200 bytes


def test_a_slow_body_comes_a_byte_at_a_time(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(slow_body_every=1, drip_seconds=600, listener="files"))
    url = links(emulator, emulator.add(Scenario(payload=b"[1,2]")))["download_url"]
    with client.stream("GET", url) as answer:
        assert next(answer.iter_raw()) == b"["


def test_a_stopping_emulator_does_not_wait_for_slow_answers(emulate: Emulate, links: Links) -> None:
    emulator = emulate(faults=Faults(slow_body_every=1, drip_seconds=600, listener="files"))
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    with httpx.Client(trust_env=False, timeout=60) as client, client.stream("GET", url) as answer:
        begun = time.monotonic()
        emulator.stop()
        assert time.monotonic() - begun < 60
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()


def test_gzip_may_be_stacked(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(double_gzip_every=1))
    transcript_id = emulator.add(Scenario())
    with client.stream("GET", links(emulator, transcript_id)["download_url"]) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == "gzip, gzip"
    assert gzip.decompress(gzip.decompress(raw)) == emulator.expected(transcript_id).transcript


def test_a_gzip_bomb_is_small_on_the_wire(emulate: Emulate, links: Links, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(gzip_bomb_every=1, gzip_bomb_bytes=20_000_000))
    with client.stream("GET", links(emulator, emulator.add(Scenario()))["download_url"]) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(raw) < 50_000
    unpacker, grown = zlib.decompressobj(31), 0
    while piece := unpacker.decompress(raw, 1_000_000):
        grown += len(piece)
        raw = unpacker.unconsumed_tail
    assert grown == 20_000_000


def test_a_bomb_may_have_any_size() -> None:
    assert len(gzip.decompress(gzip_bomb(1_234_567))) == 1_234_567


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("session_died", 400, "ExpiredToken"), ("link_expired", 403, "AccessDenied"), ("slow_down", 503, "SlowDown")],
)
def test_the_file_store_has_faults_of_its_own(
    emulate: Emulate, links: Links, client: httpx.Client, kind: str, status: int, code: str
) -> None:
    faults: dict[str, Any] = {f"{kind}_first": 1}  # fields of Faults, each of its own type
    emulator = emulate(faults=Faults(**faults))
    url = links(emulator, emulator.add(Scenario()))["download_url"]
    answer = client.get(url)
    assert answer.status_code == status
    assert f"<Code>{code}</Code>" in answer.text
    assert client.get(url).status_code == 200


def test_files_may_be_elsewhere(downloaded: Callable[..., httpx.Response]) -> None:
    answer = downloaded(redirect_files_to="http://169.254.169.254/latest/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://169.254.169.254/latest/")


def test_no_fault_is_injected_by_itself(emulate: Emulate, ask: Ask, links: Links, client: httpx.Client) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    for _ in range(30):
        assert client.get(links(emulator, transcript_id)["download_url"]).status_code == 200
    assert ask(emulator).status_code == 200
    assert {request.fault for request in emulator.requests()} == {None}
