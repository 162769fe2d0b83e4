"""Lengths and angles on a photograph, with the doubt that pointing leaves. Nothing is written into pixels.

Points are (x, y) in pixels of the photograph that the ruler lies in, origin at the centre of the top-left
pixel. All holds in one plane seen from straight above: straighten a tilted or curved surface first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.errors import MeasuringError

Point = tuple[float, float]

POINTED = 0.7
"""Standard deviation of a pointed place in pixels, each of x and y; assumption, for a careful hand at 1:1."""


@dataclass(frozen=True)
class Scale:
    """How large a pixel is. `deviation`: one standard deviation of `mm_per_px`, as a share of it."""

    mm_per_px: float
    deviation: float


@dataclass(frozen=True)
class Measure:
    """A value with one standard deviation, in the same unit: mm, or degrees."""

    value: float
    deviation: float


def scale_from_ruler(start: Point, end: Point, mm: float) -> Scale:
    """The scale from two points on a ruler that lie `mm` apart. The further apart, the surer.

    Raises MeasuringError for points less than 10 pixels apart and for a length that is not above 0.
    """
    if not (math.isfinite(mm) and mm > 0):
        raise MeasuringError(f"the length on the ruler must be above 0 mm, got {mm}")
    pixels = _apart(start, end)
    if pixels < 10:
        raise MeasuringError(f"points on the ruler must be 10 pixels apart or more, got {pixels:.1f}")
    return Scale(mm / pixels, math.sqrt(2) * POINTED / pixels)


def distance(start: Point, end: Point, scale: Scale) -> Measure:
    """Millimetres between two points; the doubts of pointing and of the scale add as squares."""
    pixels = _apart(start, end)
    doubt = math.hypot(math.sqrt(2) * POINTED, pixels * scale.deviation)
    return Measure(pixels * scale.mm_per_px, doubt * scale.mm_per_px)


def angle(at: Point, first: Point, second: Point) -> Measure:
    """Degrees, 0 to 180, at the point `at` between the directions to the two others.

    Raises MeasuringError where one of them lies less than a pixel from it.
    """
    legs = _apart(at, first), _apart(at, second)
    if min(legs) < 1:
        raise MeasuringError("an angle needs two points a pixel or more from where it is measured")
    turn = math.atan2(first[1] - at[1], first[0] - at[0]) - math.atan2(second[1] - at[1], second[0] - at[0])
    # The common point moves both legs, which matters less the more alike they point; left at its most.
    doubt = math.sqrt(2) * math.hypot(POINTED / legs[0], POINTED / legs[1])
    return Measure(abs(math.degrees(math.remainder(turn, 2 * math.pi))), math.degrees(doubt))


def _apart(start: Point, end: Point) -> float:
    pixels = math.hypot(end[0] - start[0], end[1] - start[1])
    if not math.isfinite(pixels):
        raise MeasuringError(f"points must be finite numbers, got {start} and {end}")
    return pixels
