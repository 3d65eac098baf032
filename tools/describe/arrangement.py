"""The order in which people read about the tables, and how rows refer to each other where no foreign key says so."""

from dataclasses import dataclass

from tools.describe.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Group:
    """Tables, views and functions that are read about together."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows that refer to others without a foreign key."""

    relation: str
    target: str
    by: str


GROUPS = (
    Group(
        "Transcripts",
        (
            "transcripts",
            "latest_transcripts",
            "payload_states",
            "status_history",
            "payloads",
            "workspaces",
            "track",
            "untrack",
            "retry",
            "erasures",
            "erase",
            "erase_transcripts",
        ),
    ),
    Group(
        "What was said",
        (
            *("participants", "talk_time", "utterances", "words", "transcript_texts"),
            *("search", "search_config", "chunks", "asks_for_deleted"),
            *("utterance_data", "passages", "search_configs"),
        ),
    ),
    Group("Providers", ("provider_parts", "provider_words", "transcription_options")),
    Group("Sync", ("sync_freshness", "sync_daemons", "sync_durations", "sync_budget")),
    Group("Events", ("events", "write_events")),
)
REST = "Others"

REFERENCES = (
    Reference("utterance_data", "participants", "participant_position"),
    Reference("passages", "utterance_data", "position"),
    Reference("events", "transcripts", "transcript_id"),
    Reference("transcripts", "workspaces", "workspace"),
)


def arranged(catalog: Catalog) -> list[Group]:
    """The groups, with what there is; what no group names comes last."""
    there = {relation.name for relation in catalog.relations} | {function.name for function in catalog.functions}
    named = {name for group in GROUPS for name in group.names}
    groups = [Group(group.title, tuple(name for name in group.names if name in there)) for group in GROUPS]
    return [group for group in [*groups, Group(REST, tuple(sorted(there - named)))] if group.names]
