"""The control plane: schema `syncd`. Narrow, hot, private; no foreign key leads out of it or into it.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnClause, Index, Sequence, text

from syncd.core.transcript import Stage
from syncd.db.tables.base import CONTROL, Base, column, metadata

lease_tokens = Sequence("lease_token", schema=CONTROL, metadata=metadata)


class Workspaces(Base, schema=CONTROL):
    """Workspaces that daemons serve, and the circuit breakers of each."""

    __tablename__ = "workspaces"

    workspace: ColumnClause[str] = column(primary_key=True, comment="Name of the workspace, as in SYNCD_WORKSPACE.")
    registered_at: ColumnClause[datetime] = column(comment="When a daemon first served it.")
    paused_until: ColumnClause[datetime | None] = column(comment="No call is made before; then one call may try.")
    pause_reason: ColumnClause[str | None] = column(
        comment="Why the workspace is paused (key refused, credit, firewall, most calls fail); null: it is not."
    )
    failure_count: ColumnClause[int] = column(
        server_default=text("0"), comment="Calls that failed for the moment, less those that were answered."
    )
    store_paused_until: ColumnClause[datetime | None] = column(
        comment="No file is downloaded before; then one download may try."
    )
    store_pause_reason: ColumnClause[str | None] = column(
        comment="Why no file is downloaded: most downloads fail; null: they are."
    )
    store_failure_count: ColumnClause[int] = column(
        server_default=text("0"), comment="Downloads that failed for the moment, less those that were answered."
    )
    stopped_at: ColumnClause[datetime | None] = column(comment="When a process that served it last ended cleanly.")


class Processes(Base, schema=CONTROL, storage={"fillfactor": "50"}):
    """Heartbeats: the processes that serve workspaces. One that was killed leaves its row."""

    __tablename__ = "processes"

    process: ColumnClause[str] = column(primary_key=True, comment="Its name, as in lease_holder of the queue.")
    workspace: ColumnClause[str] = column(comment="The workspace that it serves.")
    host: ColumnClause[str] = column(comment="Name of its machine.")
    pid: ColumnClause[int] = column(comment="Its process id there.")
    version: ColumnClause[str] = column(comment="Version of syncd.")
    started_at: ColumnClause[datetime] = column(comment="When it began.")
    seen_at: ColumnClause[datetime] = column(comment="When it last wrote this row.")
    live_until: ColumnClause[datetime] = column(comment="Without a newer heartbeat by then it counts as dead.")
    state: ColumnClause[str] = column(comment="working, idle or paused.")
    reason: ColumnClause[str | None] = column(
        comment="Why it is paused, and why it works with former settings; null: neither."
    )
    listener_pid: ColumnClause[int | None] = column(
        comment="Server process of the connection it listens on: without that it is dead. Null: it has none."
    )


class Budgets(Base, schema=CONTROL):
    """The rate budget of each workspace and route, shared by every process on this database."""

    __tablename__ = "budgets"

    workspace: ColumnClause[str] = column(primary_key=True, comment="The workspace that the calls are made in.")
    route: ColumnClause[str] = column(primary_key=True, comment="retrieve or list; Recall limits each on its own.")
    limit_per_minute: ColumnClause[int] = column(comment="Calls a minute that syncd may make, by its settings.")
    tokens: ColumnClause[float] = column(comment="Calls that could be paid for as of refreshed_at.")
    refreshed_at: ColumnClause[datetime] = column(comment="When tokens was last computed.")
    paused_until: ColumnClause[datetime | None] = column(comment="After a 429: no call is paid for before.")
    throttled_at: ColumnClause[datetime | None] = column(comment="When the last 429 came.")
    throttled_count: ColumnClause[int] = column(server_default=text("0"), comment="429s in a row.")
    reduced_limit: ColumnClause[float | None] = column(
        comment="Calls a minute assumed after repeated 429s; null: all of the limit."
    )
    call_count: ColumnClause[int] = column(type_=BigInteger, server_default=text("0"), comment="Calls ever paid for.")
    threshold_s: ColumnClause[float] = column(
        server_default=text("0.1"),
        comment="The poll index at which a poll is due, seconds of lag; set so that polls fit the budget.",
    )
    gain: ColumnClause[float] = column(
        server_default=text("1"), comment="Factor by which observed demand corrects the threshold."
    )
    repriced_at: ColumnClause[datetime | None] = column(comment="When the threshold was last computed.")
    due_from: ColumnClause[datetime | None] = column(
        comment="No row of the queue that Recall has shown is due before; claims begin to look here. Null: not known."
    )


class Calls(Base, schema=CONTROL, storage={"autovacuum_vacuum_scale_factor": "0.05"}):
    """The call log: the calls of the last hour, which is what the window rule counts."""

    __tablename__ = "calls"
    __table_args__ = (Index("calls_over", "workspace", "route", "over_at"),)

    call_id: ColumnClause[int] = column(
        type_=BigInteger, primary_key=True, autoincrement=False, comment="The lease it was made under."
    )
    workspace: ColumnClause[str] = column(comment="The workspace it was made in.")
    route: ColumnClause[str] = column(comment="retrieve or list.")
    paid_at: ColumnClause[datetime] = column(comment="When it was paid for.")
    over_at: ColumnClause[datetime] = column(
        comment="When it was answered or given up; until then, when it will have been at the latest."
    )
    is_throttled: ColumnClause[bool] = column(server_default=text("false"), comment="The answer was a 429.")


class Queue(Base, schema=CONTROL, storage={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.02"}):
    """Transcripts that have not reached their end: what is to be done next, when, and which process is doing it."""

    __tablename__ = "queue"
    __table_args__ = (
        Index("queue_due", "workspace", "is_observed", "due_at"),
        Index("queue_load", "workspace", "due_at", postgresql_where=text("stage = 'load'")),
        Index("queue_absent", "workspace", "absent_at", postgresql_where=text("absent_at is not null")),
        Index("queue_created", "workspace", "created_at", postgresql_where=text("stage = 'poll'")),
    )

    transcript_id: ColumnClause[UUID] = column(primary_key=True, comment="A transcript that has not reached its end.")
    workspace: ColumnClause[str] = column(comment="The workspace whose key can ask for it.")
    stage: ColumnClause[Stage] = column(comment="What is to be done next: poll, download or load.")
    due_at: ColumnClause[datetime] = column(comment="When it is to be done.")
    tracked_at: ColumnClause[datetime] = column(comment="When syncd began to track it.")
    pending_until: ColumnClause[datetime] = column(
        comment="The deadline of the stage; an answer after it that brings nothing new is the end of the transcript."
    )
    is_observed: ColumnClause[bool] = column(server_default=text("false"), comment="Recall has shown it to us.")
    last_seen_at: ColumnClause[datetime | None] = column(comment="When Recall last answered about it.")
    created_at: ColumnClause[datetime | None] = column(comment="When Recall created it; null: never seen.")
    provider: ColumnClause[str | None] = column(
        comment="Its provider key, which with the length says how long it is likely to take."
    )
    recording_length: ColumnClause[str | None] = column(comment="short or long; null where Recall does not tell.")
    threshold_s: ColumnClause[float | None] = column(comment="The threshold that due_at was computed with.")
    absent_from_done_at: ColumnClause[datetime | None] = column(
        comment="When a list page of finished ones last lacked it."
    )
    listed_at: ColumnClause[datetime | None] = column(comment="When a list page of unfinished ones last showed it.")
    absent_at: ColumnClause[datetime | None] = column(
        comment="When a list page of unfinished ones lacked it after an earlier one had shown it; it is polled first."
    )
    lease_token: ColumnClause[int | None] = column(
        type_=BigInteger, comment="Fences late writers out: only the newest token may write."
    )
    lease_holder: ColumnClause[str | None] = column(comment="The process that works on it; null: nobody does.")
    lease_until: ColumnClause[datetime | None] = column(comment="When another process may take it over.")
    expired_lease_count: ColumnClause[int] = column(
        server_default=text("0"), comment="Leases that ran out unsettled."
    )
    attempts: ColumnClause[int] = column(server_default=text("0"), comment="Failures in a row.")
    not_found_count: ColumnClause[int] = column(server_default=text("0"), comment="404s in a row.")
    forbidden_count: ColumnClause[int] = column(server_default=text("0"), comment="403s in a row.")
    unconfirmed: ColumnClause[list[str]] = column(
        server_default=text("'{}'"),
        comment="Digests of downloaded files that were no JSON; the same one again proves that the file is so.",
    )
    last_error: ColumnClause[str | None] = column(comment="What went wrong last, in words; null after a success.")
    last_error_at: ColumnClause[datetime | None] = column(comment="When it went wrong.")


class Durations(Base, schema=CONTROL):
    """What was observed of how long transcripts take; recall.sync_durations sums it up."""

    __tablename__ = "durations"

    workspace: ColumnClause[str] = column(primary_key=True, comment="The workspace it was observed in.")
    provider: ColumnClause[str] = column(primary_key=True, comment="The provider key.")
    recording_length: ColumnClause[str] = column(
        primary_key=True, comment="short or long recording; empty where not known."
    )
    bin: ColumnClause[int] = column(primary_key=True, comment="Number of the bin of age.")
    begin_s: ColumnClause[float] = column(comment="Where the bin begins, seconds since creation.")
    finished: ColumnClause[float] = column(comment="Transcripts that finished in it; older ones count less.")
    exposure_s: ColumnClause[float] = column(comment="Seconds spent waiting in it; older ones count less.")
    hazard: ColumnClause[float] = column(comment="Finishes a second among those that wait, as syncd reckons.")
    aged_at: ColumnClause[datetime] = column(comment="When the counts were last made to count less.")


class ListStates(Base, schema=CONTROL):
    """What is known about each workspace's list, and the cursors of its scan and of discovery."""

    __tablename__ = "list_states"

    workspace: ColumnClause[str] = column(primary_key=True, comment="The workspace whose list is read.")
    page_size: ColumnClause[float] = column(comment="Entries on a full page: assumed first, then seen.")
    foreign_processing: ColumnClause[float] = column(comment="Entries of others for one of ours, unfinished.")
    foreign_done: ColumnClause[float] = column(comment="Entries of others for one of ours, finished.")
    turn: ColumnClause[int] = column(type_=BigInteger, comment="List calls so far.")
    scan_hits: ColumnClause[float] = column(comment="Unseen ids that a page of the scan brings, on average.")
    scan_paused_until: ColumnClause[datetime | None] = column(comment="No scan begins before.")
    scan_began_at: ColumnClause[datetime | None] = column(
        comment="When the scan began that is under way, or else the last one."
    )
    scan_url: ColumnClause[str | None] = column(comment="Cursor of the scan; null: none is under way.")
    discover_url: ColumnClause[str | None] = column(comment="Cursor of discovery; null: it is between two passes.")
    discover_after: ColumnClause[datetime | None] = column(comment="The pass lists those created after this.")
    discover_began_at: ColumnClause[datetime | None] = column(comment="When the pass began.")
    discovered_at: ColumnClause[datetime | None] = column(comment="When the last whole pass began.")
    discover_paused_until: ColumnClause[datetime | None] = column(
        comment="After a pass not whole: none begins before."
    )
    discovery_flaw: ColumnClause[str | None] = column(
        comment="Why the pass under way, or the last one, cannot be relied on; null: it can."
    )
    discover_floor: ColumnClause[datetime | None] = column(comment="Whole passes have listed back to here.")
    failure_count: ColumnClause[int] = column(comment="List calls that failed in a row.")
    paused_until: ColumnClause[datetime | None] = column(
        comment="After failures or a refusal: nothing is listed before."
    )
    pause_reason: ColumnClause[str | None] = column(comment="Why nothing is listed; null: it is.")
    holder: ColumnClause[str | None] = column(comment="The process that is reading a page.")
    held_until: ColumnClause[datetime | None] = column(comment="When another process may.")


class Reparses(Base, schema=CONTROL):
    """Reparses that were interrupted, so that they go on where they stopped."""

    __tablename__ = "reparses"

    selection: ColumnClause[str] = column(
        primary_key=True, comment="What is read again, as the options of the command say it."
    )
    parser_version: ColumnClause[int] = column(comment="Version of the parser that reads.")
    last_transcript_id: ColumnClause[UUID | None] = column(comment="All up to this one have been read again.")
    done_count: ColumnClause[int] = column(server_default=text("0"), comment="How many those are.")
    started_at: ColumnClause[datetime] = column(comment="When it began.")


class ReparseLease(Base, schema=CONTROL):
    """The one reparse that may be at work; no row: none is."""

    __tablename__ = "reparse_lease"

    id: ColumnClause[int] = column(primary_key=True, autoincrement=False, comment="Always 1.")
    token: ColumnClause[UUID] = column(comment="Which one it is.")
    leased_until: ColumnClause[datetime] = column(comment="When another may begin, unless this is renewed.")


class EventOrder(Base, schema=CONTROL):
    """Locked by the transaction that writes recall.events while it commits; holds no row."""

    __tablename__ = "event_order"

    is_empty: ColumnClause[bool] = column(primary_key=True, comment="It always is.")
