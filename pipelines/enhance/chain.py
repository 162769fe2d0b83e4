"""Recipes run while they are edited: what a change leaves as it was is not run again.

`Intermediates` keeps the results of every step, so that after an edit in the middle only what follows is
computed. `on_crop` shows the part in view first, where the whole takes long.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipelines.enhance import STEPS
from pipelines.enhance.catalogue import QUICK_MS, expected_ms
from pipelines.enhance.reach import reach
from pipelines.enhance.recipe import Recipe, RecipeStep, run_step
from pipelines.enhance.step import PERCENT_OF_SIDE, Number
from pipelines.errors import RecipeError
from pipelines.types import Image, StepRecord

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the result; right and bottom are the first beyond it."""


@dataclass(frozen=True, eq=False)
class ChainResult:
    """What a chain gives: the picture, the record of each step that is on, and how many of those steps were
    run for it rather than taken from before."""

    image: Image
    records: tuple[StepRecord, ...]
    computed: int


@dataclass(frozen=True, eq=False)
class Crop:
    """A part of a chain's result. `box`: where it lies, within the result. `exact` is False where a step
    depends on the whole picture and saw only the part: a preview then, not to be recorded."""

    image: Image
    box: Box
    exact: bool


class Intermediates:
    """Results of steps, kept up to `most_bytes` of pixels, those unused longest dropped first. Safe to use
    from threads."""

    def __init__(self, most_bytes: int = 512 << 20) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Image, StepRecord]] = OrderedDict()
        self._lock = threading.Lock()

    def run(
        self, recipe: Recipe, image: Image, sha256: str, progress: Callable[[int, int], None] | None = None
    ) -> ChainResult:
        """The recipe's result, from the longest beginning that is kept. `sha256`: of the image, see
        `recipe.image_sha256`. `progress` is told (steps done, steps) after each. The result is read-only.
        Raises what `recipe.run_recipe` raises."""
        records: list[StepRecord] = []
        computed = 0
        for number, entry in enumerate(recipe.run, 1):
            key = _key(sha256, recipe.run[:number])
            kept = self._found(key)
            if kept is None:
                kept = run_step(entry, image, records[-1].output_sha256 if records else sha256)
                kept[0].setflags(write=False)
                computed += 1
                self._keep(key, kept)
            image, record = kept
            records.append(record)
            if progress is not None:
                progress(number, len(recipe.run))
        return ChainResult(image, tuple(records), computed)

    def kept(self, recipe: Recipe, sha256: str) -> tuple[int, Image | None]:
        """How many steps at the recipe's beginning are kept, and the result of the last of them."""
        for number in range(len(recipe.run), 0, -1):
            kept = self._found(_key(sha256, recipe.run[:number]))
            if kept is not None:
                return number, kept[0]
        return 0, None

    def _found(self, key: str) -> tuple[Image, StepRecord] | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, result: tuple[Image, StepRecord]) -> None:
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > 1 and sum(i.nbytes for i, _ in self._kept.values()) > self.most_bytes:
                self._kept.popitem(last=False)


def on_crop(
    recipe: Recipe,
    image: Image,
    box: Box,
    intermediates: Intermediates,
    sha256: str,
    quick_ms: float = QUICK_MS,
) -> Crop:
    """The part `box` of the recipe's result, where its slow steps are run on little more than that part.

    What comes before the first step that would take longer than `quick_ms` is run on the whole, and so is
    what comes before a step that moves pixels; what is kept already is taken. All that follows sees the part
    with the margin that its steps need (`reach`). Where `exact`, the part differs from that of the whole by
    0.02 at most: wide filters are worked on a smaller copy, whose pixels lie elsewhere. `sha256`: of the
    image. Raises RecipeError for a box without area in the result.
    """
    names = [entry.step for entry in recipe.run]
    slow = next((n for n, name in enumerate(names) if expected_ms(name, image) > quick_ms), len(names))
    moving = max((n for n, name in enumerate(names, 1) if STEPS[name].group == "geometry"), default=0)
    kept, picture = intermediates.kept(recipe, sha256)
    if kept < max(slow, moving) or picture is None:
        kept = max(slow, moving)
        picture = intermediates.run(replace(recipe, steps=recipe.run[:kept]), image, sha256).image
    height, width = picture.shape[:2]
    left, top, right, bottom = box[0], box[1], min(box[2], width), min(box[3], height)
    if not (0 <= left < right and 0 <= top < bottom):
        raise RecipeError(f"the part {box} has no pixel of the result, which has {width} × {height}")
    rest = recipe.run[kept:]
    reaches = [reach(entry.step, entry.parameters, (height, width)) for entry in rest]
    margin = int(np.ceil(sum(pixels for pixels in reaches if pixels is not None)))
    x0, y0 = max(0, left - margin), max(0, top - margin)
    x1, y1 = min(width, right + margin), min(height, bottom + margin)
    part = picture[y0:y1, x0:x1]
    for entry in rest:
        part = _on_part(entry, part, min(height, width))
    whole = (x0, y0, x1, y1) == (0, 0, width, height)
    return Crop(
        np.ascontiguousarray(part[top - y0 : bottom - y0, left - x0 : right - x0]),
        (left, top, right, bottom),
        whole or all(pixels is not None for pixels in reaches),
    )


def _on_part(entry: RecipeStep, part: Image, side: int) -> Image:
    """A step on a part of a picture whose shorter side is `side`: sizes in % mean that side, which may take
    them beyond the range that the step's own check allows."""
    step = STEPS[entry.step]
    parameters = step.complete(entry.parameters)
    for parameter in step.parameters:
        if isinstance(parameter.kind, Number) and parameter.kind.unit == PERCENT_OF_SIDE:
            parameters[parameter.name] *= side / min(part.shape[:2])
    result = step.run.__wrapped__(part, **parameters)  # type: ignore[attr-defined]
    return np.ascontiguousarray(np.clip(result, 0, 1), dtype=np.float32)


def _key(sha256: str, steps: tuple[RecipeStep, ...]) -> str:
    return json.dumps([sha256, [[entry.step, dict(entry.parameters)] for entry in steps]], sort_keys=True)
