"""The enhancement bench as plain values: the catalogue, a chain and what of its form the browser shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.enhance.catalogue import GROUPS, Entry, Measured, catalogue
from pipelines.enhance.grinding import NOTCHES
from pipelines.enhance.recipe import Recipe, RecipeStep, make_recipe
from pipelines.enhance.step import ChoiceParameter, Corners, Flag, Number, Parameter
from pipelines.errors import RecipeError

NAME = "bench"
TITLE = "On the bench"
MOST_STEPS = 30

PICKED = {
    "perspective": "corners",
    "unroll_barrel": "corners",
    "region": "region",
    "unroll_circle": "ring",
}
"""Steps whose parameters are set by clicking on the picture before them, and how."""


def chain_of(value: Any, name: str = NAME, title: str = TITLE, purpose: str = "") -> Recipe:
    """A recipe from what the browser sent: a list of objects with step, parameters and on.

    Raises RecipeError naming what is wrong; trusts nothing.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MOST_STEPS:
        raise RecipeError(f"a chain is a list of at most {MOST_STEPS} steps")
    pairs, on = [], []
    for number, entry in enumerate(value, 1):
        parameters = entry.get("parameters", {}) if isinstance(entry, Mapping) else None
        if not isinstance(parameters, Mapping) or not isinstance(entry.get("step"), str):
            raise RecipeError(f"step {number}: expected an object with step and parameters")
        pairs.append((entry["step"], {str(key): _tuples(part) for key, part in parameters.items()}))
        on.append(entry.get("on", True) is not False)
    recipe = make_recipe(name, title, purpose, pairs)
    steps = (RecipeStep(**{**vars(step), "on": lit}) for step, lit in zip(recipe.steps, on, strict=True))
    return Recipe(recipe.name, recipe.title, recipe.purpose, tuple(steps))


def chain_value(recipe: Recipe) -> list[dict[str, Any]]:
    """A recipe's steps for the browser; inverse of `chain_of`."""
    return [
        {"step": entry.step, "parameters": dict(entry.parameters), "on": entry.on} for entry in recipe.steps
    ]


def catalogue_value() -> list[dict[str, Any]]:
    """Every step, group by group: what it assumes, when it lies, what it costs and what was measured."""
    return [_entry(entry) for entry in catalogue() if entry.group]


def recipe_values(recipes: Mapping[str, Recipe]) -> list[dict[str, Any]]:
    """The recipes that can be put on the bench, with their measured figures where there are any."""
    measured = {entry.name: entry for entry in catalogue() if not entry.group}
    return [
        {
            "name": recipe.name,
            "title": recipe.title,
            "purpose": recipe.purpose,
            "chain": chain_value(recipe),
            "figures": _figures(measured.get(recipe.name)),
        }
        for recipe in recipes.values()
    ]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "group": GROUPS[entry.group],
        "title": entry.title,
        "summary": entry.summary,
        "text": entry.text,
        "assumes": entry.assumes,
        "lies": entry.lies,
        "cost": entry.cost,
        "reference": entry.reference,
        "milliseconds": list(entry.milliseconds) if entry.milliseconds else None,
        "slow": entry.slow,
        "notch": entry.name in NOTCHES,
        "picked": PICKED.get(entry.name, ""),
        "parameters": [_parameter(parameter) for parameter in entry.parameters],
        "figures": _figures(entry),
    }


def _figures(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {
        plates: _measured(figures)
        for plates, figures in (("foreign", entry.foreign), ("tuning", entry.tuning))
        if figures is not None
    }


def _measured(figures: Measured) -> dict[str, Any]:
    return {
        "plates": figures.plates,
        "evidence": figures.evidence,
        "evidence_95": list(figures.evidence_95),
        "contrast": figures.contrast,
        "false_strokes": figures.false_strokes,
        "read_on_blanks": figures.read_on_blanks,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    value: dict[str, Any] = {"name": parameter.name, "doc": parameter.kind.doc, "default": parameter.default}
    match parameter.kind:
        case Number(unit=unit, low=low, high=high):
            return {**value, "kind": "number", "unit": unit, "low": low, "high": high}
        case ChoiceParameter(options=options):
            return {**value, "kind": "choice", "options": list(options)}
        case Flag():
            return {**value, "kind": "flag"}
        case Corners():
            return {**value, "kind": "corners"}


def _tuples(value: Any) -> Any:
    """Lists as the tuples that corners are made of."""
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value
