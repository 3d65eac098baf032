"""Choosing the fault that a request meets, and making it an answer."""

import gzip
import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

from recall_emulator.faults import Faults
from recall_emulator.http1 import Answer, html_answer, json_answer
from recall_emulator.request_log import Listener
from recall_emulator.timestamps import http_date

_SIDED = ("error", "reset", "html", "empty_200", "wrong_json_shape", "slow_headers", "slow_body", "truncate")
EDGE_KINDS = ("reset", "waf", "error")
API_KINDS = (
    "throttle",
    "payment_required",
    "not_found",
    "html",
    "empty_200",
    "wrong_json_shape",
    "slow_headers",
    "slow_body",
    "truncate",
)
LIST_KINDS = ("odd_entry", "double_entry", "short_page", "stale_page", "foreign_page", *API_KINDS)
FILE_KINDS = (
    "reset", "error", "slow_down", "session_died", "link_expired", "html", "empty_200", "wrong_json_shape",
    "gzip_bomb", "double_gzip", "slow_headers", "slow_body", "truncate",
)  # fmt: skip

WAF_PAGE = (
    "<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>"
    "<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2><HR>Request blocked.</BODY></HTML>"
)
_ODD = "a string where something else belongs"
_LOGIN_PAGE = "<!doctype html><html><head><title>Log in</title></head><body><form>Please log in</form></body></html>"


@dataclass(frozen=True)
class ChosenFault:
    """A chosen fault: its kind, and the settings it came from."""

    kind: str
    faults: Faults


class FaultInjector:
    """Counts requests and says which of them meet a fault. Deterministic for a given order of requests."""

    def __init__(self, faults: tuple[Faults, ...]) -> None:
        self._faults = faults
        self._former: list[tuple[Faults, ...]] = []  # kept, for counts go by identity
        self._seen: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def set_faults(self, faults: tuple[Faults, ...]) -> None:
        """Take these from now on, with counts of their own."""
        with self._lock:
            self._former.append(self._faults)
            self._faults = faults

    def choose(
        self, listener: Listener, kinds: tuple[str, ...], subject: Hashable, own: Faults | None = None
    ) -> ChosenFault | None:
        """Return the fault for a request about a subject, the first of `kinds` that is due; None for none.

        `own` are the faults of the scenario at hand; each subject has its own count of those.
        """
        scope = None if own is None else subject
        with self._lock:
            settings = self._faults if own is None else (own,)
            due = [
                ChosenFault(kind, each)
                for each in settings
                for kind in kinds
                if self._is_due(each, kind, listener, subject, scope)
            ]
            return self._first_of(due, listener, subject)

    def _is_due(self, faults: Faults, kind: str, listener: Listener, subject: Hashable, scope: Hashable) -> bool:
        every: int = getattr(faults, f"{kind}_every")
        first: int = getattr(faults, f"{kind}_first")
        if not (every or first) or (kind in _SIDED and faults.listener not in ("both", listener)):
            return False
        nth = self._count(id(faults), kind, listener, scope) if every else 0
        is_nth = bool(every) and nth % every == 0
        return is_nth or self._seen["first", id(faults), kind, listener, subject] < first

    def _count(self, *key: Hashable) -> int:
        self._seen[key] += 1
        return self._seen[key]

    def _first_of(self, due: list[ChosenFault], listener: Listener, subject: Hashable) -> ChosenFault | None:
        if not due:
            return None
        self._count("first", id(due[0].faults), due[0].kind, listener, subject)
        return due[0]


def replacement(fault: ChosenFault) -> Answer | None:
    """Return the answer that a fault gives instead of the true one; None where it only damages the true one."""
    faults = fault.faults
    answers = {
        "reset": Answer(0, delivery="reset"),
        "waf": html_answer(403, WAF_PAGE),
        "error": html_answer(faults.error_status, _error_page(faults.error_status)),
        "payment_required": json_answer(402, {"code": "payment_required", "detail": "Insufficient balance."}),
        "not_found": json_answer(404, {"detail": "Not found."}),
        "html": html_answer(200, _LOGIN_PAGE),
        "empty_200": Answer(200, (("Content-Type", "application/json"),)),
        "wrong_json_shape": json_answer(200, _ODD),
    }
    if fault.kind == "throttle":
        return replace(throttled(faults.retry_after_seconds, _retry_after(faults)), fault="throttle")
    answer = answers.get(fault.kind)
    return None if answer is None else replace(answer, fault=fault.kind)


def encodes(fault: ChosenFault) -> bool:
    """Tell whether a fault brings a Content-Encoding of its own."""
    return "gzip" in fault.kind or (fault.kind == "truncate" and fault.faults.truncate_how == "gzip")


def damaged(answer: Answer, fault: ChosenFault) -> Answer:
    """Return the true answer, damaged by a fault."""
    faults, kind = fault.faults, fault.kind
    if kind in ("odd_entry", "double_entry", "short_page"):
        return _with_wrong_entries(answer, kind)
    if kind in ("stale_page", "foreign_page"):  # made so by the list itself
        return replace(answer, fault=kind)
    if kind == "truncate":
        return replace(answer, delivery=faults.truncate_how, fault=kind)
    if kind == "slow_headers":
        return replace(answer, delivery="slow_headers", drip_seconds=faults.drip_seconds, fault=kind)
    if kind == "slow_body":
        return replace(answer, delivery="slow_body", drip_seconds=faults.drip_seconds, fault=kind)
    if kind == "double_gzip":
        twice = gzip.compress(gzip.compress(answer.body, mtime=0), mtime=0)
        return replace(answer, body=twice, headers=(*answer.headers, ("Content-Encoding", "gzip, gzip")), fault=kind)
    bomb = gzip_bomb(faults.gzip_bomb_bytes)
    return replace(answer, body=bomb, headers=(*answer.headers, ("Content-Encoding", "gzip")), fault=kind)


def _with_wrong_entries(answer: Answer, kind: str) -> Answer:
    """Return a page with its first entry replaced by a string or repeated at its end, or half of a page."""
    if answer.status != 200:
        return answer
    document = json.loads(answer.body)
    shown = document["results"]
    if kind == "short_page":
        document |= {"next": None, "results": shown[: len(shown) // 2]}
    else:
        document["results"] = [_ODD, *shown[1:]] if kind == "odd_entry" else [*shown, *shown[:1]]
    return replace(json_answer(200, document), fault=kind)


def throttled(seconds: int, retry_after: str | None) -> Answer:
    """Return a 429 that speaks of whole seconds; `retry_after` None leaves the header out."""
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    unit = "second" if seconds == 1 else "seconds"
    detail = f"Request was throttled. Expected available in {seconds} {unit}."
    return json_answer(429, {"detail": detail}, *headers)


def _retry_after(faults: Faults) -> str | None:
    seconds = faults.retry_after_seconds
    forms = {
        "seconds": str(seconds),
        "date": http_date(time.time() + seconds + 1),
        "zero": "0",
        "negative": "-5",
        "fractional": "1.5",
        "huge": "315360000",
        "garbage": "soon; 0x10",
    }
    return forms.get(faults.retry_after)


def _error_page(status: int) -> str:
    return f"<html><head><title>{escape(str(status))}</title></head><body><h1>{status} Error</h1></body></html>"


@lru_cache(maxsize=2)
def gzip_bomb(size: int) -> bytes:
    """Return a gzip stream of `size` spaces, about a thousandth of that long."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * 1_000_000
    whole, rest = divmod(size, len(block))
    packed = [packer.compress(block) for _ in range(whole)]
    return b"".join([*packed, packer.compress(b" " * rest), packer.flush()])
