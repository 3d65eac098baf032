"""Which states are worth another try."""

import pytest

from syncd.core.admin.retry import WORTH_ANOTHER_TRY, read_state
from syncd.errors import BadInput


def test_a_state_is_read_in_any_case_of_letters() -> None:
    assert [read_state(f" {state.upper()} ") for state in WORTH_ANOTHER_TRY] == list(WORTH_ANOTHER_TRY)
    with pytest.raises(BadInput, match="those are missing"):
        read_state("loaded")
