"""The views over what the providers were told, and what they heard."""

from syncd.db.described.description import Description

VIEWS: dict[str, Description] = {}
