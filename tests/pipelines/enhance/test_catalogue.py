"""The catalogue: every step described and measured."""

from __future__ import annotations

import re

import pytest

from pipelines.enhance import STEPS
from pipelines.enhance.catalogue import GROUPS, QUICK_MS, catalogue, measurements
from pipelines.enhance.recipe import shipped_recipes

ENTRIES = {entry.name if entry.group else f"recipe {entry.name}": entry for entry in catalogue()}


def test_it_holds_every_step_and_recipe_once_group_by_group() -> None:
    steps = [entry for entry in catalogue() if entry.group]
    assert {entry.name for entry in steps} == set(STEPS)
    assert len(catalogue()) == len(STEPS) + len(shipped_recipes())
    places = [list(GROUPS).index(entry.group) for entry in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_says_what_it_assumes_when_it_lies_and_where_it_is_from(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.assumes.startswith("Assumes ") and entry.assumes.endswith(".")
    assert entry.lies.startswith("Lies ") and entry.lies.endswith(".")
    assert entry.cost and entry.text and "Cost:" not in entry.text and "Reference:" not in entry.cost
    assert {parameter.name for parameter in entry.parameters} == {
        parameter.name for parameter in STEPS[name].parameters
    }
    if entry.group != "geometry" and name not in ("gamma", "levels", "stretch", "invert", "channel"):
        assert re.search(r"doi 10\.\d{4,}/\S|no DOI", entry.reference), entry.reference


@pytest.mark.parametrize("key", [key for key, entry in ENTRIES.items() if entry.group != "geometry"])
def test_what_changes_brightness_is_measured(key: str) -> None:
    entry = ENTRIES[key]
    assert entry.milliseconds is not None
    assert entry.slow == (max(entry.milliseconds) > QUICK_MS)
    for measured in (entry.tuning, entry.foreign):
        assert measured is not None
        assert measured.plates >= measured.twins > 0
        assert measured.evidence_95[0] <= measured.evidence <= measured.evidence_95[1]
        assert 0 <= measured.read_on_blanks <= 1 and measured.false_strokes >= 0 and measured.contrast > 0


def test_the_table_says_how_it_was_made_and_holds_nothing_else() -> None:
    table = dict(measurements())
    assert table.pop("version") and table.pop("machine") and table.pop("seeds")
    recipes = {f"recipe {name}" for name, recipe in shipped_recipes().items() if recipe.steps}
    assert set(table) == {"as_taken"} | recipes | {e.name for e in ENTRIES.values() if e.group} - {
        name for name, step in STEPS.items() if step.group == "geometry"
    }
