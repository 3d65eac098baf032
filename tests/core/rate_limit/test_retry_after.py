import math
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core.rate_limit.retry_after import read_retry_after
from tests.core.samples import NOW

AT = "Tue, 10 Jun 2025 20:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("30", 30.0, id="seconds"),
        pytest.param(" 30 ", 30.0, id="with white space"),
        pytest.param("0", 0.0, id="zero"),
        pytest.param("-5", -5.0, id="negative"),
        pytest.param("1.5", 1.5, id="a fraction"),
        pytest.param("315360000", 315360000.0, id="ten years"),
        pytest.param("120, 120", 120.0, id="doubled"),
        pytest.param("soon, 120, 60", 120.0, id="the first number"),
        pytest.param('"120"', 120.0, id="quoted"),
        pytest.param("30s", 30.0, id="with a unit"),
        pytest.param("30 seconds", 30.0, id="with a word"),
        pytest.param("1m30s", 90.0, id="with two units"),
        pytest.param("PT30S", 30.0, id="a duration"),
        pytest.param("PT1H2M", 3720.0, id="a longer duration"),
        pytest.param("1749585645", 45.0, id="since 1970"),
        pytest.param("1749585645000", 45.0, id="in milliseconds since 1970"),
        pytest.param("Tue, 10 Jun 2025 20:00:45 GMT", 45.0, id="a date"),
        pytest.param(", ".join(["Tue, 10 Jun 2025 20:00:45 GMT"] * 2), 45.0, id="a date, doubled"),
        pytest.param("Tuesday, 10-Jun-25 20:00:45 GMT", 45.0, id="an RFC 850 date"),
        pytest.param("Tue Jun 10 20:00:45 2025", 45.0, id="an asctime date"),
        pytest.param("Tue, 10 Jun 2025 22:00:45 +0200", 45.0, id="a date in another zone"),
        pytest.param("Tue, 10 Jun 2025 19:59:00 GMT", -60.0, id="a date gone by"),
        pytest.param("2025-06-10T20:00:45Z", None, id="an ISO date"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="empty"),
        pytest.param("0x10", None, id="hexadecimal"),
        pytest.param("PT", None, id="a duration of nothing"),
        pytest.param("nan", None, id="nan"),
        pytest.param("inf", None, id="infinity"),
        pytest.param("9" * 400, None, id="more digits than a float holds"),
        pytest.param("Tue, 99 Jun 2025 20:00:45 GMT", None, id="no such day"),
        pytest.param(None, None, id="missing"),
    ],
)
@pytest.mark.parametrize("server_now", [AT, None, "", "yesterday"], ids=["", "no Date", "empty Date", "odd Date"])
def test_every_form_is_read_or_ignored(value: str | None, seconds: float | None, server_now: str | None) -> None:
    assert read_retry_after(value, server_now, NOW) == seconds


@pytest.mark.parametrize("skew", [timedelta(hours=-3), timedelta(0), timedelta(days=400)])
def test_a_date_is_compared_with_the_clock_of_the_server(skew: timedelta) -> None:
    assert read_retry_after("Tue, 10 Jun 2025 20:00:45 GMT", AT, NOW + skew) == 45.0


WORDS = st.sampled_from(
    ["Tue,", "10", "Jun", "2025", "20:00:45", "GMT", "+9999", "-0000", ":", "-", "99999999999", "0"]
)
NEAR_DATES = st.lists(WORDS, max_size=8).map(" ".join)


@given(value=NEAR_DATES | st.text(), server_now=st.none() | NEAR_DATES | st.text())
@example(value="Tue, 31 Dec 9999 23:59:59 -2359", server_now="Mon, 01 Jan 0001 00:00:00 +2359")
def test_any_text_is_a_finite_number_or_none(value: str, server_now: str | None) -> None:
    seconds = read_retry_after(value, server_now, NOW)
    assert seconds is None or math.isfinite(seconds)
