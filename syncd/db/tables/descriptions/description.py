"""A sentence for an object, and one for each of its columns."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Description:
    """A sentence for the object, and one for each of its columns."""

    purpose: str
    columns: dict[str, str] = field(default_factory=dict)
