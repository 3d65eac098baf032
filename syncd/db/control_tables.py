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
    Column("looked_at", DateTime(timezone=True), comment="When Recall last answered about it."),
    Column("lease_token", BigInteger, comment="Fences late writers out: only the newest token may write."),
    Column("lease_holder", Text, comment="The process that works on it; null: nobody does."),
    Column("lease_until", DateTime(timezone=True), comment="When another process may take it over."),
    Column(
        "rescued_count", Integer, nullable=False, server_default=text("0"), comment="Leases that ran out unsettled."
    ),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="Failures in a row."),
    Column("not_found_count", Integer, nullable=False, server_default=text("0"), comment="404s in a row."),
    Column("forbidden_count", Integer, nullable=False, server_default=text("0"), comment="403s in a row."),
    Column(
        "suspects",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="Digests of downloaded files that were no JSON; the same one again proves that the file is so.",
    ),
    Column("last_error", Text, comment="What went wrong last, in words; null after a success."),
    Column("last_error_at", DateTime(timezone=True), comment="When it went wrong."),
    Index("queue_due", "workspace", "due_at"),
    schema=CONTROL,
    comment="Transcripts that are not finished with: what is to be done next, when, and who is doing it.",
    postgresql_with={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.02"},
)
