"""Why a workspace makes no calls, or downloads nothing, just now."""

from sqlalchemy import Connection, func, select

from syncd.db.tables.control import ListStates, Workspaces


def pauses(connection: Connection, workspace: str) -> list[str]:
    """The reasons, as they were logged when each pause began; none: nothing is paused."""
    refused = select(Workspaces.pause_reason).where(Workspaces.workspace == workspace)
    is_over = func.coalesce(ListStates.paused_until <= func.clock_timestamp(), True)
    unlisted = select(ListStates.pause_reason).where(ListStates.workspace == workspace, ~is_over)
    no_files = select("Downloads are paused. " + Workspaces.store_pause_reason)
    no_files = no_files.where(Workspaces.workspace == workspace)
    found = [connection.execute(statement).scalar_one_or_none() for statement in (refused, no_files, unlisted)]
    return list(dict.fromkeys(reason for reason in found if reason is not None))
