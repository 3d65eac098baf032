"""What can go wrong on purpose. Everything is off by default."""

from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from recall_emulator.checks import Bytes, Count, Range, Seconds, check_fields

RetryAfter = Literal["seconds", "date", "missing", "zero", "negative", "fractional", "huge", "garbage"]
Cut = Literal["length", "close", "gzip", "chunked"]
Side = Literal["both", "api", "files"]
Status = Annotated[int, Range(200, 599)]

RETRY_AFTER_FORMS: tuple[RetryAfter, ...] = get_args(RetryAfter)
CUTS: tuple[Cut, ...] = get_args(Cut)

_COUNT = {"range": Range(0, 10**9)}


def _help(what: str) -> dict[str, str]:
    return {"help": what}


def _every(what: str) -> int:
    return field(default=0, metadata=_help(f"Each Nth request: {what}.") | _COUNT)


def _first(what: str) -> int:
    text = f"The first K requests of each transcript, of the list and of each file: {what}."
    return field(default=0, metadata=_help(text) | _COUNT)


@dataclass(frozen=True)
class Faults:
    """Faults of one emulator, or of one scenario.

    `<kind>_every=N` hits each Nth request of a listener that gets as far as that fault; `<kind>_first=K` hits the
    first K requests of each transcript or recording (API), of the list, and of each file. Zero is off. Several
    `first`s of different kinds are applied one after another. Raises ValueError for a field that holds what it must
    not.
    """

    throttle_every: int = _every("429")
    throttle_first: int = _first("429")
    retry_after: RetryAfter = field(default="seconds", metadata=_help("How a 429 made by a fault words Retry-After."))
    retry_after_seconds: Count = field(
        default=1, metadata=_help("Seconds in Retry-After, for the forms seconds and date.")
    )
    error_every: int = _every("a 5xx with an HTML body")
    error_first: int = _first("a 5xx with an HTML body")
    error_status: Status = field(
        default=503, metadata=_help("Status of error faults: 500, 502, 503, 504 or any other from 200 to 599.")
    )
    waf_every: int = _every("the 403 HTML page of the edge")
    waf_first: int = _first("the 403 HTML page of the edge")
    payment_required_every: int = _every("402")
    payment_required_first: int = _first("402")
    reset_every: int = _every("the connection is reset (RST) instead of an answer")
    reset_first: int = _first("the connection is reset (RST) instead of an answer")
    html_every: int = _every("200 with an HTML login page")
    html_first: int = _first("200 with an HTML login page")
    empty_200_every: int = _every("200 with an empty body")
    empty_200_first: int = _first("200 with an empty body")
    wrong_json_shape_every: int = _every("200 with valid JSON of a wrong shape")
    wrong_json_shape_first: int = _first("200 with valid JSON of a wrong shape")
    slow_headers_every: int = _every("the head of the answer comes a byte at a time")
    slow_headers_first: int = _first("the head of the answer comes a byte at a time")
    slow_body_every: int = _every("the body comes a byte at a time")
    slow_body_first: int = _first("the body comes a byte at a time")
    drip_seconds: Seconds = field(default=0.05, metadata=_help("Seconds between two bytes of a slow answer."))
    truncate_every: int = _every("the body is cut in the middle")
    truncate_first: int = _first("the body is cut in the middle")
    truncate_how: Cut = field(
        default="length", metadata=_help("A cut body has: a longer Content-Length, none (close), gzip, or chunks.")
    )
    listener: Side = field(
        default="both",
        metadata=_help(
            "Where error, reset, html, empty, wrong shape, slow and cut faults apply: both, api or files."
        ),
    )
    gzip: bool = field(default=False, metadata=_help("Files are stored with Content-Encoding: gzip."))
    double_gzip_every: int = _every("a file encoded gzip, gzip")
    double_gzip_first: int = _first("a file encoded gzip, gzip")
    gzip_bomb_every: int = _every("a small gzip file that grows without measure")
    gzip_bomb_first: int = _first("a small gzip file that grows without measure")
    gzip_bomb_bytes: Bytes = field(default=200_000_000, metadata=_help("Decoded size of a gzip bomb."))
    redirect_files_to: str | None = field(default=None, metadata=_help("Answer file requests with 307 to this URL."))
    session_died_every: int = _every("400 ExpiredToken from the file store")
    session_died_first: int = _first("400 ExpiredToken from the file store")
    link_expired_every: int = _every("403 Request has expired from the file store")
    link_expired_first: int = _first("403 Request has expired from the file store")
    slow_down_every: int = _every("503 SlowDown from the file store")
    slow_down_first: int = _first("503 SlowDown from the file store")
    foreign_next: str | None = field(
        default=None, metadata=_help("Origin to put into the list's next, for example http://127.0.0.1:9.")
    )
    looping_next: bool = field(default=False, metadata=_help("The list's next leads to the same page, for ever."))
    odd_entry_every: int = _every("a page of the list has a string for its first transcript")
    odd_entry_first: int = _first("a page of the list has a string for its first transcript")
    double_entry_every: int = _every("a page of the list has its first transcript twice")
    double_entry_first: int = _first("a page of the list has its first transcript twice")
    short_page_every: int = _every("a page of the list ends in the middle, and says that it is the last")
    short_page_first: int = _first("a page of the list ends in the middle, and says that it is the last")
    stale_page_every: int = _every("a page of the list shows what was true before")
    stale_page_first: int = _first("a page of the list shows what was true before")
    stale_seconds: Seconds = field(default=60.0, metadata=_help("How old a stale page is."))
    foreign_page_every: int = _every("a page of the list shows the transcripts of the other workspaces")
    foreign_page_first: int = _first("a page of the list shows the transcripts of the other workspaces")
    not_found_every: int = _every("404, as for what is not there")
    not_found_first: int = _first("404, as for what is not there")

    def __post_init__(self) -> None:
        check_fields(self)
        target = self.redirect_files_to or ""
        if not (target.isascii() and target.isprintable()):
            raise ValueError(f"redirect_files_to must be a URL in ASCII, not {target!r}")
