"""Training examples: a strip series seen anew each time, with what each column of evidence should say."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.strips import HEIGHT, StripSeries
from pipelines.reading.readers.levelling import STEP, presented

COLUMN = 4
"""Pixels of a strip to a column of evidence."""

BLANK_BORDER = 0.38
"""A column farther from every character than this share of the distance to its neighbour is between them."""

IGNORED = -1

GRAINY = 0.35
"""Share of series seen through a grain of the metal that stays in place, finer than strokes are wide."""


@dataclass(frozen=True, eq=False)
class Example:
    """Photographs of one row ready for the network: (K, 3, 48, W) float32 as presented; per column the class
    centred there (0 none, −1 not to be judged) and whether any character is (1, 0, −1); `string` the classes
    along the row, or None where the truth is in doubt."""

    pixels: npt.NDArray[np.float32]
    columns: npt.NDArray[np.int64]
    presence: npt.NDArray[np.int64]
    string: npt.NDArray[np.int64] | None


def example(series: StripSeries, rng: np.random.Generator) -> Example:
    """The series seen anew: some of its photographs, moved, turned, blurred, of either polarity."""
    frames = _some(series.pixels, rng)
    width = frames.shape[2]
    matrix = _jitter(width, rng)
    wide = -(-int(width * np.hypot(matrix[0, 0], matrix[1, 0])) // STEP) * STEP
    grain = _grain(wide, rng) if rng.random() < GRAINY else None
    taken = [_varied(frame, matrix, wide, grain, rng) for frame in frames]
    middles = series.middles * matrix[0, 0] + matrix[0, 1] * HEIGHT / 2 + matrix[0, 2]
    # What a row on its head or in a mirror says is not asked; that characters stand there is.
    told = series.counted & (series.classes >= 0) & (series.orientation == "upright")
    columns = column_classes(middles, series.classes, told, wide // COLUMN)
    inside = (middles > 2) & (middles < wide - 2)
    presence = column_classes(middles, np.zeros_like(series.classes), inside, wide // COLUMN)
    certain = bool((told & inside).all())
    order = np.argsort(middles)
    return Example(np.stack(taken), columns, presence, series.classes[order] + 1 if certain else None)


def _some(pixels: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    count = len(pixels)
    wanted = 1 if rng.random() < 0.25 else count if rng.random() < 0.6 else int(rng.integers(1, count + 1))
    return pixels[rng.permutation(count)[:wanted]]


def _jitter(width: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """2×3: a little scale, aspect, turn and shift about the strip's middle."""
    scale = float(np.exp(rng.normal(0, 0.07)))
    aspect = float(np.exp(rng.normal(0, 0.07)))
    turn = float(np.radians(rng.normal(0, 1.0)))
    lean = float(rng.normal(0, 0.04))
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[scale * aspect, lean], [0.0, scale]]
    )
    middle = np.array([width / 2, HEIGHT / 2])
    new_middle = np.array([width / 2 * scale * aspect, HEIGHT / 2 + rng.normal(0, 2.0)])
    return np.column_stack([linear, new_middle - linear @ middle])


def _grain(wide: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """(48, wide): the metal's own roughness as etching leaves it, mean 0, in the measure of the contrast of
    what lies under it; round or drawn out along a direction of rolling or grinding."""
    reach = float(rng.uniform(0.4, 1.8))
    along = reach * float(rng.choice([1.0, 1.0, 3.0, 8.0]))
    across = (along, reach) if rng.random() < 0.5 else (reach, along)
    field = cv2.GaussianBlur(
        rng.standard_normal((HEIGHT, wide), dtype=np.float32), (0, 0), sigmaX=across[0], sigmaY=across[1]
    )
    strength = float(np.exp(rng.uniform(np.log(0.2), np.log(2.2))))
    return np.float32(strength / max(float(field.std()), 1e-6)) * field


def _under(
    strip: npt.NDArray[np.float32], grain: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """The strip softened, with the grain over it as one light shows it."""
    soft = cv2.GaussianBlur(strip, (0, 0), float(rng.uniform(0.5, 1.6)))
    contrast = float((soft - cv2.GaussianBlur(soft, (0, 0), HEIGHT / 2)).std())
    return np.asarray(soft + np.float32(contrast * np.exp(rng.normal(0, 0.3))) * grain, np.float32)


def _varied(
    frame: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    wide: int,
    grain: npt.NDArray[np.float32] | None,
    rng: np.random.Generator,
) -> npt.NDArray[np.float32]:
    moved = matrix.copy()
    moved[:, 2] += rng.normal(0, 0.5, 2)
    strip = cv2.warpAffine(
        frame.astype(np.float32) / 255,
        moved,
        (wide, HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    if grain is not None:
        strip = _under(strip, grain, rng)
    if rng.random() < 0.2:
        strip = _small(strip, rng)
    if rng.random() < 0.2:
        strip = strip + _scratches(wide, rng)
    if rng.random() < 0.3:
        widest = 1.3 if rng.random() < 0.8 else 3.0
        strip = cv2.GaussianBlur(strip, (0, 0), float(rng.uniform(0.4, widest)))
    if rng.random() < 0.35:
        strip = strip + np.float32(rng.gamma(1.5, 0.012)) * rng.standard_normal(strip.shape, dtype=np.float32)
    if rng.random() < 0.3:
        strip = np.power(np.clip(strip, 0, 1), np.float32(np.exp(rng.normal(0, 0.35))))
    seen = presented(np.clip(strip, 0, 1))
    return -seen if rng.random() < 0.5 else seen


def _small(strip: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """As it is when the row was 16 to 32 pixels high in the photograph, perhaps packed by JPEG."""
    rows = int(rng.integers(16, 33))
    size = strip.shape[1], HEIGHT
    small = cv2.resize(strip, (max(8, size[0] * rows // HEIGHT), rows), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        grey = np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
        quality = int(rng.integers(35, 95))
        packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        small = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32) / 255
    return cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)


def _scratches(wide: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """(48, wide): lines of one direction, as grinding leaves them; mean 0."""
    turn = np.radians(float(rng.choice([0.0, 90.0]) + rng.normal(0, 12)))
    y, x = np.mgrid[:HEIGHT, :wide].astype(np.float32)
    across = (x * np.sin(turn) + y * np.cos(turn)) / float(rng.uniform(0.8, 2.5))
    lines = rng.standard_normal(int(np.ptp(across)) + 3).astype(np.float32)
    place = across - across.min()
    whole = place.astype(np.int64)
    seen = lines[whole] + (place - whole) * (lines[whole + 1] - lines[whole])
    fade = 1 + 0.5 * np.sin(x / float(rng.uniform(20, 120)) + float(rng.uniform(0, 6)))
    return np.float32(rng.gamma(1.5, 0.02)) * (seen * fade).astype(np.float32)


def column_classes(
    middles: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    counted: npt.NDArray[np.bool_],
    columns: int,
) -> npt.NDArray[np.int64]:
    """(columns,): i + 1 in the column where character GLYPHS[i] is centred, 0 well away from every
    character, −1 between."""
    target = np.zeros(columns, np.int64)
    if not middles.size:
        return target
    order = np.argsort(middles)
    places = middles[order] / COLUMN - 0.5
    gaps = np.diff(places, prepend=places[0] - 8, append=places[-1] + 8)
    near = np.minimum(gaps[:-1], gaps[1:])
    for place, reach in zip(places, np.clip(near, 2, 8), strict=True):
        low, high = int(np.ceil(place - BLANK_BORDER * reach)), int(np.floor(place + BLANK_BORDER * reach))
        target[max(low, 0) : max(high + 1, 0)] = IGNORED
    for place, which in zip(places, order, strict=True):
        column = round(float(place))
        if counted[which] and 0 <= column < columns:
            target[column] = classes[which] + 1
    return target
