"""The control plane: schema `syncd`. Narrow, hot, private; no foreign key leads out of it or into it.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

CONTROL = "syncd"
DATA = "recall"

metadata = MetaData()

lease_tokens = Sequence("lease_token", schema=CONTROL, metadata=metadata)

workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace", Text, primary_key=True, comment="Name of the workspace, as in SYNCD_WORKSPACE."),
    Column("registered_at", DateTime(timezone=True), nullable=False, comment="When a daemon first served it."),
    Column("paused_until", DateTime(timezone=True), comment="No call is made before; then one call may try."),
    Column(
        "pause_reason", Text, comment="Why the workspace is paused (key refused, credit, firewall); null: it is not."
    ),
    schema=CONTROL,
    comment="Workspaces that daemons serve, and the circuit breaker of each.",
)

budgets = Table(
    "budgets",
    metadata,
    Column("workspace", Text, primary_key=True, comment="The workspace that the calls are made in."),
    Column("route", Text, primary_key=True, comment="retrieve or list; Recall limits each on its own."),
    Column("limit_per_minute", Integer, nullable=False, comment="Calls a minute that Recall allows."),
    Column("tokens", Double, nullable=False, comment="Calls that could be paid for as of refreshed_at."),
    Column("refreshed_at", DateTime(timezone=True), nullable=False, comment="When tokens was last computed."),
    Column("paused_until", DateTime(timezone=True), comment="After a 429: no call is paid for before."),
    Column("throttled_at", DateTime(timezone=True), comment="When the last 429 came."),
    Column("throttled_count", Integer, nullable=False, server_default=text("0"), comment="429s in a row."),
    Column("reduced_limit", Double, comment="Calls a minute assumed after repeated 429s; null: all of the limit."),
    Column("call_count", BigInteger, nullable=False, server_default=text("0"), comment="Calls ever paid for."),
    Column(
        "threshold_s",
        Double,
        nullable=False,
        server_default=text("0.1"),
        comment="The price of a look: the seconds of lag it must be worth; steered so that looks fit the budget.",
    ),
    Column(
        "gain", Double, nullable=False, server_default=text("1"), comment="What experience corrects that price by."
    ),
    Column("repriced_at", DateTime(timezone=True), comment="When the price was last computed."),
    schema=CONTROL,
    comment="The rate budget of each workspace and route, shared by every process on this database.",
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", BigInteger, primary_key=True, autoincrement=False, comment="The lease it was made under."),
    Column("workspace", Text, nullable=False, comment="The workspace it was made in."),
    Column("route", Text, nullable=False, comment="retrieve or list."),
    Column("paid_at", DateTime(timezone=True), nullable=False, comment="When it was paid for."),
    Column(
        "over_at",
        DateTime(timezone=True),
        nullable=False,
        comment="When it was answered or given up; until then, when it will have been at the latest.",
    ),
    Column("is_throttled", Boolean, nullable=False, server_default=text("false"), comment="The answer was a 429."),
    Index("calls_over", "workspace", "route", "over_at"),
    schema=CONTROL,
    comment="The ledger: the calls of the last hour, which is what the window rule counts.",
    postgresql_with={"autovacuum_vacuum_scale_factor": "0.05"},
)

queue = Table(
    "queue",
    metadata,
    Column("transcript_id", Uuid, primary_key=True, comment="The transcript that is not finished with yet."),
    Column("workspace", Text, nullable=False, comment="The workspace whose key can ask for it."),
    Column("stage", Text, nullable=False, comment="What is to be done next: poll, download or load."),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="When it is to be done."),
    Column("tracked_at", DateTime(timezone=True), nullable=False, comment="When the id was handed in."),
    Column(
        "pending_until",
        DateTime(timezone=True),
        nullable=False,
        comment="The deadline of the stage; an answer after it that brings nothing new is the end of the transcript.",
    ),
    Column(
        "is_observed", Boolean, nullable=False, server_default=text("false"), comment="Recall has shown it to us."
    ),
    Column("last_seen_at", DateTime(timezone=True), comment="When Recall last answered about it."),
    Column("created_at", DateTime(timezone=True), comment="When Recall created it; null: never seen."),
    Column("provider", Text, comment="Its provider key, which says how long it is likely to take."),
    Column("recording_length", Text, comment="short or long; null where Recall does not tell."),
    Column("threshold_s", Double, comment="The price of a look that due_at was computed with."),
    Column(
        "absent_from_done_at", DateTime(timezone=True), comment="When a page of finished ones last did not show it."
    ),
    Column("listed_at", DateTime(timezone=True), comment="When a page of unfinished ones last showed it."),
    Column(
        "absent_at",
        DateTime(timezone=True),
        comment="When a page of unfinished ones no longer showed it, so that it is asked about first.",
    ),
    Column("lease_token", BigInteger, comment="Fences late writers out: only the newest token may write."),
    Column("lease_holder", Text, comment="The process that works on it; null: nobody does."),
    Column("lease_until", DateTime(timezone=True), comment="When another process may take it over."),
    Column(
        "expired_lease_count",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="Leases that ran out unsettled.",
    ),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="Failures in a row."),
    Column("not_found_count", Integer, nullable=False, server_default=text("0"), comment="404s in a row."),
    Column("forbidden_count", Integer, nullable=False, server_default=text("0"), comment="403s in a row."),
    Column(
        "unconfirmed",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="Digests of downloaded files that were no JSON; the same one again proves that the file is so.",
    ),
    Column("last_error", Text, comment="What went wrong last, in words; null after a success."),
    Column("last_error_at", DateTime(timezone=True), comment="When it went wrong."),
    Index("queue_due", "workspace", "is_observed", "due_at"),
    Index("queue_load", "workspace", "due_at", postgresql_where=text("stage = 'load'")),
    Index("queue_absent", "workspace", "absent_at", postgresql_where=text("absent_at is not null")),
    Index("queue_created", "workspace", "created_at", postgresql_where=text("stage = 'poll'")),
    schema=CONTROL,
    comment="Transcripts that are not finished with: what is to be done next, when, and who is doing it.",
    postgresql_with={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.02"},
)

durations = Table(
    "durations",
    metadata,
    Column("workspace", Text, primary_key=True, comment="The workspace it was learned in."),
    Column("provider", Text, primary_key=True, comment="The provider key."),
    Column("recording_length", Text, primary_key=True, comment="short or long recording; empty where not known."),
    Column("bin", Integer, primary_key=True, comment="Number of the bin of age."),
    Column("begin_s", Double, nullable=False, comment="Where the bin begins, seconds since creation."),
    Column("finished", Double, nullable=False, comment="Transcripts that finished in it; older ones count less."),
    Column("exposure_s", Double, nullable=False, comment="Seconds spent waiting in it; older ones count less."),
    Column("hazard", Double, nullable=False, comment="Finishes a second among those that wait, as syncd reckons."),
    Column(
        "aged_at", DateTime(timezone=True), nullable=False, comment="When the counts were last made to count less."
    ),
    schema=CONTROL,
    comment="What has been learned about how long transcripts take; recall.sync_durations tells it in words.",
)

list_states = Table(
    "list_states",
    metadata,
    Column("workspace", Text, primary_key=True, comment="The workspace whose list is read."),
    Column("page_size", Double, nullable=False, comment="Entries on a full page: assumed first, then seen."),
    Column("foreign_processing", Double, nullable=False, comment="Entries of others for one of ours, unfinished."),
    Column("foreign_done", Double, nullable=False, comment="Entries of others for one of ours, finished."),
    Column("turn", BigInteger, nullable=False, comment="List calls so far."),
    Column("scan_hits", Double, nullable=False, comment="Unseen ids that a page of the walk brings, on average."),
    Column("scan_paused_until", DateTime(timezone=True), comment="No walk begins before."),
    Column("scan_url", Text, comment="Where the walk goes on; null: none is under way."),
    Column("discover_url", Text, comment="Where discovery goes on; null: it is between two passes."),
    Column("discover_after", DateTime(timezone=True), comment="The pass looks at those created after this."),
    Column("discover_began_at", DateTime(timezone=True), comment="When the pass began."),
    Column("discovered_at", DateTime(timezone=True), comment="When the last whole pass began."),
    Column(
        "discover_paused_until",
        DateTime(timezone=True),
        comment="After a pass not whole: none begins before.",
    ),
    Column(
        "is_discovery_incomplete",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="A page of the pass proved nothing.",
    ),
    Column("discover_floor", DateTime(timezone=True), comment="Whole passes have looked back to here."),
    Column("failure_count", Integer, nullable=False, comment="List calls that failed in a row."),
    Column("paused_until", DateTime(timezone=True), comment="After failures or a refusal: nothing is listed before."),
    Column("pause_reason", Text, comment="Why nothing is listed; null: it is."),
    Column("holder", Text, comment="The process that is reading a page."),
    Column("held_until", DateTime(timezone=True), comment="When another process may."),
    schema=CONTROL,
    comment="What is known about each workspace's list, and how far its walks are.",
)

reparses = Table(
    "reparses",
    metadata,
    Column("selection", Text, primary_key=True, comment="What is read again, as the options of the verb say it."),
    Column("parser_version", Integer, nullable=False, comment="Version of the parser that reads."),
    Column("last_transcript_id", Uuid, comment="All up to this one have been read again."),
    Column("done_count", Integer, nullable=False, server_default=text("0"), comment="How many those are."),
    Column("started_at", DateTime(timezone=True), nullable=False, comment="When it began."),
    schema=CONTROL,
    comment="Reparses that were interrupted, so that they go on where they stopped.",
)

event_order = Table(
    "event_order",
    metadata,
    Column("is_empty", Boolean, primary_key=True, comment="It always is."),
    schema=CONTROL,
    comment="Locked by the transaction that writes recall.events while it commits; holds no row.",
)
