"""What a fusion is: a pure function on a stack of photographs, described well enough to offer and check it.

A fusion takes a `Stack` and gives a picture float32 in [0, 1], (H, W) or (H, W, 3) RGB, in the stack's frame,
a mask of where it says anything, and the weight of every photograph. It has no state and no chance in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.enhance.step import ChoiceParameter, Kind, Number, Parameter, completed, described
from pipelines.errors import LightsError, MarkingError, NoOverlapError, TooFewPhotographsError
from pipelines.fuse.stack import BACKGROUND, Mask, Stack
from pipelines.photographs.lights import check_spread
from pipelines.types import Image

WHERE = ChoiceParameter(
    ("common", "any"),
    "common: only where every photograph has pixels; any: wherever enough have, so borders of photographs "
    "may show as lines",
)
LIGHT = ChoiceParameter(
    ("as_taken", "evened"), "as_taken, or each photograph grey and its slow changes of light evened"
)
GAIN = Number("times", 0.25, 32, "how much what is found is raised; the same gain makes pictures comparable")


@dataclass(frozen=True, eq=False)
class Fused:
    """A fused picture. `covered` (H, W): where it says anything; elsewhere `image` is mid-grey.

    `weights` by the photographs' numbers in the series: the share of what is seen that comes from each, or
    its factor where photographs are subtracted; what exactly, each fusion says. `findings`: what else it
    found, as plain values for JSON.
    """

    image: Image
    covered: Mask
    weights: Mapping[int, float]
    findings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fusion:
    """A registered fusion. `summary` is one sentence; `photographs` the fewest it needs, `lights` whether
    they are those whose light is known; `ordered` whether it matters which of them came first."""

    name: str
    title: str
    summary: str
    photographs: int
    lights: bool
    ordered: bool
    parameters: tuple[Parameter, ...]
    function: Callable[..., Fused]

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """`given` checked, and the defaults for the rest. Raises RecipeError naming what was expected."""
        return completed(f"fusion {self.name!r}", self.parameters, given)

    def lacks(self, stack: Stack) -> str | None:
        """Why it cannot be done with this stack, in words for a person; None where it can be tried."""
        try:
            self.check(stack)
        except MarkingError as error:
            return str(error)
        return None

    def check(self, stack: Stack) -> None:
        """Raises TooFewPhotographsError or LightsError for a stack that has not what it needs."""
        lights = stack.lights()
        if len(stack.layers) < self.photographs:
            raise TooFewPhotographsError(
                f"{self.title}: needs {self.photographs} aligned photographs or more, got {len(stack.layers)}"
            )
        if self.lights and len(lights) < self.photographs:
            raise LightsError(
                f"{self.title}: needs the light directions of {self.photographs} photographs or more, got "
                f"{len(lights)}; give azimuth and elevation of each in lights.csv (file,azimuth,elevation)"
            )
        if self.lights:
            check_spread([lights[index] for index in sorted(lights)])

    def run(self, stack: Stack, **given: Any) -> Fused:
        """Checks stack and parameters, fuses, and sees to it that nothing is out of range or not a number.

        Raises RecipeError for a parameter, TooFewPhotographsError, LightsError, NoOverlapError.
        """
        parameters = self.complete(given)
        self.check(stack)
        return self.finished(self.function(stack, **parameters))

    def finished(self, result: Fused) -> Fused:
        """In range, mid-grey where nothing is known. Raises NoOverlapError where that is everywhere."""
        if not result.covered.any():
            raise NoOverlapError(
                f"{self.title}: no place of the reference is shown by enough of the photographs; leave out "
                'those that show another part, or choose where = "any"'
            )
        image = np.where(
            result.covered if result.image.ndim == 2 else result.covered[..., np.newaxis],
            np.clip(result.image, 0, 1),
            BACKGROUND,
        )
        return Fused(np.ascontiguousarray(image, np.float32), result.covered, result.weights, result.findings)


FUSIONS: dict[str, Fusion] = {}
"""Every fusion by its name, in the order in which they are offered."""


def fusion(
    title: str, *, photographs: int = 2, lights: bool = False, ordered: bool = False, **kinds: Kind
) -> Callable[[Callable[..., Fused]], Callable[..., Fused]]:
    """Registers a function of a stack as a fusion under its own name; `kinds` describes each keyword-only
    parameter, the first line of its docstring is the summary."""

    def register(function: Callable[..., Fused]) -> Callable[..., Fused]:
        FUSIONS[function.__name__] = Fusion(
            name=function.__name__,
            title=title,
            summary=(function.__doc__ or "").strip().splitlines()[0],
            photographs=photographs,
            lights=lights,
            ordered=ordered,
            parameters=described(function, kinds),
            function=function,
        )
        return function

    return register


def enough(masks: Mask, where: str, least: int) -> Mask:
    """(H, W): where all of the masks (K, H, W) are True ("common"), or at least `least` of them ("any")."""
    return np.asarray(masks.all(axis=0) if where == "common" else masks.sum(axis=0) >= least, np.bool_)


def shares(stack: Stack, counted: npt.NDArray[np.float64]) -> dict[int, float]:
    """What was counted for each layer (K,) as its share of the whole, by number in the series."""
    total = max(float(counted.sum()), 1e-12)
    return {layer.index: float(count) / total for layer, count in zip(stack.layers, counted, strict=True)}
