"""What the views and functions of schema `recall` are for, written once; their SQL stands in migrations/views."""

from syncd.db.tables.descriptions import content, providers, sync
from syncd.db.tables.descriptions.description import Description
from syncd.db.tables.descriptions.functions import FUNCTIONS

__all__ = ["FUNCTIONS", "SCHEMAS", "VIEWS", "Description"]

SCHEMAS = {
    "recall": (
        "Recall transcripts for analysts: who said what and when, the exact files, and how far each has come. "
        "Begin with \\dtv+ recall.* and \\df+ recall.*, then \\d+ recall.transcripts."
    ),
    "syncd": "The daemon's own: the queue, the rate budgets and the call log.",
}

VIEWS = content.CONTENT_VIEWS | providers.PROVIDERS_VIEWS | sync.SYNC_VIEWS
