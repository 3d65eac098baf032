"""The three roles of `syncd grants`: their names, and what the analyst may read."""

from dataclasses import dataclass

from syncd.errors import BadInput

LONGEST_NAME_BYTES = 63
"""NAMEDATALEN - 1; Postgres truncates longer names, so that two of them could become one."""
_RESERVED_NAMES = ("public", "none")


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of owner, writer and analyst. Raises BadInput unless they can be the names of three roles."""

    owner: str
    writer: str
    analyst: str
    workspace: str | None
    """The only workspace whose rows the analyst sees; None: all rows."""
    statement_timeout_s: int
    """Seconds that one statement of the analyst may take."""
    idle_timeout_s: int
    """Seconds that the analyst may leave a transaction open without a statement."""

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
    if not name or any(not character.isprintable() for character in name):
        raise BadInput(f"The name after {option} is empty, or holds characters that cannot be printed.")


def _require_role_name(option: str, name: str) -> None:
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise BadInput(f"The name after {option} is longer than the {LONGEST_NAME_BYTES} bytes Postgres allows.")
    if name in _RESERVED_NAMES or name.startswith("pg_"):
        raise BadInput(f"Postgres reserves the name {name}; choose another after {option}.")
