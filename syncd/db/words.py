"""What of an error of the server may be told: its words, and not the values that it was about."""

import re

import psycopg

_OF_VALUES = "22"
"""The class of errors whose words quote the value: invalid input syntax for type json: "..."."""
_QUOTED = re.compile(r'["»«„“”‹›].*["»«„“”‹›]|["»«„“”‹›].*', re.DOTALL)
"""From the first quotation mark of any language to the last one, for a value may have some of its own."""


def words_of(error: psycopg.Error) -> str:
    """The first line of the message, and the SQLSTATE. Beside it, in DETAIL and CONTEXT, the server quotes rows."""
    said = error.diag.message_primary or str(error)
    if (error.sqlstate or "").startswith(_OF_VALUES):
        said = _QUOTED.sub('"..."', said)
    line = (said.strip().splitlines() or [type(error).__name__])[0]
    return line if error.sqlstate is None else f"{line} (SQLSTATE {error.sqlstate})"
