"""How far each step looks: the margin that a part of a picture needs to come out as in the whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.enhance.sizes import NARROW

GAUSSIAN = 3.0
"""Standard deviations beyond which a Gaussian is not felt."""

REACHES: dict[str, Callable[..., float] | None] = {
    "even_light": lambda px, *, scale, **_: 2 * GAUSSIAN * px(scale),
    "retinex": lambda px, *, scale, **_: GAUSSIAN * 4 * px(scale),
    "rolling_ball": None,
    "grinding_lines": None,
    "repeated_pattern": None,
    "median": lambda _px, *, size: int(size) // 2,
    "non_local_means": lambda _px, *, patch, reach, **_: (patch + reach) / 2 + 1,
    "guided": lambda _px, *, radius, **_: 2 * radius + 2,
    "wavelets": lambda _px, *, scales, **_: 2 * (2 ** round(scales) - 1),
    "total_variation": lambda _px, *, rounds, **_: 2 * rounds,
    "unsharp": lambda _px, *, radius, **_: 4 * radius + 1,
    "richardson_lucy": lambda _px, *, radius, rounds: 2 * GAUSSIAN * radius * rounds,
    "gamma": lambda _px, **_: 0,
    "levels": lambda _px, **_: 0,
    "invert": lambda _px: 0,
    "stretch": None,
    "clahe": None,
    "local_contrast": lambda px, *, scale, **_: 2 * GAUSSIAN * px(scale),
    "oriented_strokes": lambda px, *, width, **_: 3 * max(px(width), 2) + 2,
    "band_pass": lambda px, *, width, wide, **_: GAUSSIAN * wide * px(width) / 3,
    "ridges": lambda px, *, width, **_: 2.5 * px(width) + 5,
    "channel": lambda _px, **_: 0,
    "false_colour": lambda _px, **_: 0,
    "decorrelation_stretch": None,
}
"""By step: pixels looked at beyond a pixel, from `px` (% of the shorter side to pixels) and the parameters;
None where it depends on the whole picture or, as the ball, on where the pixels of a smaller copy lie. Steps
that move pixels are not in it."""


def reach(step: str, parameters: Mapping[str, Any], shape: tuple[int, int]) -> float | None:
    """Pixels of margin for a step on a picture of `shape` (height, width), or None: the whole picture."""
    pixels = REACHES[step]
    if pixels is None:
        return None

    def px(percent: float) -> float:
        return percent / 100 * min(shape)

    reached = float(pixels(px, **parameters))
    # Wide filters are worked on a copy shrunk so that they are NARROW wide; a few of its pixels more.
    return reached if reached <= 2 * NARROW else 1.1 * reached + 2 * reached / NARROW
