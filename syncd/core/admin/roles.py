"""The three roles of a database: their names, and what the analyst may see."""

from dataclasses import dataclass

from syncd.errors import BadInput

LONGEST_NAME_BYTES = 63
"""Postgres cuts longer names off, so that two of them could become one."""
_WORDS_OF_POSTGRES = ("public", "none")


@dataclass(frozen=True, slots=True)
class Roles:
    """Who owns, who writes and who reads. Raises BadInput where the names cannot be those of three roles."""

    owner: str
    writer: str
    analyst: str
    workspace: str | None
    """The only one whose rows the analyst sees; None: all rows."""
    statement_timeout_s: int
    idle_timeout_s: int
    """How long the analyst may leave a transaction open and do nothing."""

    def __post_init__(self) -> None:
        names = {"--owner": self.owner, "--writer": self.writer, "--analyst": self.analyst}
        for option, name in names.items():
            _require_plain(option, name)
            _require_role_name(option, name)
        if len(set(names.values())) < len(names):
            raise BadInput("Owner, writer and analyst must be three different roles.")
        if self.workspace is not None:
            _require_plain("--workspace", self.workspace)


def _require_plain(option: str, name: str) -> None:
    if not name or any(not sign.isprintable() for sign in name):
        raise BadInput(f"The name after {option} is empty, or holds characters that cannot be printed.")


def _require_role_name(option: str, name: str) -> None:
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise BadInput(f"The name after {option} is longer than the {LONGEST_NAME_BYTES} bytes Postgres allows.")
    if name in _WORDS_OF_POSTGRES or name.startswith("pg_"):
        raise BadInput(f"Postgres keeps the name {name} for itself; choose another after {option}.")
