"""Each reader of a single value, as a table: what it takes, what it gives, and what becomes None."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from syncd.core.reading import values
from tests.core.reading.strategies import JSON

UUID_TEXT = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
MOMENT = datetime(2025, 6, 10, 19, 5, 7, 616000, tzinfo=UTC)
NEITHER: list[Any] = [None, True, [], {}]
"""Values that no reader of texts and numbers takes."""

written_number = partial(values.number, from_text=True)
clock = partial(values.moment, from_number=True)
below_a = partial(lambda read, value: read(value, "a", "b"), values.child)
a_or_b = partial(lambda read, value: read(value, "a", "b"), values.pick)

Reader = Callable[[Any], Any]
TABLE: dict[Reader, list[tuple[Any, Any]]] = {
    values.as_object: [({"a": 1}, {"a": 1}), ({}, {}), ([], None), ("{}", None), (None, None)],
    values.objects: [([{"a": 1}, 2, [], {}], [{"a": 1}, {}]), ({"a": {}}, []), ("text", []), (None, [])],
    below_a: [({"a": {"b": 0}}, 0), ({"a": {}}, None), ({"a": [1]}, None), ([], None), (None, None)],
    a_or_b: [({"a": 0, "b": 1}, 0), ({"a": None, "b": ""}, ""), ({"c": 1}, None), (["a"], None), (None, None)],
    values.boolean: [(True, True), (False, False), (1, None), ("true", None), (None, None)],
    values.flag: [
        (True, True), (False, False), ("true", True), (" False ", False), (1, True), (0, False),
        (2, None), ("yes", None), (1.0, None), ([], None), (None, None),
    ],
    values.number: [
        (1.5, 1.5), (-2, -2.0), (0, 0.0), (2**70, float(2**70)), (10**400, None), (math.nan, None), (math.inf, None),
        ("1.5", None), (True, None), ([1], None), (None, None),
    ],
    written_number: [
        (1.5, 1.5), (-2, -2.0), (" 1.5\x1f", 1.5), ("+.5e1", 5.0), ("7.", 7.0), ("0" * 60, 0.0), ("0" * 61, None),
        ("1e999", None), ("nan", None), ("1_000", None), ("٣", None), ("", None), (10**400, None), (True, None),
        (None, None),
    ],
    values.positive_integer: [
        (3, 3), ("3", 3), (3.0, 3), (" 3.0 ", 3), ("3\x1f", 3), (3.5, None), (0, None), (-1, None), (True, None),
        (2**31 - 1, 2**31 - 1), (2**31, None), ("9999999999", None), (10**400, None), (math.nan, None),
        (math.inf, None), ("٣", None), ("three", None), (None, None),
    ],
    values.confidence: [
        (0, 0.0), (1, 1.0), ("0.25", 0.25), (1.001, 1.0), (1.002, None), (-0.1, None), ("sure", None), (None, None),
    ],
    values.relative: [({"relative": 1.5, "absolute": "x"}, 1.5), ({}, None), (1.5, 1.5), ([1], [1]), (None, None)],
    values.seconds: [
        (1.5, 1.5), ("1.5", 1.5), (-86_400, -86_400.0), (-86_401, None), (2_592_000, 2_592_000.0), (2_592_001, None),
        ("soon", None), (None, None),
    ],
    values.milliseconds: [(1500, 1.5), ("240", 0.24), (2_592_000_001, None), ("soon", None), (None, None)],
    values.moment: [
        ("2025-06-10T19:05:07.616Z", MOMENT), ("2025-06-10T19:05:07.616000Z", MOMENT),
        ("2025-06-10T19:05:07Z", MOMENT.replace(microsecond=0)), ("2025-06-10T21:05:07.616+02:00", MOMENT),
        ("2025-06-11T09:05:07.616+14:00", MOMENT), ("2025-06-10T19:05:07.616", MOMENT),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)), ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+14:00", None), ("0000-01-01T00:00:00Z", None), ("2016-12-31T23:59:60Z", None),
        ("infinity", None), ("", None), ("\ud800", None), (1749582307, None), (None, None),
    ],
    clock: [
        ("2025-06-10T19:05:07.616Z", MOMENT), (1749582307.616, MOMENT), (1749582307616, MOMENT),
        (1e9, datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)), (999_999_999, None), (1e10, None), (1e13, None),
        (1.5, None), (10**400, None), ("1749582307", None), (True, None), (None, None),
    ],
    values.text: [("a", "a"), (" ", " "), ("", ""), (5, None), (["a"], None), (None, None)],
    values.stripped: [(" a b\n", "a b"), (" ", None), ("", None), (5, None), (["a"], None), (None, None)],
    values.id_text: [
        ("a", "a"), (" ", " "), ("", ""), (100, "100"), (1.0, "1.0"), (1.5, "1.5"), (10**30, "1" + "0" * 30),
        *((value, None) for value in NEITHER),
    ],
    values.label: [
        (" A ", "A"), ("", None), (0, "0"), (-1, "-1"), (1.0, "1"), (1.5, None), (math.inf, None), (math.nan, None),
        (10**18 - 1, "9" * 18), (10**18, None), (1e300, None), *((value, None) for value in NEITHER),
    ],
    values.channel: [
        (0, "0"), ("1", "1"), ("ch_0", "0"), ("Channel 12", "12"), ("channel-3", "3"), (1.0, "1"), ("agent_1", None),
        ("", None), ("left", None), (-1, None), *((value, None) for value in NEITHER),
    ],
    values.setting_name: [
        ("en", "en"), (" en", " en"), (" ", None), (0, "0"), (2**63 - 1, str(2**63 - 1)), (2**63, None), (1.5, None),
        *((value, None) for value in NEITHER),
    ],
    values.setting_names: [
        ("en-US, de-DE,", ("en-US", "de-DE")), (["a", None, " ", 3, " b"], ("a", "b")), ([], ()), ("true", None),
        ("", None), (" , ", None), ({"a": "b"}, None), (None, None),
    ],
    values.uuid: [
        (UUID_TEXT, UUID(UUID_TEXT)), (UUID_TEXT.upper(), UUID(UUID_TEXT)), ("not a uuid", None), ("", None),
        (5, None), (None, None),
    ],
    values.key: [("a", "a"), ("", ""), (5, 5), (1.5, 1.5), *((value, None) for value in NEITHER)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "value", "expected"), [(read, value, found) for read, rows in TABLE.items() for value, found in rows]
)
def test_a_value_is_read_or_none(read: Reader, value: Any, expected: Any) -> None:
    found = read(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2025-06-10T19:00:00Z", "2025-06-10T19:01:00.500Z", 60.5),
        ("2025-06-10T19:00:00Z", "2025-06-10T19:00:00Z", 0.0),
        ("2025-06-10T19:01:00Z", "2025-06-10T19:00:00Z", None),
        (None, "2025-06-10T19:00:00Z", None),
        ("2025-06-10T19:00:00Z", 5, None),
    ],
)
def test_seconds_between_two_times(begin: Any, end: Any, expected: float | None) -> None:
    assert values.seconds_between(begin, end) == expected


@given(value=JSON)
def test_no_reader_raises_and_times_are_in_utc(value: Any) -> None:
    for read in TABLE:
        read(value)
    found = clock(value)
    assert found is None or found.utcoffset() == timedelta(0)
