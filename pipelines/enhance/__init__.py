"""Classical, documented filters for the eye: `STEPS` by name, and recipes made of them.

Nothing here is learned from pictures or left to chance: the same photograph and recipe give the same result.
"""

from pipelines.enhance import (
    blur,
    colour,
    contrast,
    curved,
    geometry,
    grinding,
    light,
    noise,
    strokes,
)
from pipelines.enhance.step import STEPS

__all__ = [
    "STEPS",
    "blur",
    "colour",
    "contrast",
    "curved",
    "geometry",
    "grinding",
    "light",
    "noise",
    "strokes",
]
