"""The one lenient reader of foreign values: any JSON value in, a typed value out, None for everything else.

Recall's own documents and those of its providers are read with the same few functions. None of them raises, whatever
a JSON parser handed over: numbers of any size, NaN, lone surrogates, any nesting.

Three writers need three answers for the same value. Each difference is a function or a parameter of its own:

- Text. `text` leaves it as it is, for Recall's files. `stripped` takes off white space, which providers keep around
  their words, and knows no empty text.
- Numbers. Recall writes JSON numbers only. `from_text=True` also takes a number that is written as text, as AWS,
  Google and some envelopes do.
- Names. `id_text` keeps Recall's ids and names as they are. `label` is a provider's label of a speaker, so that `1`
  and `1.0` are one speaker. `setting_name` is a name in a provider's settings.
"""

import math
import re
from datetime import UTC, datetime
from uuid import UUID

from syncd.core.reading.document import Json

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}(\.0*)?")
_CHANNEL = re.compile(r"(?:ch(?:annel)?[_ -]?)?([0-9]+)", re.IGNORECASE)
_LONGEST_NUMBER = 60
"""Characters of a number written as text; longer ones are no measurement, and slow to convert."""
_LARGEST_LABEL = 10**18 - 1
_LARGEST_NAME = 2**63 - 1
_LARGEST_INTEGER = 2**31 - 1
"""The largest `integer` of Postgres."""
EARLIEST_TIME_S, LATEST_TIME_S = -86_400.0, 30 * 86_400.0
"""A day before the recording began, and thirty days after: what lies outside is a time of day or an error."""
_ABOUT_ONE = 1.001
"""A probability that was rounded on its way may come out a little above 1."""
_CLOCK_S = (1e9, 1e10)
"""A number between these is a time by the clock, in seconds since 1970: from the year 2001 on."""
_FLAGS = {"true": True, "false": False}


# --- objects and arrays


def as_object(value: Json) -> dict[str, Json] | None:
    """An object as it is; None for anything else."""
    return value if isinstance(value, dict) else None


def objects(value: Json) -> list[dict[str, Json]]:
    """The objects of an array, in its order; an empty list for anything else."""
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def child(value: Json, *names: str) -> Json:
    """What lies under the names, one inside the other; None where there is no object or no such name."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def pick(value: Json, *names: str) -> Json:
    """What an object has under the first of the names that is there and not null; None where none is."""
    if isinstance(value, dict):
        for name in names:
            found = value.get(name)
            if found is not None:
                return found
    return None


# --- booleans


def boolean(value: Json) -> bool | None:
    """A JSON boolean and nothing else."""
    return value if isinstance(value, bool) else None


def flag(value: Json) -> bool | None:
    """A boolean of a provider's settings: also "true" and "false" in any case, and the integers 0 and 1."""
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


# --- numbers


def number(value: Json, *, from_text: bool = False) -> float | None:
    """A JSON number that a float holds; None for booleans, NaN, infinities and integers too large.

    With `from_text`, also decimal digits as text, with white space around them, of at most 60 characters.
    """
    if type(value) is float:  # nearly always, and this runs several times for each word
        return value if math.isfinite(value) else None
    if from_text and isinstance(value, str):
        value = value.strip()
        if len(value) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def positive_integer(value: Json) -> int | None:
    """A whole number from 1 to 2**31 - 1, also as text (up to nine digits) or as a float without a fraction."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = float(value.strip())  # `float` takes off less white space than `strip`
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _LARGEST_INTEGER:
        return None
    return int(value) if value == int(value) else None


def confidence(value: Json) -> float | None:
    """A probability from 0 to 1, number or text; what rounding lifted up to 1.001 is 1, and the rest None."""
    if type(value) is float and 0 <= value <= 1:  # nearly always
        return value
    found = number(value, from_text=True)
    return min(found, 1.0) if found is not None and 0 <= found <= _ABOUT_ONE else None


# --- times


def relative(value: Json) -> Json:
    """The time in the recording out of Recall's `{"relative": ..., "absolute": ...}`, or the value itself."""
    return value.get("relative") if isinstance(value, dict) else value


def seconds(value: Json) -> float | None:
    """A provider's time in seconds, number or text; None where it lies in no meeting (-1 to 30 days)."""
    found = value if type(value) is float else number(value, from_text=True)
    return found if found is not None and EARLIEST_TIME_S <= found <= LATEST_TIME_S else None


def milliseconds(value: Json) -> float | None:
    """A provider's time in milliseconds, as seconds; None where `seconds` says so."""
    found = number(value, from_text=True)
    return None if found is None else seconds(found / 1000)


def moment(value: Json, *, from_number: bool = False) -> datetime | None:
    """An ISO 8601 text (with 0, 3 or 6 fractional digits) as an aware time in UTC; without a zone it is UTC.

    With `from_number`, also seconds or milliseconds since 1970, from 2001 to 2286: one edition of Recall's page on
    the transcript file writes them so. None for the rest, also for a time before year 1 or after 9999.
    """
    if isinstance(value, str):
        return _from_iso(value)
    since_1970 = number(value) if from_number else None
    if since_1970 is None:
        return None
    candidates = (since_1970, since_1970 / 1000)
    return next((datetime.fromtimestamp(s, UTC) for s in candidates if _CLOCK_S[0] <= s < _CLOCK_S[1]), None)


def _from_iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is UTC:
            return found
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def seconds_between(begin: Json, end: Json) -> float | None:
    """Seconds from one ISO 8601 text to another; None where one is no time or the end comes first."""
    began_at, ended_at = moment(begin), moment(end)
    if began_at is None or ended_at is None or ended_at < began_at:
        return None
    return (ended_at - began_at).total_seconds()


# --- texts, names and ids


def text(value: Json) -> str | None:
    """A text exactly as it stands, empty ones too; None for anything else."""
    return value if isinstance(value, str) else None


def stripped(value: Json) -> str | None:
    """A provider's text without the white space around it; None where nothing is left."""
    return (value.strip() or None) if isinstance(value, str) else None


def id_text(value: Json) -> str | None:
    """An id or a name in Recall's file: a text as it stands, a number as JSON writes it; None for the rest."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def label(value: Json) -> str | None:
    """A provider's label of a speaker as text: stripped, or a whole number below 10**18; `1.0` is `1`.

    Larger numbers and fractions name nobody: they come from a broken file, and may have thousands of digits.
    """
    if type(value) is str:  # nearly always
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return stripped(value) if isinstance(value, str) else _integer_text(value, _LARGEST_LABEL)


def channel(value: Json) -> str | None:
    """The number of a channel, out of 0, "1", "ch_0" or "channel_0"; None for one that has a name of its own."""
    name = label(value)
    found = _CHANNEL.fullmatch(name[:_LONGEST_NUMBER]) if name else None
    return found[1] if found else None


def setting_name(value: Json) -> str | None:
    """A name in a provider's settings: a text as it stands unless blank, or a whole number below 2**63."""
    if isinstance(value, str):
        return value if value.strip() else None
    return _integer_text(value, _LARGEST_NAME)


def _integer_text(value: Json, largest: int) -> str | None:
    is_integer = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= largest
    return str(value) if is_integer else None


def setting_names(value: Json) -> tuple[str, ...] | None:
    """Names in settings, stripped and without blanks: an array's texts, or a text split at commas.

    An array may leave none. A text of none, a flag, and all else is None.
    """
    if isinstance(value, str) and flag(value) is None:
        return tuple(name.strip() for name in value.split(",") if name.strip()) or None
    if isinstance(value, list):
        return tuple(name.strip() for name in value if isinstance(name, str) and name.strip())
    return None


def uuid(value: Json) -> UUID | None:
    """A UUID out of text, in any of its notations; None for the rest."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def key(value: Json) -> str | int | float | None:
    """A text or a number as it stands, to look something up by; None for booleans and what cannot be hashed."""
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
