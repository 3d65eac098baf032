"""Where in a part the message of a provider may be."""

from typing import Any

import pytest

from syncd.core.reading.vendors.envelope import messages


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param("plain text", [], id="text"),
        pytest.param('{"cut": ', [], id="text that only begins like JSON"),
        pytest.param([{"n": 1}], [{"results": [{"n": 1}]}, {"n": 1}], id="a list of one"),
        pytest.param([1, 2], [{"results": [1, 2]}], id="a list of several"),
        pytest.param({"payload": {"n": 1}}, [{"n": 1}], id="a payload"),
        pytest.param({"body": '{"n": 1}', "url": "u"}, [{"n": 1}, {"url": "u"}], id="a body written as text"),
    ],
)
def test_the_likeliest_message_comes_first(data: Any, found: list[dict[str, Any]]) -> None:
    assert list(messages(data)) == found


def test_an_envelope_is_opened_in_so_many_places_and_no_more() -> None:
    leaf: dict[str, Any] = {"n": 1}
    inner = dict.fromkeys(("data", "result", "event", "detail", "message", "content", "response"), leaf)
    outer = dict.fromkeys(("data", "result", "event", "detail", "message", "content", "response"), inner)
    assert len(list(messages({"payload": outer}))) == 40
