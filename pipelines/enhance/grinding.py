"""Steps against the lines that a grinder or file left, and the estimate of their direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

from pipelines.enhance.sizes import blurred, with_luminance
from pipelines.enhance.step import Flag, Number, step
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

LONGEST_SIDE = 1024
"""Pixels at which the direction is estimated; lines finer than two pixels there are not seen."""

LOWEST = 0.01
"""Cycles per pixel; below are light and shape, not lines."""

RINGS = 48
"""Rings of the spectrum, of equal width, in which the lines are compared with the other directions."""

SMALLEST = 16
"""Pixels on a side below which a picture has no waves worth telling apart."""

LINE = 31
"""Cells of the spectrum along which a spot must stand out."""

SMALLEST_TILE = 32
"""Pixels; a smaller tile has too few directions."""

CHANCE = 1.5
"""How far the power of nine neighbouring cells may exceed the usual level by chance alone, times."""


@dataclass(frozen=True)
class Lines:
    """The direction of the strongest set of parallel lines.

    `degrees` 0 to 180, clockwise as seen, 0 along the rows. `share` 0 to 1: the part of the fine detail that
    lies in this direction beyond what an even spread would put there; white noise gives less than 0.01.
    """

    degrees: float
    share: float


def line_direction(image: Image) -> Lines:
    """Estimates how parallel lines run, from the picture's power spectrum.

    Long parallel lines put their power into a narrow wedge across their direction. They run through the whole
    picture and characters do not, so the direction is first looked for in nine tiles and their median taken,
    then refined to about half a degree in the whole. Rings of the spectrum are made more alike first, so that
    coarse lines do not count for everything. Gives degrees 0, share 0 for a picture without detail or of
    fewer than 16 pixels on a side.
    """
    grey = luminance(image)
    shrink = min(1.0, LONGEST_SIDE / max(grey.shape))
    if shrink < 1:
        grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    if min(grey.shape) < SMALLEST:
        return Lines(0.0, 0.0)
    fine = grey - blurred(grey, 12)
    whole = _power_by_angle(fine)
    if whole is None:
        return Lines(0.0, 0.0)
    cuts = [np.array_split(part, 3, axis=1) for part in np.array_split(fine, 3, axis=0)]
    tiles = [_power_by_angle(tile) for row in cuts for tile in row if min(tile.shape) >= SMALLEST_TILE]
    means = [tile.mean for tile in tiles if tile is not None] or [whole.mean]
    peak = int(_circular(np.median(means, axis=0), 6).argmax())
    steps = np.arange(-12, 13)
    near = (peak + steps) % 360
    peak = int(near[whole.mean[near].argmax()])
    steps = np.arange(-8, 9)
    near = (peak + steps) % 360
    excess = np.maximum(whole.mean[near] - np.median(whole.mean), 0)
    exact = peak + (excess * steps).sum() / max(excess.sum(), 1e-30)
    even = whole.count[near].sum() / whole.count.sum()
    share = (whole.total[near].sum() / whole.total.sum() - even) / (1 - even)
    # The power lies across the lines.
    return Lines(float((exact / 2 + 90) % 180), float(np.clip(share, 0, 1)))


@step(
    "grinding",
    strength=Number("times", 0, 1, "how far the lines are brought down to the level of other directions"),
    spread=Number("degrees", 0.5, 20, "how far lines may run from their common direction"),
    find=Flag("find the direction in the picture itself, instead of taking the one given"),
    direction=Number("degrees clockwise", 0, 180, "how the lines run, 0 along the rows; used if not found"),
)
def grinding_lines(
    image: Image,
    *,
    strength: float = 0.9,
    spread: float = 3.0,
    find: bool = True,
    direction: float = 0.0,
) -> Image:
    """Weakens the parallel lines of grinding or filing and leaves what runs in other directions.

    In the spectrum the lines fill a wedge across their direction; there, ring by ring, what exceeds the level
    of all other directions is brought down to it. Where nothing exceeds it nothing is changed. For lines in
    two directions take the step twice. Both polarities alike, colour is kept.

    Assumes long, nearly parallel lines.

    Lies by weakening strokes that run along the lines, most of all long ones (1, I, -): look at both
    pictures. A strong edge across the lines is drawn out into faint streaks.

    strength: times, 0 to 1. 1 brings the lines right down to the level of the rest.
    spread: degrees, 0.5 to 20. Standard deviation of the wedge; hand filing needs more than a machine.
    find: true finds the direction with `line_direction`.
    direction: degrees clockwise, 0 to 180, 0 along the rows; used where `find` is false.

    Cost: a Fourier transform of the whole picture and back, 3 s and 1 GB for 24 megapixels.
    Reference: Münch et al., Optics Express 17 (2009) 8567, doi 10.1364/OE.17.008567 (the like, with
    wavelets).
    """
    return _notched(image, "grinding_lines", strength=strength, spread=spread, find=find, direction=direction)


@step(
    "grinding",
    times=Number("times", 2, 50, "how far a spot of the spectrum must stand out to be taken for a pattern"),
    strength=Number("times", 0, 1, "how far it is brought down to its surroundings"),
)
def repeated_pattern(image: Image, *, times: float = 5.0, strength: float = 1.0) -> Image:
    """Weakens patterns that repeat evenly in any number of directions: mill feed, sieves, the camera's grid.

    In the spectrum such a pattern is a few bright spots; each spot whose amplitude stands out from its
    surroundings is brought down to them. Both polarities alike, colour is kept.

    Assumes that the pattern repeats evenly over much of the picture; irregular grinding does not.

    Lies by ghosts of the pattern where it is interrupted, as over a deep stroke, and takes evenly spaced
    strokes (I I I) for a pattern.

    times: times, 2 to 50. Amplitude over that of the surroundings; low values take texture out as well.
    strength: times, 0 to 1.

    Cost: a Fourier transform of the whole picture and back.
    Reference: Gonzalez, Woods, Digital Image Processing (4th ed. 2018), section 5.4; no DOI.
    """
    return _notched(image, "repeated_pattern", times=times, strength=strength)


@dataclass(frozen=True, eq=False)
class Notch:
    """What each wave of a picture is multiplied by, 0..1: `values` (rows, width // 2 + 1), the half of the
    spectrum that a real picture needs, of the picture with its margin, `width` pixels wide."""

    values: npt.NDArray[np.float32]
    width: int


Spectrum = npt.NDArray[np.complex64]


def _notched(image: Image, name: str, **parameters: Any) -> Image:
    grey = luminance(image)
    if min(grey.shape) < SMALLEST or grey.max() == grey.min():
        return image
    padded, (top, left) = _padded(grey)
    spectrum = fft.rfft2(padded, workers=1)
    spectrum *= NOTCHES[name](grey, spectrum, padded.shape, **parameters)
    after = fft.irfft2(spectrum, s=padded.shape, workers=1)
    return with_luminance(image, grey, after[top : top + grey.shape[0], left : left + grey.shape[1]])


def notch(grey: Image, name: str, **parameters: Any) -> Notch:
    """What the step `name` does to the waves of a grey picture of SMALLEST pixels or more a side."""
    padded, _ = _padded(grey)
    gain = NOTCHES[name](grey, fft.rfft2(padded, workers=1), padded.shape, **parameters)
    return Notch(gain, padded.shape[1])


def _wedge(
    grey: Image,
    spectrum: Spectrum,
    shape: tuple[int, int],
    *,
    strength: float,
    spread: float,
    find: bool,
    direction: float,
) -> npt.NDArray[np.float32]:
    along = line_direction(grey).degrees if find else direction
    return _lowered(spectrum, shape, along, spread, strength)


def _spots(
    _grey: Image, spectrum: Spectrum, shape: tuple[int, int], *, times: float, strength: float
) -> npt.NDArray[np.float32]:
    level = np.log(np.abs(spectrum) + np.float32(1e-6))
    # A spot stands out along every line through it; the line that an edge of the item leaves in the spectrum
    # does not stand out along itself. Of neighbours the strongest counts: in the margin's mirror such a line
    # is dashed.
    strongest = cv2.dilate(level, np.ones((3, 3), np.uint8))
    around = [cv2.filter2D(strongest, -1, line, borderType=cv2.BORDER_REFLECT) for line in _lines_through()]
    usual = np.max(around, axis=0)
    radius, _ = _polar(shape)
    fine = radius > 2 * LOWEST
    spot = (level > usual + np.log(np.float32(times))) & fine
    wide = cv2.dilate(spot.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & fine
    gain = np.where(wide, np.exp(np.minimum(usual - level, 0)), np.float32(1))
    return (1 - np.float32(strength) * (1 - gain)).astype(np.float32)


def _lines_through() -> list[npt.NDArray[np.float32]]:
    """Means along four lines through a cell, LINE cells long, without the seven in the middle."""
    beside = np.ones(LINE, np.float32)
    beside[LINE // 2 - 3 : LINE // 2 + 4] = 0
    flat = np.diag(beside / beside.sum())
    across = np.zeros_like(flat)
    across[LINE // 2] = beside / beside.sum()
    return [across, across.T.copy(), flat, flat[::-1].copy()]


NOTCHES: dict[str, Callable[..., npt.NDArray[np.float32]]] = {
    "grinding_lines": _wedge,
    "repeated_pattern": _spots,
}
"""For each step of this family `(grey, spectrum, shape, **parameters)` to what each wave is multiplied by."""


def _padded(grey: Image) -> tuple[Image, tuple[int, int]]:
    """With a margin, and where the picture begins: else its own borders are the longest lines in it."""
    rows, columns = (fft.next_fast_len(side + 2 * min(64, side // 2), real=True) for side in grey.shape)
    top, left = (rows - grey.shape[0]) // 2, (columns - grey.shape[1]) // 2
    padded = np.pad(
        grey,
        ((top, rows - grey.shape[0] - top), (left, columns - grey.shape[1] - left)),
        mode="reflect" if min(grey.shape) > max(top, left) + 1 else "edge",
    )
    return padded, (top, left)


@dataclass(frozen=True, eq=False)
class _Spread:
    """Power per half degree of direction, (360,): its sum, its cells, its mean over a degree each way."""

    total: npt.NDArray[np.float64]
    count: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]


def _power_by_angle(fine: Image) -> _Spread | None:
    """How a picture's fine detail spreads over directions; None where there is none. `mean` sums to 1."""
    window = np.outer(np.hanning(fine.shape[0]), np.hanning(fine.shape[1])).astype(np.float32)
    power = np.abs(fft.rfft2(fine * window, workers=1)).astype(np.float64) ** 2
    radius, angle = _polar(fine.shape)
    # Within the largest circle: the corners of the spectrum would favour the diagonals.
    inside = (radius > LOWEST) & (radius < 0.45)
    if power[inside].sum() <= 1e-9 * fine.size:
        return None
    ring = (radius[inside] / 0.5 * RINGS).astype(int)
    strength = np.bincount(ring, power[inside], RINGS) / np.maximum(np.bincount(ring, minlength=RINGS), 1)
    level = power[inside] / np.sqrt(np.maximum(strength[ring], strength.max() * 1e-9))
    half_degree = np.round(angle[inside] * 2).astype(int) % 360
    count = np.asarray(np.bincount(half_degree, minlength=360), dtype=np.float64)
    total = np.asarray(np.bincount(half_degree, level, 360), dtype=np.float64)
    # A few cells of the spectrum per half degree only: the mean over a degree each way steadies the peak.
    mean = _circular(total, 2) / np.maximum(_circular(count, 2), 1)
    return _Spread(total, count, mean / mean.sum())


def _lowered(
    spectrum: npt.NDArray[np.complex64], shape: tuple[int, int], along: float, spread: float, strength: float
) -> npt.NDArray[np.float32]:
    """What each cell of the spectrum is multiplied by: 1, less where lines stand out in the wedge."""
    radius, angle = _polar(shape)
    off = np.abs((angle - along) % 180 - 90)
    power = np.square(np.abs(spectrum))
    ring = np.minimum((radius / 0.5 * RINGS).astype(np.int32), RINGS)
    outer = off > 4 * spread
    cells = np.maximum(np.bincount(ring[outer], minlength=RINGS + 1), 1)
    level = np.bincount(ring[outer], power[outer], RINGS + 1) / cells
    # One level for a whole ring would step at its edge; between the rings' middles it runs straight.
    usual = np.interp(radius, (np.arange(RINGS + 1) + 0.5) * 0.5 / RINGS, level).astype(np.float32)
    evened = cv2.blur(power, (3, 3), borderType=cv2.BORDER_REPLICATE)
    gain = np.sqrt(np.minimum(np.float32(CHANCE) * usual / np.maximum(evened, np.float32(1e-12)), 1))
    # Lines that end at the picture's border are a cell wide in the spectrum, many degrees near its middle.
    one_cell = np.degrees(1 / np.maximum(radius * min(shape), 1))
    wedge = np.exp(-0.5 * np.square(off) / (spread**2 + np.square(one_cell))) * np.clip(
        (radius - LOWEST / 2) / LOWEST, 0, 1
    )
    return (1 - strength * wedge * (1 - gain)).astype(np.float32)


def _polar(shape: tuple[int, ...]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Cycles per pixel and degrees 0 to 180, clockwise as seen, of each cell of a real 2-D spectrum."""
    down = fft.fftfreq(shape[0]).astype(np.float32)[:, np.newaxis]
    across = fft.rfftfreq(shape[1]).astype(np.float32)[np.newaxis]
    return np.hypot(down, across), np.degrees(np.arctan2(down, across)) % 180


def _circular(values: npt.NDArray[np.float64], reach: int) -> npt.NDArray[np.float64]:
    """Running sum over `reach` neighbours each way, around the circle."""
    return np.sum([np.roll(values, shift) for shift in range(-reach, reach + 1)], axis=0)
