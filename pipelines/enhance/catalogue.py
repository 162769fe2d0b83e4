"""The catalogue of steps and recipes: what each assumes, when it lies, what it costs, and what was measured.

Descriptions come from the steps themselves, figures from `measured.toml`, which `benchmarks/enhance.py`
writes.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pipelines.enhance import STEPS
from pipelines.enhance.recipe import shipped_recipes
from pipelines.enhance.step import Parameter, Step
from pipelines.types import Image

QUICK_MS = 200
"""Milliseconds on two megapixels of colour up to which a step counts as quick."""

GROUPS = {
    "light": "Uneven light",
    "grinding": "Grinding lines and patterns",
    "noise": "Noise",
    "blur": "Blur",
    "contrast": "Weak contrast",
    "colour": "Colour",
    "geometry": "Geometry",
}
"""What steps undo, in the order in which the faults are best undone, and how it is called."""


@dataclass(frozen=True)
class Measured:
    """What one set of simulated plates gave; see `benchmarks/enhance.py` for what each figure means.

    `evidence`: change of the readers' log-probability of the truth a character, with its 95 % interval;
    `contrast`: contrast to noise, times that of the photograph as taken; `false_strokes` a character on blank
    plates; `read_on_blanks`: share of blank plates on which a reader saw a character. `twins`: plates that
    count for contrast and false strokes.
    """

    plates: int
    twins: int
    evidence: float
    evidence_95: tuple[float, float]
    contrast: float
    false_strokes: float
    read_on_blanks: float


@dataclass(frozen=True)
class Entry:
    """A step or a shipped recipe as the catalogue shows it.

    `group`: a key of GROUPS, empty for a recipe. `assumes`, `lies`, `cost` and `reference` are sentences of a
    step's description, `text` the rest of it. `milliseconds`: grey and colour, on two megapixels, one thread
    of the table's machine. `tuning`: plates by which steps were chosen; `foreign`: plates that nothing was
    chosen by. None where not measured, as for steps that only move pixels.
    """

    name: str
    group: str
    title: str
    summary: str
    text: str = ""
    assumes: str = ""
    lies: str = ""
    cost: str = ""
    reference: str = ""
    parameters: tuple[Parameter, ...] = ()
    steps: tuple[str, ...] = ()
    milliseconds: tuple[int, int] | None = None
    tuning: Measured | None = None
    foreign: Measured | None = None

    @property
    def slow(self) -> bool:
        """Whether it takes longer than QUICK_MS, as measured."""
        return self.milliseconds is not None and max(self.milliseconds) > QUICK_MS


def catalogue() -> tuple[Entry, ...]:
    """Every step, group by group in the order of GROUPS, then the shipped recipes."""
    table = measurements()
    steps = [_step_entry(step, table.get(step.name, {})) for step in STEPS.values()]
    steps.sort(key=lambda entry: list(GROUPS).index(entry.group))
    recipes = [
        Entry(
            name=name,
            group="",
            title=recipe.title,
            summary=recipe.purpose,
            steps=tuple(entry.step for entry in recipe.steps),
            **_figures(table.get(f"recipe {name}" if recipe.steps else name, {})),
        )
        for name, recipe in shipped_recipes().items()
    ]
    return (*steps, *recipes)


def expected_ms(step: str, image: Image) -> float:
    """Milliseconds that a step will take on a picture of this size, going by the table's machine; 0 where it
    was not measured, as for steps that only move pixels."""
    cost = measurements().get(step, {}).get("milliseconds", {"grey": 0, "colour": 0})
    pixels = image.shape[0] * image.shape[1]
    return float(cost["grey" if image.ndim == 2 else "colour"] * pixels / 2e6)


@cache
def measurements() -> Mapping[str, Any]:
    """The committed table: `version`, `machine`, `seeds`, and by step or `recipe NAME` its figures."""
    text = (resources.files("pipelines.enhance") / "measured.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _step_entry(step: Step, row: Mapping[str, Any]) -> Entry:
    parts: dict[str, list[str]] = {}
    for paragraph in _paragraphs(step):
        parts.setdefault(_kind(paragraph, step), []).append(paragraph)
    said = {kind: " ".join(paragraphs) for kind, paragraphs in parts.items()}
    return Entry(
        name=step.name,
        group=step.group,
        title=step.name.replace("_", " ").capitalize(),
        summary=step.summary,
        text=said.get("text", ""),
        assumes=said.get("assumes", ""),
        lies=said.get("lies", ""),
        cost=said.get("cost", "").removeprefix("Cost: "),
        reference=said.get("reference", "").removeprefix("Reference: "),
        parameters=step.parameters,
        **_figures(row),
    )


def _paragraphs(step: Step) -> list[str]:
    """The paragraphs of a step's description after the summary, each on one line; a source stands alone."""
    body = inspect.cleandoc(step.run.__doc__ or "").partition("\n\n")[2]
    body = body.replace("\nReference: ", "\n\nReference: ")
    return [" ".join(paragraph.split()) for paragraph in body.split("\n\n") if paragraph.strip()]


def _kind(paragraph: str, step: Step) -> str:
    for word, kind in (("Assumes ", "assumes"), ("Lies ", "lies"), ("Cost: ", "cost")):
        if paragraph.startswith(word):
            return kind
    if paragraph.startswith("Reference: "):
        return "reference"
    names = "|".join(parameter.name for parameter in step.parameters)
    return "parameters" if names and re.match(rf"({names}): ", paragraph) else "text"


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    cost = row.get("milliseconds")
    return {
        "milliseconds": None if cost is None else (cost["grey"], cost["colour"]),
        "tuning": _measured(row.get("tuning")),
        "foreign": _measured(row.get("foreign")),
    }


def _measured(figures: Mapping[str, Any] | None) -> Measured | None:
    if figures is None:
        return None
    low, high = figures["evidence_95"]
    return Measured(**{**figures, "evidence_95": (low, high)})
