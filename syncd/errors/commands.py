"""What an operator, or whoever calls a command, has to put right."""

from syncd.errors.base import SyncdError


class OperatorError(SyncdError):
    """Somebody has to change a setting before syncd can go on."""

    exit_code = 78


class ConfigError(OperatorError):
    """A setting is missing or cannot be used."""

    code = "SYNCD-SETTING"


class EmbeddedFault(ConfigError):
    """The embedded Postgres cannot be used."""

    code = "SYNCD-DB-EMBEDDED"


class SchemaError(OperatorError):
    """The database does not have the schema this version needs. Run: syncd migrate"""

    code = "SYNCD-SCHEMA"


class LoginRefused(OperatorError):
    """The database refuses the connection. Check user, password and name in the database's URL."""

    code = "SYNCD-DB-LOGIN"


class RightsMissing(OperatorError):
    """The role lacks a right. Run the output of: syncd grants"""

    code = "SYNCD-DB-RIGHTS"


class BadInput(SyncdError):
    """What was handed in cannot be used."""

    code = "SYNCD-INPUT"
    exit_code = 1


class StillWaiting(SyncdError):
    """The time was up before every transcript had reached its end."""

    code = "SYNCD-TIME-UP"
    exit_code = 75


class OutputFailed(SyncdError):
    """The output cannot be written."""

    code = "SYNCD-OUTPUT"
    exit_code = 74
