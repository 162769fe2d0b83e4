"""Recipes: named lists of steps with their parameters, as TOML; running them, and running a record again.

name = "even_light"
title = "Even light"
purpose = "One sentence."

[[steps]]
step = "even_light"
scale = 8.0
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tomli_w

from pipelines.enhance import STEPS
from pipelines.enhance.curved import SOURCES
from pipelines.enhance.geometry import MAPPINGS, step_mapping
from pipelines.enhance.step import PERCENT_OF_SIDE, Number, Step
from pipelines.errors import RecipeError
from pipelines.types import Image, Matrix, StepRecord

MOST_STEPS = 60
"""Steps of one recipe."""

USUAL_CHARACTER = 8.0
"""Height of a character, in % of the shorter side, for which the shipped recipes are set."""


@dataclass(frozen=True)
class RecipeStep:
    """One step by name. `parameters` are complete and checked: what the recipe left out has its default. One
    that is not `on` stays in the list but is not run."""

    step: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    on: bool = True


@dataclass(frozen=True)
class Recipe:
    """Steps in the order in which they are run. `name` is a word, `title` a few, `purpose` one sentence."""

    name: str
    title: str
    purpose: str
    steps: tuple[RecipeStep, ...]

    @property
    def run(self) -> tuple[RecipeStep, ...]:
        """The steps that are on, in order."""
        return tuple(entry for entry in self.steps if entry.on)


def make_recipe(
    name: str, title: str, purpose: str, steps: Sequence[tuple[str, Mapping[str, Any]]]
) -> Recipe:
    """A recipe of (step, parameters) pairs. Raises RecipeError naming recipe, step and what is allowed."""
    return Recipe(
        name,
        title,
        purpose,
        tuple(
            _recipe_step(f"recipe {name!r}, step {number}", step, parameters)
            for number, (step, parameters) in enumerate(steps, 1)
        ),
    )


def fitted(recipe: Recipe, character: float, shape: Sequence[int]) -> Recipe:
    """The recipe with its sizes fitted to characters `character` pixels high in a picture of `shape`.

    Every size in % of the shorter side is multiplied by one factor, within its range. Shipped recipes suit
    characters of 8 % of the shorter side as they are. Raises ValueError for a height that is not above 0.
    """
    if not character > 0:
        raise ValueError(f"the height of a character must be above 0 pixels, got {character}")
    factor = 100 * character / min(shape[:2]) / USUAL_CHARACTER
    steps = []
    for entry in recipe.steps:
        changed = dict(entry.parameters)
        for parameter in STEPS[entry.step].parameters:
            kind = parameter.kind
            if isinstance(kind, Number) and kind.unit == PERCENT_OF_SIDE:
                changed[parameter.name] = min(max(changed[parameter.name] * factor, kind.low), kind.high)
        steps.append(replace(entry, parameters=changed))
    return replace(recipe, steps=tuple(steps))


def load_recipe(source: Path | str) -> Recipe:
    """A recipe from a TOML file (a Path, or a string that ends in ".toml") or from TOML text.

    Raises RecipeError where the file cannot be read, and as `recipe_of` does.
    """
    if not isinstance(source, Path) and not source.strip().endswith(".toml"):
        return recipe_of(source)
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise RecipeError(f"{path.name}: cannot be read as a recipe: {error}") from error
    return recipe_of(text, path.name)


def recipe_of(text: str, where: str = "recipe text") -> Recipe:
    """A recipe from TOML text, whatever is in it. `where`: what an error calls the text.

    Raises RecipeError where it is not TOML, lacks a field or has an unknown one, or where a step or parameter
    is not allowed.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{where}: cannot be read as a recipe: {error}") from error
    expected = ("name", "title", "purpose", "steps")
    for key in table:
        if key not in expected:
            raise RecipeError(f"{where}: unknown field {key!r}; a recipe has {', '.join(expected)}")
    for key in expected[:3]:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise RecipeError(f"{where}: {key} must be a text that is not empty, got {table.get(key)!r}")
    steps = table.get("steps", [])
    if not isinstance(steps, list) or not all(isinstance(entry, dict) for entry in steps):
        raise RecipeError(f"{where}: steps must be tables [[steps]], got {steps!r}")
    if len(steps) > MOST_STEPS:
        raise RecipeError(f"{where}: a recipe has at most {MOST_STEPS} steps, got {len(steps)}")
    pairs = []
    for number, entry in enumerate(steps, 1):
        if not isinstance(entry.get("step"), str):
            raise RecipeError(f'{where}, step {number}: expected step = "name", got {entry.get("step")!r}')
        if not isinstance(entry.get("on", True), bool):
            raise RecipeError(f"{where}, step {number}: on must be true or false, got {entry['on']!r}")
        pairs.append(
            (entry["step"], {key: value for key, value in entry.items() if key not in ("step", "on")})
        )
    recipe = make_recipe(table["name"], table["title"], table["purpose"], pairs)
    switched = zip(recipe.steps, steps, strict=True)
    return replace(recipe, steps=tuple(replace(step, on=entry.get("on", True)) for step, entry in switched))


def recipe_toml(recipe: Recipe) -> str:
    """The recipe as TOML text, every parameter written out; `load_recipe` gives an equal recipe back."""
    steps = [
        {"step": entry.step, **({} if entry.on else {"on": False}), **entry.parameters}
        for entry in recipe.steps
    ]
    table = {"name": recipe.name, "title": recipe.title, "purpose": recipe.purpose, "steps": steps}
    return tomli_w.dumps(table)


def shipped_recipes() -> dict[str, Recipe]:
    """The recipes that come with the program, by name: `as_taken` first, the others in order of name."""
    files = resources.files("pipelines.enhance") / "recipes"
    recipes = [
        recipe_of(file.read_text(encoding="utf-8"), file.name)
        for file in files.iterdir()
        if file.name.endswith(".toml")
    ]
    return {recipe.name: recipe for recipe in sorted(recipes, key=lambda r: (r.name != "as_taken", r.name))}


def run_recipe(recipe: Recipe, image: Image) -> tuple[Image, tuple[StepRecord, ...]]:
    """The enhanced image and the record of each step, with every parameter and the hashes before and after.

    Steps that are off are neither run nor recorded; without one that is on, the image itself comes back.
    Raises ValueError for an image that is no image, RecipeError as `make_recipe` does.
    """
    records = []
    before = image_sha256(image) if recipe.run else ""
    for entry in recipe.run:
        image, record = run_step(entry, image, before)
        records.append(record)
        before = record.output_sha256
    return image, tuple(records)


def run_step(entry: RecipeStep, image: Image, input_sha256: str) -> tuple[Image, StepRecord]:
    """One step's result and its record; `input_sha256`: the image's own hash, see `image_sha256`."""
    step = _known("recipe", entry.step)
    result = step.run(image, **entry.parameters)
    parameters = _plain(step.complete(entry.parameters))
    return result, StepRecord(entry.step, parameters, input_sha256, image_sha256(result))


def replay(records: Sequence[StepRecord], image: Image) -> Image:
    """Runs recorded steps again on the same image and checks every hash.

    Raises RecipeError naming the first step whose input or output is not what was recorded.
    """
    for number, record in enumerate(records, 1):
        where = f"replay, step {number}"
        _same(where, record.name, "input", record.input_sha256, image)
        image = _known(where, record.name).run(image, **record.parameters)
        _same(where, record.name, "output", record.output_sha256, image)
    return image


def recipe_mapping(recipe: Recipe, shape: tuple[int, int]) -> tuple[Matrix, tuple[int, int]]:
    """Homography from a picture of `shape` (height, width) to the recipe's result, and the result's shape.

    Raises RecipeError for a recipe that unrolls a curved surface: see `to_original`."""
    total: Matrix = np.eye(3)
    for entry in recipe.run:
        if entry.step in SOURCES:
            raise RecipeError(f"step {entry.step!r} bends lines: no homography says where its pixels go")
        matrix, shape = step_mapping(entry.step, dict(entry.parameters), shape)
        total = matrix @ total
    return total, shape


def to_original(
    recipe: Recipe, shape: tuple[int, int], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(N, 2) points x, y of the recipe's result in the picture of `shape` (height, width) that it was made
    from; works for steps that unroll a surface as well."""
    ways: list[Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = []
    for entry in recipe.run:
        if entry.step in SOURCES:
            shape, source = SOURCES[entry.step](shape, **entry.parameters)
            ways.append(source)
        elif entry.step in MAPPINGS:
            matrix, shape = step_mapping(entry.step, dict(entry.parameters), shape)
            ways.append(partial(_through, np.asarray(np.linalg.inv(matrix), np.float64)))
    for way in reversed(ways):
        points = way(points)
    return points


def image_sha256(image: Image) -> str:
    """SHA-256 over the shape, the type and the values of an image, row by row, little-endian."""
    digest = hashlib.sha256(f"{image.shape} float32\n".encode())
    digest.update(np.ascontiguousarray(image, dtype="<f4").data)
    return digest.hexdigest()


def _through(matrix: Matrix, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def _recipe_step(where: str, name: str, parameters: Mapping[str, Any]) -> RecipeStep:
    step = _known(where, name)
    try:
        return RecipeStep(name, _plain(step.complete(parameters)))
    except RecipeError as error:
        raise RecipeError(f"{where}: {error}") from error


def _known(where: str, name: str) -> Step:
    if name not in STEPS:
        raise RecipeError(f"{where}: there is no step {name!r}; the steps are: {', '.join(STEPS)}")
    return STEPS[name]


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Points as lists, as they come back out of TOML and JSON."""
    return {
        name: [list(point) for point in value] if isinstance(value, tuple) else value
        for name, value in parameters.items()
    }


def _same(where: str, name: str, side: str, expected: str, image: Image) -> None:
    got = image_sha256(image)
    if got != expected:
        raise RecipeError(
            f"{where} ({name}): the {side} is not the one recorded: expected SHA-256 {expected[:16]}…, got "
            f"{got[:16]}…. Use the same photograph, the same version and the same kind of processor."
        )
