"""The file store listener: presigned GETs of a bucket."""

import gzip
import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from recall_emulator.content import PROVIDER_FILE, StoredFile
from recall_emulator.entry import Entry
from recall_emulator.fault_injection import FILE_KINDS, ChosenFault, damaged, encodes, replacement
from recall_emulator.http1 import Answer, Call
from recall_emulator.links import FileKey, file_key_of
from recall_emulator.request_log import Request
from recall_emulator.signing import SignatureCheck
from recall_emulator.state import State
from recall_emulator.timestamps import compact_date, http_date

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@dataclass(frozen=True)
class Target:
    """What a call asks the store for."""

    key: FileKey | None
    entry: Entry | None


class FileStoreApplication:
    """Answers the calls of the file store's origin."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call) -> Answer:
        key = file_key_of(call.path)
        target = Target(key, self._state.store.find(key.transcript_id) if key else None)
        self._state.delay()
        answer = self._answered(call, target)
        self._log(call, target, answer)
        return replace(
            answer, headers=(("Server", "AmazonS3"), ("x-amz-request-id", "EMULATED0000001"), *answer.headers)
        )

    def _answered(self, call: Call, target: Target) -> Answer:
        own = target.entry.scenario.faults if target.entry else None
        elsewhere = own.redirect_files_to if own else self._state.options.redirect_files_to
        if elsewhere is not None:
            return _xml(307, "TemporaryRedirect", "Please re-send this request.", ("Location", elsewhere))
        has_gzip = own.gzip if own else self._state.options.has_gzip
        fault = self._state.fault_injector.choose("files", FILE_KINDS, call.path, own)
        if fault is None:
            return self._true_answer(call, target, has_gzip)
        answer = replacement(fault) or _store_fault(fault, call.at)
        if answer is not None:
            return answer
        # An encoding comes alone: a fault that encodes takes the place of the stored gzip.
        true = self._true_answer(call, target, has_gzip and not encodes(fault))
        return damaged(true, fault) if true.status in (200, 206) else true

    def _true_answer(self, call: Call, target: Target, is_packed: bool) -> Answer:
        refusal = self._refusal(call)
        if refusal is not None:
            return refusal
        state = target.entry.at(call.at) if target.entry else None
        if target.key is None or target.entry is None or state is None or not state.has_files:
            return _xml(404, "NoSuchKey", "The specified key does not exist.")
        stored = self._state.store.file(target.entry, target.key.name, state.has_emails)
        modified_at = state.updated_at + (target.entry.scenario.email_delay if state.has_emails else 0.0)
        return _file_answer(call, target.key, stored, modified_at, is_packed)

    def _refusal(self, call: Call) -> Answer | None:
        if "authorization" in call.headers:
            return _only_one_mechanism(call.headers["authorization"])
        check = self._state.signer.check(call.path, call.query, call.at)
        if check.result == "unsigned":
            return _xml(403, "AccessDenied", "Access Denied")
        if check.result == "expired":
            return _expired(check, call.at)
        if check.result == "mismatch" or call.method != "GET":
            message = "The request signature we calculated does not match the signature you provided."
            return _xml(403, "SignatureDoesNotMatch", message)
        return None

    def _log(self, call: Call, target: Target, answer: Answer) -> None:
        self._state.request_log.append(
            Request(
                at=call.at,
                monotonic=call.monotonic,
                listener="files",
                method=call.method,
                path=call.path,
                query=call.query,
                route="file" if target.key else "unknown",
                transcript_id=target.key.transcript_id if target.key else None,
                workspace=target.entry.scenario.workspace if target.entry else None,
                status=answer.status,
                has_authorization="authorization" in call.headers,
                key=None,
                user_agent=call.headers.get("user-agent"),
                fault=answer.fault,
            )
        )


def _store_fault(fault: ChosenFault, now: float) -> Answer | None:
    answers = {
        "slow_down": _xml(503, "SlowDown", "Please reduce your request rate."),
        "session_died": _xml(400, "ExpiredToken", "The provided token has expired."),
        "link_expired": _expired(SignatureCheck("expired", int(now) - 1), now),
    }
    answer = answers.get(fault.kind)
    return None if answer is None else replace(answer, fault=fault.kind)


def _expired(check: SignatureCheck, now: float) -> Answer:
    times = f"<Expires>{compact_date(check.expires)}</Expires><ServerTime>{compact_date(now)}</ServerTime>"
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


def _file_answer(call: Call, key: FileKey, stored: StoredFile, modified_at: float, is_packed: bool) -> Answer:
    kind = "binary/octet-stream" if key.name == PROVIDER_FILE else "application/json"
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
        more = f"<ActualObjectSize>{size}</ActualObjectSize>"
        message = "The requested range is not satisfiable"
        return _xml(416, "InvalidRange", message, ("Content-Range", f"bytes */{size}"), more=more)
    return Answer(206, (*headers, ("Content-Range", f"bytes {begin}-{end}/{size}")), content[begin : end + 1])
