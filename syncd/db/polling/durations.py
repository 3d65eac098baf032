"""How long transcripts took, counted together by all processes of a workspace."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Double, Integer, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.polling.strata import (
    AGED_AFTER,
    HALF_LIFE,
    MOST_HALF_LIVES,
    NEGLIGIBLE,
    Stratum,
    SurvivalCurves,
    Tally,
    estimated,
)
from syncd.core.polling.survival import BINS, EDGES_S
from syncd.db.engine import unnested
from syncd.db.tables.control import Durations


def add(connection: Connection, workspace: str, observations: Mapping[Stratum, Tally], now: datetime) -> None:
    """Count in what a process has seen since it last did."""
    rows = [
        row
        for stratum, tally in sorted(observations.items(), key=_order)
        for row in _rows(workspace, stratum, tally, now)
    ]
    if not rows:
        return
    upsert = insert(Durations).values(rows)
    old, new = Durations, upsert.excluded
    connection.execute(
        upsert.on_conflict_do_update(
            index_elements=[old.workspace, old.provider, old.recording_length, old.bin],
            set_={"finished": old.finished + new.finished, "exposure_s": old.exposure_s + new.exposure_s},
        )
    )


def age(connection: Connection, workspace: str, now: datetime) -> None:
    """Let old counts weigh less; twin of `strata.aged`."""
    halves = func.extract("epoch", now - Durations.aged_at) / HALF_LIFE.total_seconds()
    factor = func.power(0.5, func.least(halves, MOST_HALF_LIVES))

    def aged(count: ColumnElement[float]) -> ColumnElement[float]:
        return case((count > NEGLIGIBLE, count * factor), else_=0.0)

    is_old = (Durations.workspace == workspace) & (Durations.aged_at < now - AGED_AFTER)
    connection.execute(
        update(Durations)
        .where(is_old)
        .values(finished=aged(Durations.finished), exposure_s=aged(Durations.exposure_s), aged_at=now)
    )


def read_durations(connection: Connection, workspace: str) -> dict[Stratum, Tally]:
    """All that was counted."""
    tallies: dict[Stratum, Tally] = {}
    for row in connection.execute(select(Durations).where(Durations.workspace == workspace)):
        if row.bin < BINS:
            tally = tallies.setdefault(Stratum(row.provider, row.recording_length or None), Tally())
            tally.finished[row.bin], tally.exposure_s[row.bin] = row.finished, row.exposure_s
    return tallies


def curves(connection: Connection, workspace: str) -> SurvivalCurves:
    """The curves that follow from what was counted."""
    return estimated(read_durations(connection, workspace))


def write_hazards(connection: Connection, workspace: str, estimates: SurvivalCurves) -> None:
    """Put the hazards beside the counts, for recall.sync_durations."""
    for stratum, curve in sorted(estimates.by_stratum.items(), key=_order):
        by_bin = unnested("curve", {"bin": (range(BINS), Integer), "hazard": (curve.hazards, Double)})
        statement = update(Durations).where(
            Durations.workspace == workspace,
            Durations.provider == stratum.provider,
            Durations.recording_length == (stratum.length or ""),
            Durations.bin == by_bin.c.bin,
        )
        connection.execute(statement.values(hazard=by_bin.c.hazard))


def _order(stratum: tuple[Stratum, object]) -> tuple[str, str]:
    """The same for all processes, so that they do not wait for each other in a circle."""
    return stratum[0].provider or "", stratum[0].length or ""


def _rows(workspace: str, stratum: Stratum, tally: Tally, now: datetime) -> list[dict[str, object]]:
    """A row for every bin, so that the view sees the whole curve."""
    return [
        {
            "workspace": workspace,
            "provider": stratum.provider,
            "recording_length": stratum.length or "",
            "bin": bin_,
            "begin_s": EDGES_S[bin_],
            "finished": tally.finished[bin_],
            "exposure_s": tally.exposure_s[bin_],
            "hazard": 0.0,
            "aged_at": now,
        }
        for bin_ in range(BINS)
    ]
