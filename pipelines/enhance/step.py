"""What a step is: a pure function on one image, with its parameters described well enough to check them.

A step takes float32 in [0, 1], (H, W) grey or (H, W, 3) RGB, and gives a new array of the same kind. It has
no state and no chance in it, so the same image and parameters give the same result.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipelines.errors import RecipeError
from pipelines.types import Image

Group = Literal["light", "grinding", "noise", "blur", "contrast", "colour", "geometry"]
"""What a step undoes or changes."""

PERCENT_OF_SIDE = "% of the shorter side"
"""The unit of sizes that follow the picture, so that a recipe suits any resolution of the same scene."""


@dataclass(frozen=True)
class Number:
    """A real number from `low` to `high`, both included, in `unit`."""

    unit: str
    low: float
    high: float
    doc: str


@dataclass(frozen=True)
class ChoiceParameter:
    """One of a few words."""

    options: tuple[str, ...]
    doc: str


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    doc: str


@dataclass(frozen=True)
class Corners:
    """Four points (x, y), clockwise from the top left, as fractions 0..1 of the way across and down."""

    doc: str


Kind = Number | ChoiceParameter | Flag | Corners


@dataclass(frozen=True)
class Parameter:
    """A step's parameter: its name, what values it takes, and the one it has unless told otherwise."""

    name: str
    kind: Kind
    default: Any


@dataclass(frozen=True)
class Step:
    """A registered step. `run` takes an image and the parameters by name and checks both."""

    name: str
    group: Group
    summary: str
    parameters: tuple[Parameter, ...]
    run: Callable[..., Image]

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """`given` checked, and the defaults for the rest. Raises RecipeError naming what was expected."""
        return completed(f"step {self.name!r}", self.parameters, given)


STEPS: dict[str, Step] = {}
"""Every step by its name, in the order of registration."""


def step(group: Group, **kinds: Kind) -> Callable[[Callable[..., Image]], Callable[..., Image]]:
    """Registers a function as a step under its own name; `kinds` describes each keyword-only parameter.

    The registered function checks image and parameters, then runs, then clips to [0, 1]: ValueError for an
    image that is not float32 in [0, 1] of at least one pixel, RecipeError for a parameter.
    """

    def register(function: Callable[..., Image]) -> Callable[..., Image]:
        parameters = described(function, kinds)

        @functools.wraps(function)
        def run(image: Image, **given: Any) -> Image:
            check_image(function.__name__, image)
            result = function(image, **registered.complete(given))
            return np.ascontiguousarray(np.clip(result, 0, 1), dtype=np.float32)

        registered = Step(
            name=function.__name__,
            group=group,
            summary=(function.__doc__ or "").strip().splitlines()[0],
            parameters=parameters,
            run=run,
        )
        STEPS[registered.name] = registered
        return run

    return register


def check_image(name: str, image: Image) -> None:
    """Raises ValueError unless `image` is float32 in [0, 1], (H, W) or (H, W, 3), with pixels."""
    shape = getattr(image, "shape", None)
    dtype = getattr(image, "dtype", type(image).__name__)
    if shape is None or dtype != np.float32 or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
        raise ValueError(f"{name}: expected a float32 image (H, W) or (H, W, 3), got {dtype} {shape}")
    if image.size == 0:
        raise ValueError(f"{name}: expected at least one pixel, got an image of shape {shape}")
    low, high = float(image.min()), float(image.max())
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f"{name}: {np.isnan(image).sum()} of {image.size} values are not numbers")
    if low < 0 or high > 1:
        raise ValueError(f"{name}: expected values in [0, 1], got {low:g} to {high:g}")


def completed(owner: str, parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` checked, and the defaults for the rest. Raises RecipeError naming `owner` and what is
    allowed."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise RecipeError(f"{owner} has no parameter {name!r}; it has: {', '.join(known) or 'none'}")
    return {
        name: checked(owner, parameter, given.get(name, parameter.default))
        for name, parameter in known.items()
    }


def described(function: Callable[..., Any], kinds: Mapping[str, Kind]) -> tuple[Parameter, ...]:
    """The keyword-only parameters of a function with their defaults, as `kinds` describes them. Raises
    TypeError where one is not described."""
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    if set(defaults) != set(kinds):
        raise TypeError(f"{function.__name__}: parameters {set(defaults)} but described {set(kinds)}")
    return tuple(Parameter(name, kinds[name], default) for name, default in defaults.items())


def checked(owner: str, parameter: Parameter, value: Any) -> Any:
    """`value` as the parameter's own type. Raises RecipeError naming owner, parameter and what is allowed."""
    kind, where = parameter.kind, f"{owner}, parameter {parameter.name!r}"
    match kind:
        case Number():
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not -math.inf < value < math.inf
            ):
                raise RecipeError(f"{where}: expected a number from {_range(kind)}, got {value!r}")
            if not kind.low <= value <= kind.high:
                raise RecipeError(f"{where}: expected {_range(kind)}, got {value!r}")
            return float(value)
        case ChoiceParameter():
            if value not in kind.options:
                raise RecipeError(f"{where}: expected one of {', '.join(kind.options)}, got {value!r}")
            return value
        case Flag():
            if not isinstance(value, bool):
                raise RecipeError(f"{where}: expected true or false, got {value!r}")
            return value
        case Corners():
            return _corners(where, value)


def _range(kind: Number) -> str:
    return f"{kind.low:g} to {kind.high:g} {kind.unit}".rstrip()


def _corners(where: str, value: Any) -> tuple[tuple[float, float], ...]:
    expected = f"{where}: expected four points [x, y] of fractions 0 to 1, clockwise from the top left"
    try:
        points = tuple((float(x), float(y)) for x, y in value)
    except (TypeError, ValueError, OverflowError) as error:
        raise RecipeError(f"{expected}, got {value!r}") from error
    inside = all(0 <= part <= 1 for point in points for part in point)
    if len(points) != 4 or not inside:
        raise RecipeError(f"{expected}, got {value!r}")
    for (ax, ay), (bx, by), (cx, cy) in zip(
        points, points[1:] + points[:1], points[2:] + points[:2], strict=True
    ):
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) <= 1e-9:
            raise RecipeError(f"{expected} and without a dent, got {value!r}")
    return points
