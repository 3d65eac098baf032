"""What a monitor has to be told where `syncd status --check` cannot even begin: it reads exit code 2 as critical."""

from collections.abc import Sequence

UNKNOWN = 3
"""The exit code of core/explain/health.py, without its imports."""


def is_check(arguments: Sequence[str]) -> bool:
    """Whether a monitor asks; `--check` may be misspelt."""
    return arguments[:1] == ["status"] and any(each.startswith("--c") for each in arguments)
