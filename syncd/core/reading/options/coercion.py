"""What a value in a provider's settings says, whatever type it came in. None: it says nothing."""

from syncd.core.reading.document import Json
from syncd.core.reading.values import as_object, child, flag, setting_names


def negated(value: Json) -> bool | None:
    """The opposite of a flag, for settings that say what to leave out."""
    said = flag(value)
    return None if said is None else not said


def yes(value: Json) -> bool | None:
    """True for a flag that is set; one that is not set leaves it open."""
    return flag(value) or None


def no(value: Json) -> bool | None:
    """False for a flag that is set; one that is not set leaves it open."""
    return False if flag(value) else None


def chosen(value: Json) -> bool | None:
    """Whether anything is chosen: a flag, a list of choices, or a choice by name, of which `none` is one."""
    names = setting_names(value)
    return flag(value) if names is None else any(name.lower() != "none" for name in names)


def present(value: Json) -> bool | None:
    """True where an object stands: its being there is what switches the setting on."""
    return None if as_object(value) is None else True


def automatic(value: Json) -> bool | None:
    """True for the language `auto`; a real one leaves it open."""
    return True if setting_names(value) == ("auto",) else None


def behaviour(value: Json) -> bool | None:
    """Gladia's first way to ask for language detection: `manual`, or one of two sentences that begin `automatic`."""
    words = value.split() if isinstance(value, str) else []
    return {"manual": False, "automatic": True}.get(words[0]) if words else None


def several(value: Json) -> tuple[str, ...] | None:
    """Names, where there is more than one."""
    names = setting_names(value)
    return names if names and len(names) > 1 else None


def single(value: Json) -> str | None:
    """The only name in a list."""
    names = setting_names(value)
    return names[0] if names and len(names) == 1 else None


def count(value: Json) -> int | None:
    """How many terms a vocabulary has, in any of the providers' shapes; one named by reference has no known size."""
    if isinstance(value, str):
        names = setting_names(value)
        return None if names is None else len(names)
    if not isinstance(value, list):
        return None
    sizes = [size for size in map(_terms, value) if size is not None]
    return sum(sizes) if sizes or not value else None


def _terms(entry: Json) -> int | None:
    if isinstance(entry, str):
        return 1 if entry.strip() else 0
    if not isinstance(entry, dict):
        return None
    phrases = child(entry.get("inlinePhraseSet", entry), "phrases")
    if isinstance(phrases, list):
        return len(phrases)
    return None if "phraseSet" in entry else 1


def switched_off(value: Json) -> int | None:
    """No terms, where the vocabulary is switched off, whatever it holds."""
    return 0 if flag(value) is False else None
