"""The table of transitions in docs/architecture.md says what `decide` answers, and leaves nothing out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd import errors
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated
from syncd.core.queue.decide import Answer, decide
from syncd.core.queue.files import DownloadFailed, FilesTried
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.transcript import PAID_STAGES, FileKind, Stage
from tests.core.queue.transitions import Row, rows
from tests.core.samples import NOW

PAGE = Path(__file__).parents[3] / "docs" / "architecture.md"
COLUMNS = (
    *("happening", "case", "step", "stage", "wait", "counters"),
    *("file states", "call", "workspace", "budget", "events"),
)
UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
POLICY = Policy(estimated({}))


def _and_below(error: type[errors.SyncdError]) -> set[type[errors.SyncdError]]:
    return {error}.union(*map(_and_below, error.__subclasses__()))


GROUPS = {errors.RecallError, errors.WorkspaceFault, errors.DownloadError}
"""Never raised themselves: each error is one of their subclasses."""
NOT_DECIDED = {
    *_and_below(errors.OperatorError),  # the row waits, untouched
    *_and_below(errors.DatabaseAway),
    errors.LeaseLost,  # another worker decides
    *(errors.BadInput, errors.StillWaiting, errors.OutputFailed),  # of the commands
}


def table() -> list[tuple[str, ...]]:
    """The rows of the page, cell by cell, their markup left out."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"| {' | '.join(COLUMNS)} |") + 2
    found = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        found.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    return found


def cells(row: Row) -> tuple[str, ...]:
    """The row as the page must have it, from what `decide` answers."""
    outcome = decide(row.what, row.lease, NOW, POLICY, 0.5)
    change = outcome.row
    return (
        f"`{row.kind}`",
        row.case,
        change.step.value,
        change.stage.value if change.step in (Step.ADVANCE, Step.WAIT) else "",
        _wait(outcome),
        ", ".join(_counted(change, row.lease)),
        _files(outcome),
        outcome.call.value if outcome.call else "",
        _workspace(outcome),
        "" if outcome.throttle is None else "paused",
        ", ".join(outcome.events),
    )


def _wait(outcome: Outcome) -> str:
    if outcome.row.step != Step.WAIT:
        return ""
    if outcome.threshold_s is not None:
        return "policy"
    return _duration(outcome.row.wait_s) if outcome.row.wait_s >= 1 else "at once"


def _duration(seconds: float) -> str:
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    return f"{seconds / size:.0f} {unit}"


def _counted(change: RowChange, lease: Lease) -> Iterator[str]:
    if change.step not in (Step.ADVANCE, Step.WAIT):
        return
    counts = {
        "attempts": (change.attempts, lease.attempts),
        "404s": (change.not_found_count, lease.not_found_count),
        "403s": (change.forbidden_count, lease.forbidden_count),
        "digests": (len(change.unconfirmed), len(lease.unconfirmed)),
    }
    for name, (now, then) in counts.items():
        if now != then:
            yield f"{name} + 1" if now == then + 1 else f"{name} = {now}"
    if change.pending_until is not None:
        yield f"deadline in {_duration((change.pending_until - NOW).total_seconds())}"


def _files(outcome: Outcome) -> str:
    states = {str(kind): str(file.state) for kind, file in outcome.files.items()}
    if len(states) == len(FileKind) and len(set(states.values())) == 1:
        return f"both: {states[FileKind.TRANSCRIPT]}"
    return ", ".join(f"{kind}: {state}" for kind, state in states.items())


def _workspace(outcome: Outcome) -> str:
    if outcome.pause is not None:
        return f"paused for {_duration((outcome.pause.until - NOW).total_seconds())}"
    said = {
        "resumed": outcome.resumes,
        "failure counted": outcome.trouble is not None,
        "store: failure counted": outcome.store_trouble is not None,
        "store: resumed": outcome.store_resumes,
    }
    return ", ".join(words for words, is_true in said.items() if is_true)


def test_the_page_has_a_row_for_each_case() -> None:
    assert [line[:2] for line in table()] == [(f"`{row.kind}`", row.case) for row in rows()]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.kind}: {row.case}")
def test_the_page_says_what_decide_answers(row: Row) -> None:
    assert [line for line in table() if line[:2] == (f"`{row.kind}`", row.case)] == [cells(row)]


def test_only_an_answer_is_kept_and_only_one_to_a_poll_is_observed() -> None:
    for row in rows():
        outcome = decide(row.what, row.lease, NOW, POLICY, 0.5)
        assert (outcome.artifact is not None) == isinstance(row.what, Answer)
        assert not outcome.observations or (isinstance(row.what, Answer) and row.lease.stage == Stage.POLL)


def test_every_happening_that_decide_knows_is_on_the_page() -> None:
    shown = {decide.dispatch(type(row.what)) for row in rows()}
    assert {known.__name__ for known in decide.registry if decide.registry[known] not in shown} == {"object"}


def test_every_error_that_can_reach_decide_is_on_the_page() -> None:
    shown = {type(row.what) for row in rows()}
    shown |= {type(row.what.error) for row in rows() if isinstance(row.what, DownloadFailed)}
    shown |= {type(each) for row in rows() if isinstance(row.what, FilesTried) for each in row.what.failures}
    assert {error.__name__ for error in _errors() - GROUPS - NOT_DECIDED - shown} == set()


def test_the_page_says_which_stages_cost_a_call() -> None:
    found = re.findall(r"^\| `(\w+)` \| .* \| (yes|no) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(found) == {str(stage): "yes" if stage in PAID_STAGES else "no" for stage in Stage}


def _errors() -> set[type[errors.SyncdError]]:
    return {it for it in vars(errors).values() if isinstance(it, type) and issubclass(it, errors.SyncdError)}
