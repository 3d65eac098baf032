"""Whether the fields of a value hold what their annotations allow."""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_LONGEST_SECONDS = 1e9


@dataclass(frozen=True)
class Range:
    """The least and the greatest number that a field may hold."""

    least: float
    most: float = math.inf

    def __str__(self) -> str:
        if self.most == math.inf:
            return f"at least {self.least:.10g}"
        return f"from {self.least:.10g} to {self.most:.10g}"


Count = Annotated[int, Range(0, 10**9)]
CountFromOne = Annotated[int, Range(1, 10**9)]
Bytes = Annotated[int, Range(0, 10**10)]
Port = Annotated[int, Range(0, 65_535)]
Seconds = Annotated[float, Range(0, _LONGEST_SECONDS)]
SomeSeconds = Annotated[float, Range(0.001, _LONGEST_SECONDS)]
SecondsEitherWay = Annotated[float, Range(-_LONGEST_SECONDS, _LONGEST_SECONDS)]

_NAMES: MappingProxyType[object, str] = MappingProxyType(
    {
        int: "a whole number",
        float: "a number",
        str: "a string",
        bytes: "bytes",
        bool: "true or false",
        uuid.UUID: "an id (a UUID)",
        type(None): "None (null)",
    }
)


def check_fields(value: Any) -> None:  # a dataclass, for which typing has no word
    """Raise ValueError for the first field of a dataclass that holds what its annotation does not allow."""
    hints = hints_of(type(value))  # type: ignore[arg-type]  # mypy takes a class for what cannot be hashed
    for name, hint in hints.items():
        found = getattr(value, name)
        if not allows(hint, found):
            raise ValueError(f"{name} must be {allowed(hint)}, not {_shown(found)}")


@cache
def hints_of(kind: type[Any]) -> Mapping[str, Any]:  # of a dataclass; types, and the forms of typing
    """Return the annotations of a dataclass by field, with the ranges that they or the field's metadata name."""
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        if "range" in field.metadata:
            hints[field.name] = Annotated[hints[field.name], field.metadata["range"]]
    return MappingProxyType(hints)


def allows(hint: Any, value: object) -> bool:  # a type, or one of the forms of typing
    """Tell whether an annotation allows a value."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return allows(arguments[0], value) and _is_within(arguments[1], value)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin in (Union, UnionType):
        return any(allows(each, value) for each in arguments)
    if origin is tuple:  # tuple[T, ...] is the only form there is
        return isinstance(value, tuple) and all(allows(arguments[0], each) for each in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            allows(arguments[0], key) and allows(arguments[1], each) for key, each in value.items()
        )
    if hint in (int, float):
        kinds = (int, float) if hint is float else int
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, hint)


def allowed(hint: Any) -> str:  # a type, or one of the forms of typing
    """Say in words what an annotation allows."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"{allowed(arguments[0])} {arguments[1]}"
    if origin is Literal:
        return f"one of {', '.join(arguments)}"
    if origin in (Union, UnionType):
        return " or ".join(allowed(each) for each in arguments)
    if origin is tuple:
        return f"a tuple of {arguments[0].__name__}"
    if origin is Mapping:
        values = "strings or nulls" if type(None) in get_args(arguments[1]) else "strings"
        return f"an object of {values}"
    return _NAMES.get(hint, hint.__name__)


def _is_within(range_: Range, value: object) -> bool:
    return isinstance(value, int | float) and range_.least <= value <= range_.most


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
