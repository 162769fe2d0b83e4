"""Which shipped recipe suits a photograph: ranked by how much surer the readers are of the row under each.

It says nothing about whether they are right: a recipe that makes a false stroke clear raises it as well.
Never to be shown before an examiner's own reading is locked; `examiner.examination.order_of_work` holds that
gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.enhance.recipe import Recipe, fitted, recipe_mapping, run_recipe
from pipelines.glyphs import GLYPHS
from pipelines.reading.decode import String, substitutions
from pipelines.reading.pooling import Slice, pool
from pipelines.search.sheets import Panel, screened_slices, sheet
from pipelines.strip import moved, sides
from pipelines.types import Image, Quad, as_quad

CLEARLY = 0.05
"""Change of a probability that is worth a word."""

LEAST = -60.0
"""Natural logarithm: what is less likely counts as this."""


@dataclass(frozen=True)
class SuggestedPosition:
    """One position under a recipe: the likeliest glyph ("": no character) and its uncalibrated probability,
    in the photograph as taken and with the recipe."""

    before: str
    p_before: float
    after: str
    p_after: float


@dataclass(frozen=True)
class Suggestion:
    """A recipe with its `rise`: how much the mean logarithm of the probability of the likeliest glyph rises
    over that in the photograph as taken, a position (nats). `why`: the same in words, without a glyph;
    `positions`: where it comes from."""

    recipe: str
    rise: float
    why: str
    positions: tuple[SuggestedPosition, ...] = ()


def suggestions(
    image: Image, band: Quad, recipes: Mapping[str, Recipe], panel: Panel
) -> tuple[Suggestion, ...]:
    """The recipes ranked for the row in `band` of an upright photograph, the greatest rise first.

    Sizes are fitted to the band's height. All are judged over the same string: the one that the readers
    see in the photograph as taken and under all recipes together. Empty where they see no character at all.
    Raises RecipeError for a recipe that unrolls a surface, ReaderError as readers do. Cost: each recipe on
    the whole photograph, and two strips read for each.
    """
    cap = sides(band)[1]
    fitted_recipes = {name: fitted(recipe, cap, image.shape) for name, recipe in recipes.items()}
    seen = {"": _seen(panel, image, band)}
    for name, recipe in fitted_recipes.items():
        enhanced, _ = run_recipe(recipe, image)
        to_enhanced, _ = recipe_mapping(recipe, (image.shape[0], image.shape[1]))
        seen[name] = _seen(panel, enhanced, as_quad(moved(band, to_enhanced)))
    string = pool([piece for pieces in seen.values() for piece in pieces]).string
    if not string:
        return ()
    logs = {name: _logs(pieces, string) for name, pieces in seen.items()}
    ranked = []
    for name in fitted_recipes:
        rise = float((logs[name].max(axis=1) - logs[""].max(axis=1)).mean())
        positions = _positions(logs[""], logs[name])
        ranked.append(Suggestion(name, rise, _why(positions), positions))
    return tuple(sorted(ranked, key=lambda suggestion: (-suggestion.rise, suggestion.recipe)))


def _seen(panel: Panel, image: Image, band: Quad) -> list[Slice]:
    return [piece for piece in screened_slices(panel, [sheet(0, image)], [band])[0] if piece.votes]


def _logs(slices: list[Slice], string: String) -> npt.NDArray[np.float64]:
    """(n, C) logarithms of probability of each glyph at each position, the rest of the string given."""
    total = np.zeros((len(string), len(GLYPHS) + 1))
    for piece in slices:
        table = substitutions(piece.columns, string)
        if np.isfinite(table).any():
            total += piece.weight * np.maximum(table, table.max() + LEAST)
    total /= sum(piece.weight for piece in slices)
    return np.asarray(total - np.logaddexp.reduce(total, axis=1)[:, None], np.float64)


def _positions(
    before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]
) -> tuple[SuggestedPosition, ...]:
    names = ("", *GLYPHS)
    return tuple(
        SuggestedPosition(
            names[int(plain.argmax())],
            float(np.exp(plain.max())),
            names[int(mine.argmax())],
            float(np.exp(mine.max())),
        )
        for plain, mine in zip(before, after, strict=True)
    )


def _why(positions: tuple[SuggestedPosition, ...]) -> str:
    surer = sum(position.p_after > position.p_before + CLEARLY for position in positions)
    less = sum(position.p_after < position.p_before - CLEARLY for position in positions)
    other = sum(position.after != position.before for position in positions)
    return (
        f"of {len(positions)} positions {surer} are read more surely and {less} less surely than in the "
        f"photograph as taken, {other} as another character"
    )
