"""syncd keeps Recall.ai transcripts in Postgres without webhooks."""

from importlib.metadata import version

__version__ = version("syncd")
