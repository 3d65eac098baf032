"""What a value in a provider's settings says, whatever type it came in. None: it says nothing."""

import re
from typing import Any

_FLAGS = {"true": True, "false": False}
_WHOLE = re.compile(r"[0-9]{1,9}(\.0*)?")
_LARGEST_INTEGER = 2**31 - 1
_LARGEST_NAME = 2**63


def flag(value: Any) -> bool | None:
    """A boolean, also as the text or the number that some providers make of it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def negated(value: Any) -> bool | None:
    """The opposite of a flag, for settings that say what to leave out."""
    said = flag(value)
    return None if said is None else not said


def yes(value: Any) -> bool | None:
    """True for a flag that is set; one that is not set leaves it open."""
    return flag(value) or None


def no(value: Any) -> bool | None:
    """False for a flag that is set; one that is not set leaves it open."""
    return False if flag(value) else None


def chosen(value: Any) -> bool | None:
    """Whether anything is chosen: a flag, a list of choices, or a choice by name, of which `none` is one."""
    names = texts(value)
    return flag(value) if names is None else any(name.lower() != "none" for name in names)


def present(value: Any) -> bool | None:
    """True where an object stands: its being there is what switches the setting on."""
    return True if isinstance(value, dict) else None


def automatic(value: Any) -> bool | None:
    """True for the language `auto`; a real one leaves it open."""
    return True if texts(value) == ("auto",) else None


def behaviour(value: Any) -> bool | None:
    """Gladia's first way to ask for language detection: `manual`, or one of two sentences that begin `automatic`."""
    words = value.split() if isinstance(value, str) else []
    return {"manual": False, "automatic": True}.get(words[0]) if words else None


def text(value: Any) -> str | None:
    """A name, also one that is a number."""
    if isinstance(value, str):
        return value if value.strip() else None
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_NAME
    return str(value) if is_number else None


def texts(value: Any) -> tuple[str, ...] | None:
    """Names, as a list or between commas; a flag is no name."""
    if isinstance(value, str) and flag(value) is None:
        return tuple(name.strip() for name in value.split(",") if name.strip()) or None
    if isinstance(value, list):
        return tuple(name.strip() for name in value if isinstance(name, str) and name.strip())
    return None


def several(value: Any) -> tuple[str, ...] | None:
    """Names, where there is more than one."""
    names = texts(value)
    return names if names and len(names) > 1 else None


def single(value: Any) -> str | None:
    """The only name in a list."""
    names = texts(value)
    return names[0] if names and len(names) == 1 else None


def positive(value: Any) -> int | None:
    """A whole number from 1; providers write 0 for nothing said."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _LARGEST_INTEGER:
        return None
    return int(value) if value == int(value) else None


def count(value: Any) -> int | None:
    """How many terms a vocabulary has, in any of the providers' shapes; one named by reference has no known size."""
    if isinstance(value, str):
        names = texts(value)
        return None if names is None else len(names)
    if not isinstance(value, list):
        return None
    sizes = [size for size in map(_terms, value) if size is not None]
    return sum(sizes) if sizes or not value else None


def _terms(entry: Any) -> int | None:
    if isinstance(entry, str):
        return 1 if entry.strip() else 0
    if not isinstance(entry, dict):
        return None
    inline = entry.get("inlinePhraseSet", entry)
    phrases = inline.get("phrases") if isinstance(inline, dict) else None
    if isinstance(phrases, list):
        return len(phrases)
    return None if "phraseSet" in entry else 1


def switched_off(value: Any) -> int | None:
    """No terms, where the vocabulary is switched off, whatever it holds."""
    return 0 if flag(value) is False else None
