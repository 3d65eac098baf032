import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd import log
from syncd.log import REMOVED, Scrubber

KEY = "canary-key-0123456789abcdef"
DSN = "postgresql://syncd:canary-pa%23sword@db.example:5432/recall"
LINK = "https://b.s3.amazonaws.com/k.json?X-Amz-Signature=canary&X-Amz-Security-Token=canary%2B"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What stands for standard error; after the test the logging of before is given back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in log._QUIET_LOGGERS}
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def configure(stream: io.StringIO, level: str, style: Any, secrets: list[str]) -> None:
    with redirect_stderr(stream):
        log.configure(level, style, secrets)


def refuse_constant(name: str) -> None:
    raise ValueError(name)


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    """Every line as strict JSON."""
    return [json.loads(line, parse_constant=refuse_constant) for line in stream.getvalue().splitlines()]


def test_a_json_line_says_when_how_bad_and_what(stream: io.StringIO) -> None:
    configure(stream, "info", "json", [])
    log.get_logger("syncd.x").info("stored", byte_count=5, ratio=0.5, kind="é", none=None, deep={"a": [1, True]})
    (event,) = events(stream)
    moment = event.pop("timestamp")
    assert moment.endswith("Z")
    assert event == {
        "event": "stored",
        "level": "info",
        "byte_count": 5,
        "ratio": 0.5,
        "kind": "é",
        "none": None,
        "deep": {"a": [1, True]},
    }
    assert stream.getvalue().isascii()


def test_a_console_line_is_for_people(stream: io.StringIO) -> None:
    configure(stream, "info", "console", [])
    log.get_logger("syncd.x").warning("the look failed", reason="Recall é", n=5)
    line = stream.getvalue()
    assert line[8:] == " warning the look failed  reason=Recall é n=5\n"
    assert line[2] == line[5] == ":"


@pytest.mark.parametrize(("is_terminal", "starts"), [(True, "2"), (False, "{")])
def test_auto_means_for_people_on_a_terminal(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, is_terminal: bool, starts: str
) -> None:
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    configure(stream, "info", "auto", [])
    log.get_logger("x").info("y")
    assert (stream.getvalue()[0] == "{") == (starts == "{")


def test_lines_below_the_level_are_not_written(stream: io.StringIO) -> None:
    configure(stream, "warning", "json", [])
    log.get_logger("x").info("no")
    logging.getLogger("somebody").info("no")
    log.get_logger("x").warning("yes")
    assert [event["event"] for event in events(stream)] == ["yes"]


def test_libraries_are_quiet_until_something_is_wrong(stream: io.StringIO) -> None:
    configure(stream, "debug", "json", [])
    for name in ("httpx", "httpcore.http11", "sqlalchemy.engine", "apscheduler.scheduler", "alembic.runtime"):
        logging.getLogger(name).warning("HTTP Request: GET %s", LINK)
        logging.getLogger(name).error("wrong: GET %s", LINK)
    assert [event["event"] for event in events(stream)] == [
        f"wrong: GET https://b.s3.amazonaws.com/k.json?{REMOVED}"
    ] * 5


def leak(link: str) -> None:
    """Fails with every secret in its message, in its cause and in its local variables."""
    key = KEY
    try:
        raise ValueError(f"{key} at {link}")
    except ValueError as error:
        raise RuntimeError(f"could not reach {DSN}") from error


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_secret_comes_through_anywhere(stream: io.StringIO, style: Any) -> None:
    configure(stream, "debug", style, [KEY, DSN])
    logger = log.get_logger("x")
    structlog.contextvars.bind_contextvars(bound=KEY)
    logger.info(f"asked {LINK}", key=KEY, dsn=DSN, link=LINK, raw=KEY.encode(), error=ValueError(KEY))
    logger.warning("deep", deep={"a": [(KEY, {LINK: DSN})], KEY: 1, "set": {KEY}})
    logging.getLogger("somebody").error("foreign %s %r", LINK, {"Authorization": f"Token {KEY}"})
    logging.getLogger("somebody").error("password canary-pa#sword and canary-pa%23sword")
    for broken in (logger.exception, logging.getLogger("somebody").exception):
        try:
            leak(LINK)
        except RuntimeError:
            broken("unexpected error")
    structlog.contextvars.clear_contextvars()
    text = stream.getvalue()
    assert "canary" not in text
    assert REMOVED in text
    assert "RuntimeError" in text
    if style == "json":
        assert len(events(stream)) == 6


FORGERY = 'Ada\n{"event": "forged"}\r12:00:00 info    forged\x1b[2K\u2028\x85\u202e\x00\ud800'


def test_control_characters_cannot_forge_a_json_line(stream: io.StringIO) -> None:
    configure(stream, "info", "json", [])
    log.get_logger("x").info(FORGERY, name=FORGERY, **{FORGERY: [FORGERY]})
    (event,) = events(stream)
    assert event["event"] == event["name"] == FORGERY
    assert stream.getvalue().rstrip("\n").isprintable()


def test_control_characters_cannot_forge_a_console_line(stream: io.StringIO) -> None:
    configure(stream, "info", "console", [])
    log.get_logger("x").info(FORGERY, name=FORGERY, **{FORGERY: [FORGERY]})
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().rstrip("\n").isprintable()


def test_the_text_of_an_exception_cannot_forge_a_console_line(stream: io.StringIO) -> None:
    configure(stream, "info", "console", [])
    try:
        raise ValueError(FORGERY)
    except ValueError:
        log.get_logger("x").exception("unexpected error")
    first, *rest = stream.getvalue().rstrip("\n").split("\n")
    assert first.endswith("unexpected error")
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_json_has_not_is_written_as_text(stream: io.StringIO, number: float) -> None:
    configure(stream, "info", "json", [])
    log.get_logger("x").info("x", number=number, deep=[number])
    assert events(stream)[0]["number"] == str(number)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=8,
)


@given(value=VALUES, what=st.text(st.characters(exclude_categories=())))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("style", ["json", "console"])
def test_any_event_is_one_line(stream: io.StringIO, style: Any, value: Any, what: str) -> None:
    stream.seek(0)
    stream.truncate()
    configure(stream, "info", style, [])
    log.get_logger("x").info(what, value=value)
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    if style == "json":
        assert events(stream)[0]["level"] == "info"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("GET https://h/p?a=canary HTTP/1.1", f"GET https://h/p?{REMOVED} HTTP/1.1"),
        ("see HTTPS://H/p?Signature=canary.", f"see HTTPS://H/p?{REMOVED}"),
        ('<a href="https://h/p?canary">', f'<a href="https://h/p?{REMOVED}">'),
        ("postgresql://u:canary@h/d", f"postgresql://u:{REMOVED}@h/d"),
        ("postgresql://u:can ary@h/d", f"postgresql://u:{REMOVED}@h/d"),
        ("postgresql://u:c@nary@h/d", f"postgresql://u:{REMOVED}@h/d"),
        ("postgresql+psycopg://u:can/ary@h/d", f"postgresql+psycopg://u:{REMOVED}@h/d"),
        ("postgresql://h/d?password=canary", f"postgresql://h/d?{REMOVED}"),
        ("host=h password=canary user=u", f"host=h password={REMOVED} user=u"),
        ("password = 'canary'", f"password = '{REMOVED}'"),
        ("Authorization: Token canary0", f"Authorization: Token {REMOVED}"),
        ("Authorization: canary", f"Authorization: {REMOVED}"),
        ("{'Authorization': 'Token canary'}", f"{{'Authorization': '{REMOVED}'}}"),
        ('{"api_key": "canary", "a": 1}', f'{{"api_key": "{REMOVED}", "a": 1}}'),
        ("SYNCD_API_KEY=canary", f"SYNCD_API_KEY={REMOVED}"),
        ("Token canary0123", f"Token {REMOVED}"),
        ("Bearer canary0123", f"Bearer {REMOVED}"),
        ("GET /k.json?a=1&X-Amz-Signature=canary&b=2", f"GET /k.json?a=1&X-Amz-Signature={REMOVED}&b=2"),
    ],
)
def test_what_looks_like_a_secret_is_removed(text: str, scrubbed: str) -> None:
    assert Scrubber().scrub(text) == scrubbed
    assert Scrubber().scrub(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        'FATAL:  password authentication failed for user "syncd"',
        "Recall refused the API key (401). Check SYNCD_API_KEY, and that SYNCD_REGION is the key's own region.",
        "SYNCD_API_KEY: must be printable ASCII without spaces",
        "SYNCD_DATABASE_URL: must look like a URL",
        "the token bucket is exhausted",
        "connection to server at 127.0.0.1, port 5432 failed: Connection refused",
        "https://us-east-1.recall.ai and http://h:8080/path, mail a@b",
        "postgresql://syncd@db.example:5432/recall",
        "",
    ],
)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert Scrubber().scrub(text) == text


def test_a_secret_is_removed_whole_even_where_another_is_part_of_it() -> None:
    assert Scrubber(["abcd", "abcdefgh"]).scrub("abcdefgh abcd") == f"{REMOVED} {REMOVED}"


@pytest.mark.parametrize(
    "dsn",
    [
        "host=h password=canary-pass dbname=d",
        "host=h password = 'canary-pass' dbname=d",
        "host=h password='canary\\-pass'",
        "postgresql://h/d?password=canary%2Dpass&sslmode=require",
        "postgresql://u:canary%2Dpass@h1,h2/d",
    ],
)
def test_a_password_is_removed_in_whichever_form_the_connection_string_has_it(dsn: str) -> None:
    assert Scrubber([dsn]).scrub("the server says canary-pass is wrong") == f"the server says {REMOVED} is wrong"


def test_a_secret_too_short_to_tell_from_a_word_is_not_looked_for() -> None:
    assert Scrubber(["abc", ""]).scrub("abc") == "abc"
    assert Scrubber(["postgresql://syncd:syncd@h/d"]).scrub("syncd started") == "syncd started"


@pytest.mark.parametrize(
    "piece", ["a", "a:", "://", "http://", "token ", "password=", "x@", "\x00", "é ", "{'secret': "]
)
def test_the_work_grows_with_a_text_and_not_with_its_square(piece: str) -> None:
    def work_s(length: int) -> float:
        begun = time.thread_time()
        Scrubber([KEY]).scrub(piece * (length // len(piece)))
        return time.thread_time() - begun

    assert (
        min(work_s(64_000) for _ in range(3)) < 40 * work_s(4_000) + 0.1
    )  # 16 times as long; its square would be 256 times
