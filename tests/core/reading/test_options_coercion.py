"""What a value says, whatever type it came in."""

from collections.abc import Callable
from typing import Any

import pytest

from syncd.core.reading.options import coercion as to

TABLE: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (to.negated, True, False), (to.negated, "false", True), (to.negated, None, None), (to.yes, "true", True),
    (to.yes, False, None), (to.no, True, False), (to.no, "false", None), (to.chosen, "speaker", True),
    (to.chosen, "none", False), (to.chosen, "None", False), (to.chosen, "false", False), (to.chosen, ["pci"], True),
    (to.chosen, [], False), (to.chosen, "", None), (to.chosen, True, True), (to.chosen, {}, None),
    (to.chosen, None, None), (to.present, {}, True), (to.present, None, None), (to.present, True, None),
    (to.automatic, "auto", True), (to.automatic, ["auto"], True), (to.automatic, "en", None),
    (to.automatic, None, None), (to.behaviour, "manual", False), (to.behaviour, "automatic single language", True),
    (to.behaviour, "automatic multiple languages", True), (to.behaviour, "whatever", None),
    (to.behaviour, "", None), (to.several, ["en", "de"], ("en", "de")), (to.several, ["en"], None),
    (to.several, None, None), (to.single, ["en"], "en"), (to.single, ["en", "de"], None), (to.single, None, None),
    (to.count, [], 0), (to.count, ["a", "b"], 2), (to.count, ["a", ""], 1), (to.count, [{"value": "a"}, "b"], 2),
    (to.count, [{"phrases": ["a", "b"]}, {"phrases": ["c"]}], 3), (to.count, "a:2, b", 2), (to.count, "true", None),
    (to.count, [{"inlinePhraseSet": {"phrases": [{}, {}]}}, {"phraseSet": "projects/p/phraseSets/x"}], 2),
    (to.count, [{"phraseSet": "projects/p/phraseSets/x"}], None), (to.count, [{"inlinePhraseSet": 7}], 1),
    (to.count, [None], None), (to.count, True, None), (to.count, {}, None), (to.switched_off, False, 0),
    (to.switched_off, "false", 0), (to.switched_off, True, None), (to.switched_off, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value", "expected"), TABLE)
def test_a_value_says(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    said = read(value)
    assert said == expected
    assert type(said) is type(expected)
