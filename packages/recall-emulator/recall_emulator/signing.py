"""Presigned URLs of the file store: query authentication in the second version, with a session token.

A signature covers the method, the expiry, the token and the path. The store accepts a URL only byte for byte as it
was given out: a client that re-encodes the query gets SignatureDoesNotMatch, as from the real one.
"""

import base64
import hashlib
import hmac
import itertools
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, quote

from recall_emulator.seeded import seeded_random

BUCKET = "recallai-emulator-bot-data"
_TOKEN_BYTES = 960

SignatureResult = Literal["good", "unsigned", "expired", "mismatch"]


@dataclass(frozen=True)
class SignatureCheck:
    """The signed part of a URL: when it expires (seconds since the epoch) and what the check of it gave."""

    result: SignatureResult
    expires: int = 0


class Signer:
    """Signs paths and checks signed queries. Each URL has a token, and so a signature, of its own."""

    def __init__(self, seed: int) -> None:
        random = seeded_random("signer", seed)
        self._access_key = "ASIA" + "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
        self._secret = random.randbytes(30)
        self._session = random.randbytes(_TOKEN_BYTES - 32)
        self._count = itertools.count()

    def query(self, path: str, expires: int) -> str:
        """Return the signed query (about 1.4 kB) for a GET of `path` until `expires`, seconds since the epoch."""
        while True:
            token = self._next_token()
            signature = self._signature(path, expires, token)
            # Only a signature with these characters shows whether a client keeps %2B and %2F.
            if "+" in signature or "/" in signature:
                return self._written(signature, token, expires)

    def check(self, path: str, query: str, now: float) -> SignatureCheck:
        """Check the raw query of a GET of `path` at `now`, seconds since the epoch."""
        fields = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        signature, token = fields.get("Signature"), fields.get("x-amz-security-token")
        if signature is None or token is None or not fields.get("Expires", "").isdigit():
            return SignatureCheck("unsigned")
        expires = int(fields["Expires"])
        if now >= expires:
            return SignatureCheck("expired", expires)
        expected = self._written(self._signature(path, expires, token), token, expires)
        return SignatureCheck("good" if hmac.compare_digest(expected, query) else "mismatch", expires)

    def _next_token(self) -> str:
        nonce = hashlib.sha256(self._secret + str(next(self._count)).encode()).digest()
        return base64.b64encode(b"IQoJb3JpZ2luX2Vj" + nonce + self._session).decode()

    def _signature(self, path: str, expires: int, token: str) -> str:
        text = f"GET\n\n\n{expires}\nx-amz-security-token:{token}\n/{BUCKET}{path}"
        return base64.b64encode(hmac.digest(self._secret, text.encode(), "sha1")).decode()

    def _written(self, signature: str, token: str, expires: int) -> str:
        return (
            f"AWSAccessKeyId={self._access_key}&Signature={quote(signature, safe='')}"
            f"&x-amz-security-token={quote(token, safe='')}&Expires={expires}"
        )
