"""What all errors have in common."""

from typing import ClassVar


class SyncdError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "SYNCD-FAULT"
    exit_code: ClassVar[int] = 70
    retry_after_s: float | None = None
    """What Retry-After of the answer asked for, in seconds; None where it was missing or made no sense."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    def __str__(self) -> str:
        """The message, and the code that docs/failures.md explains."""
        return f"{self.message} [{self.code}]"

    @property
    def message(self) -> str:
        """The message without the code, to be part of a longer one."""
        return super().__str__()
