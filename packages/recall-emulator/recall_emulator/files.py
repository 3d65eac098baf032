"""The file store listener: presigned GETs of a bucket."""

import gzip
import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from recall_emulator.fault_injection import FILE_KINDS, Played, encodes, instead, spoiled
from recall_emulator.http1 import Answer, Call
from recall_emulator.links import Place, place_of
from recall_emulator.request_log import Request
from recall_emulator.signing import Seal
from recall_emulator.state import Scene
from recall_emulator.store import PROVIDER_FILE, Entry, StoredFile
from recall_emulator.timestamps import compact_date, http_date

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@dataclass(frozen=True)
class Visit:
    """What a call asks the store for."""

    place: Place | None
    entry: Entry | None


class FileSite:
    """Answers the calls of the file store's origin."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def answer(self, call: Call) -> Answer:
        place = place_of(call.path)
        visit = Visit(place, self._scene.shelf.find(place.transcript_id) if place else None)
        self._scene.pause()
        answer = self._answered(call, visit)
        self._note(call, visit, answer)
        return replace(
            answer, headers=(("Server", "AmazonS3"), ("x-amz-request-id", "EMULATED0000001"), *answer.headers)
        )

    def _answered(self, call: Call, visit: Visit) -> Answer:
        own = visit.entry.script.faults if visit.entry else None
        elsewhere = own.redirect_files_to if own else self._scene.options.redirect_files_to
        if elsewhere is not None:
            return _xml(307, "TemporaryRedirect", "Please re-send this request.", ("Location", elsewhere))
        has_gzip = own.gzip if own else self._scene.options.has_gzip
        played = self._scene.mischief.choose("files", FILE_KINDS, call.path, own)
        if played is None:
            return self._true(call, visit, has_gzip)
        answer = instead(played) or _store_fault(played, call.at)
        if answer is not None:
            return answer
        # An encoding comes alone: a fault that encodes takes the place of the stored gzip.
        true = self._true(call, visit, has_gzip and not encodes(played))
        return spoiled(true, played) if true.status in (200, 206) else true

    def _true(self, call: Call, visit: Visit, is_packed: bool) -> Answer:
        refusal = self._refusal(call)
        if refusal is not None:
            return refusal
        state = visit.entry.at(call.at) if visit.entry else None
        if visit.place is None or visit.entry is None or state is None or state.code != "done":
            return _xml(404, "NoSuchKey", "The specified key does not exist.")
        stored = self._scene.shelf.file(visit.entry, visit.place.name)
        return _file_answer(call, visit.place, stored, state.updated_at, is_packed)

    def _refusal(self, call: Call) -> Answer | None:
        if "authorization" in call.headers:
            return _only_one_mechanism(call.headers["authorization"])
        seal = self._scene.signer.judge(call.path, call.query, call.at)
        if seal.verdict == "unsigned":
            return _xml(403, "AccessDenied", "Access Denied")
        if seal.verdict == "expired":
            return _expired(seal, call.at)
        if seal.verdict == "mismatch" or call.method != "GET":
            message = "The request signature we calculated does not match the signature you provided."
            return _xml(403, "SignatureDoesNotMatch", message)
        return None

    def _note(self, call: Call, visit: Visit, answer: Answer) -> None:
        self._scene.journal.write(
            Request(
                at=call.at,
                monotonic=call.monotonic,
                listener="files",
                method=call.method,
                path=call.path,
                query=call.query,
                route="file" if visit.place else "unknown",
                transcript_id=visit.place.transcript_id if visit.place else None,
                workspace=visit.entry.script.workspace if visit.entry else None,
                status=answer.status,
                has_authorization="authorization" in call.headers,
                key=None,
                user_agent=call.headers.get("user-agent"),
                fault=answer.fault,
            )
        )


def _store_fault(played: Played, now: float) -> Answer | None:
    answers = {
        "slow_down": _xml(503, "SlowDown", "Please reduce your request rate."),
        "session_died": _xml(400, "ExpiredToken", "The provided token has expired."),
        "link_expired": _expired(Seal("expired", int(now) - 1), now),
    }
    answer = answers.get(played.kind)
    return None if answer is None else replace(answer, fault=played.kind)


def _expired(seal: Seal, now: float) -> Answer:
    times = f"<Expires>{compact_date(seal.expires)}</Expires><ServerTime>{compact_date(now)}</ServerTime>"
    return _xml(403, "AccessDenied", "Request has expired", more=times)


def _only_one_mechanism(shown: str) -> Answer:
    # The real store echoes the header, so a client that logs this body leaks its key.
    echo = f"<ArgumentName>Authorization</ArgumentName><ArgumentValue>{escape(shown)}</ArgumentValue>"
    message = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
        "parameter or the Authorization header should be specified"
    )
    return _xml(400, "InvalidArgument", message, more=echo)


def _xml(status: int, code: str, message: str, *headers: tuple[str, str], more: str = "") -> Answer:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}'
        "<RequestId>EMULATED0000001</RequestId><HostId>emulated</HostId></Error>"
    )
    return Answer(status, (("Content-Type", "application/xml"), *headers), body.encode())


def _file_answer(call: Call, place: Place, stored: StoredFile, modified_at: float, is_packed: bool) -> Answer:
    kind = "binary/octet-stream" if place.name == PROVIDER_FILE else "application/json"
    headers = [("ETag", stored.etag), ("Last-Modified", http_date(modified_at)), ("Accept-Ranges", "bytes")]
    if call.headers.get("if-none-match") in (stored.etag, "*"):
        return Answer(304, tuple(headers))
    content = stored.content
    headers.append(("Content-Type", kind))
    if is_packed:
        content = gzip.compress(content, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    asked = call.headers.get("range")
    if asked is None or call.headers.get("if-range", stored.etag) != stored.etag:
        return Answer(200, tuple(headers), content)
    return _ranged(asked, tuple(headers), content)


def _ranged(asked: str, headers: tuple[tuple[str, str], ...], content: bytes) -> Answer:
    match, size = _RANGE.match(asked), len(content)
    if match is None or match[1] == match[2] == "":
        return Answer(200, headers, content)
    if match[1] == "":
        begin, end = max(0, size - int(match[2])), size - 1
    else:
        begin, end = int(match[1]), min(int(match[2] or size), size - 1)
    if begin > end:
        told = f"<ActualObjectSize>{size}</ActualObjectSize>"
        message = "The requested range is not satisfiable"
        return _xml(416, "InvalidRange", message, ("Content-Range", f"bytes */{size}"), more=told)
    return Answer(206, (*headers, ("Content-Range", f"bytes {begin}-{end}/{size}")), content[begin : end + 1])
