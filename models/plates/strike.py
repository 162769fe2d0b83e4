"""Characters struck, cut or peened into the metal: from a layout of punches to a depth map in millimetres.

A V-shaped edge is driven in to a penetration; where it goes in less deep its groove is narrower as well as
shallower, as the flanks of the tool do not change. A blow off the vertical makes the penetration fall off
across the character. The metal that is pushed aside stands as a burr along the groove.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.grain import Map, cloud
from models.plates.typefaces import FIELD_SCALE, distance_field, extent, glyphs, letter_width

Profile = Literal["v", "flat", "round"]


@dataclass(frozen=True)
class Punch:
    """One set of punches (or one cutter, or one peening head) and how steadily it was used.

    Lengths in mm: `height` of the capitals, `stroke` width of the groove at full depth, `depth` of a plain
    blow, `pitch` from character to character, `line_gap` from line to line. `aspect` widens (> 1) or narrows
    the face. `burr` is the height of the pushed-up rim as a share of the depth, `shoulder` the rounding of
    the groove's lip and `ragged` the wandering of its edge, both as shares of the stroke's width. Spreads
    (one standard deviation): `depth_spread` and `height_spread` as shares, `pitch_spread`, `baseline_spread`
    as shares of the height, `turn_spread` in degrees, `lean_spread` as the share of depth lost towards one
    side of the character. `dot_spacing` > 0, in cap heights, peens dots instead of drawing strokes.

    Each glyph of a set is one die, the same wherever it is struck: `die` is the seed of their differences,
    `warp` how far a die's strokes stray from the face, in cap heights, `broken` the share of dies that have
    lost a piece. `slant` leans the face to the right, as a share of the height.
    """

    face: str = "gothic"
    height: float = 4.0
    stroke: float = 0.6
    depth: float = 0.2
    pitch: float = 3.6
    line_gap: float = 7.0
    profile: Profile = "v"
    aspect: float = 1.0
    burr: float = 0.15
    ragged: float = 0.03
    shoulder: float = 0.15
    depth_spread: float = 0.1
    height_spread: float = 0.0
    pitch_spread: float = 0.02
    baseline_spread: float = 0.02
    turn_spread: float = 1.0
    lean_spread: float = 0.15
    dot_spacing: float = 0.0
    die: int = 0
    warp: float = 0.0
    broken: float = 0.0
    slant: float = 0.0


@dataclass(frozen=True)
class Blow:
    """One character as struck. `centre` (x, y) mm is the middle of its cap height; `turn` degrees clockwise.

    `depth` mm at the centre; `lean` the relative change of depth per half cap height towards the right and
    towards the base line. `line` and `index` count from 0, spaces included.
    """

    line: int
    index: int
    glyph: str
    centre: tuple[float, float]
    height: float
    depth: float
    turn: float
    lean: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Impression:
    """What one blow leaves: a patch of the raster (`rows`, `columns`) with `distance` mm to the stroke's
    centre line and `penetration` mm of the tool's edge, both (h, w) float32."""

    blow: Blow
    rows: slice
    columns: slice
    distance: Map
    penetration: Map


def lay_out(
    lines: Sequence[str], punch: Punch, size: tuple[float, float], rng: np.random.Generator
) -> tuple[Blow, ...]:
    """Where and how every character is struck; the block of lines is centred on a plate of `size` mm (w, h).

    A space leaves a position without a blow. Raises KeyError for a character outside the glyph classes.
    """
    blows = []
    for number, text in enumerate(lines):
        middle_y = size[1] / 2 + (number - (len(lines) - 1) / 2) * punch.line_gap
        for index, glyph in enumerate(text):
            sway = rng.standard_normal(7)
            if glyph == " ":
                continue
            middle_x = size[0] / 2 + (index - (len(text) - 1) / 2) * punch.pitch
            blows.append(
                Blow(
                    line=number,
                    index=index,
                    glyph=glyph,
                    centre=(
                        float(middle_x + sway[0] * punch.pitch_spread * punch.height),
                        float(middle_y + sway[1] * punch.baseline_spread * punch.height),
                    ),
                    height=float(punch.height * (1 + sway[2] * punch.height_spread)),
                    depth=float(punch.depth * np.clip(1 + sway[3] * punch.depth_spread, 0.3, 1.8)),
                    turn=float(sway[4] * punch.turn_spread),
                    lean=(float(sway[5] * punch.lean_spread), float(sway[6] * punch.lean_spread)),
                )
            )
    return tuple(blows)


def restrike(blow: Blow, glyph: str) -> Blow:
    """Another character struck over the same place, a little deeper and off centre."""
    x, y = blow.centre
    moved = (x + 0.06 * blow.height, y - 0.04 * blow.height)
    return replace(blow, glyph=glyph, centre=moved, depth=1.15 * blow.depth, turn=blow.turn + 2.0)


def struck_twice(
    blows: Sequence[Blow], share: float, reach: float, rng: np.random.Generator
) -> tuple[Blow, ...]:
    """A second, lighter blow beside the first for a `share` of the characters, off by about `reach` mm."""
    doubles = []
    for blow in blows:
        sway = rng.standard_normal(3)
        if rng.random() < share:
            x, y = blow.centre
            moved = (float(x + reach * sway[0]), float(y + reach * sway[1]))
            lighter = blow.depth * float(np.clip(0.5 + 0.2 * sway[2], 0.15, 0.9))
            doubles.append(replace(blow, centre=moved, depth=lighter))
    return tuple(doubles)


def _glyph_to_plate(blow: Blow, punch: Punch) -> npt.NDArray[np.float64]:
    """2×3 affine from the glyph's own coordinates (cap heights) to plate mm."""
    left, _, right, _ = extent(glyphs(punch.face)[blow.glyph])
    angle = np.radians(blow.turn)
    # A punch body has one width: letters wider than their pitch are drawn narrower on it.
    room = 0.9 * punch.pitch - punch.stroke
    squeeze = min(1.0, room / max((right - left) * punch.aspect * blow.height, 1e-6))
    wide, high = blow.height * punch.aspect * squeeze, blow.height
    turned = np.array(
        [[np.cos(angle) * wide, -np.sin(angle) * high], [np.sin(angle) * wide, np.cos(angle) * high]]
    ) @ np.array([[1.0, -punch.slant], [0.0, 1.0]])
    # Marks without width of their own (. and -) keep their place in the letter's width, others are centred.
    middle_x = letter_width(punch.face) / 2 if blow.glyph in "-." else (left + right) / 2
    shift = np.array(blow.centre) - turned @ np.array([middle_x, 0.5])
    return np.column_stack([turned, shift])


def impress(blow: Blow, punch: Punch, shape: tuple[int, int], scale: float) -> Impression | None:
    """The patch of a raster (`shape` rows × columns, `scale` px/mm) that a blow reaches; None off the
    plate."""
    field, x0, y0 = distance_field(punch.face, blow.glyph, punch.dot_spacing)
    die = np.random.default_rng([punch.die, ord(blow.glyph)])
    if punch.warp > 0:
        field = _strayed(field, punch.warp, die)
    to_plate = _glyph_to_plate(blow, punch)
    corners = np.array([[x, y, 1.0] for y in (0, field.shape[0] - 1) for x in (0, field.shape[1] - 1)])
    sample_to_glyph = np.array([[1 / FIELD_SCALE, 0, x0], [0, 1 / FIELD_SCALE, y0], [0, 0, 1]])
    to_pixels = scale * to_plate @ sample_to_glyph - np.array([[0, 0, 0.5], [0, 0, 0.5]])
    reach = corners @ to_pixels.T
    left, top = np.clip(np.floor(reach.min(axis=0)).astype(int), 0, (shape[1], shape[0]))
    right, bottom = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 1, 0, (shape[1], shape[0]))
    if right - left < 2 or bottom - top < 2:
        return None
    to_patch = to_pixels - np.array([[0, 0, left], [0, 0, top]])
    distance = blow.height * cv2.warpAffine(
        field, to_patch, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR, borderValue=9.0
    )
    across = ((np.arange(left, right, dtype=np.float32) + 0.5) / scale - blow.centre[0]) * 2 / blow.height
    down = ((np.arange(top, bottom, dtype=np.float32) + 0.5) / scale - blow.centre[1]) * 2 / blow.height
    plane = 1 + blow.lean[0] * across + blow.lean[1] * down[:, None]
    if die.random() < punch.broken:
        plane = plane * _piece_lost(across, down[:, None], die)
    penetration = (blow.depth * np.clip(plane, 0, 1.6)).astype(np.float32)
    return Impression(blow, slice(int(top), int(bottom)), slice(int(left), int(right)), distance, penetration)


def _strayed(field: Map, warp: float, die: np.random.Generator) -> Map:
    rows, columns = field.shape
    cell = 0.4 * FIELD_SCALE
    x = np.arange(columns, dtype=np.float32) + warp * FIELD_SCALE * cloud(field.shape, cell, die)
    y = np.arange(rows, dtype=np.float32)[:, None] + warp * FIELD_SCALE * cloud(field.shape, cell, die)
    return cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _piece_lost(
    across: npt.NDArray[np.floating], down: npt.NDArray[np.floating], die: np.random.Generator
) -> Map:
    """Factor 0..1 on the penetration: a corner or the middle of the die that no longer marks."""
    x, y, reach = die.uniform(-0.7, 0.7), die.uniform(-1, 1), die.uniform(0.25, 0.6)
    return np.asarray(np.clip((np.hypot(across - x, down - y) / reach - 0.7) / 0.3, 0, 1), np.float32)


def groove(impression: Impression, punch: Punch) -> Map:
    """Depth of the groove in mm over the impression's patch, ≥ 0."""
    half = punch.stroke / 2
    inward = half - impression.distance
    if punch.profile == "v":
        # The flank's angle is the tool's own: less penetration, narrower groove.
        depth = impression.penetration + inward * (punch.depth / half) - punch.depth
    elif punch.profile == "flat":
        depth = np.minimum(impression.penetration, inward * (punch.depth / (0.3 * half)))
    else:
        depth = impression.penetration * (1 - (impression.distance / half) ** 2)
    return np.maximum(depth, 0, dtype=np.float32)


def rim(impression: Impression, punch: Punch) -> Map:
    """Height of the burr in mm over the impression's patch: highest just outside the groove's lip."""
    half = punch.stroke / 2
    outside = (impression.distance - 1.12 * half) / (0.32 * half)
    return (punch.burr * impression.penetration / (1 + outside**2) ** 2).astype(np.float32)


def _torn(depth: Map, reach: float, cell: float, rng: np.random.Generator) -> Map:
    """The depth map with its lips moved up to about `reach` pixels to and fro, in bites about `cell` pixels
    long."""
    rows, columns = depth.shape
    x = np.arange(columns, dtype=np.float32) + reach * cloud(depth.shape, cell, rng)
    y = np.arange(rows, dtype=np.float32)[:, None] + reach * cloud(depth.shape, cell, rng)
    return cv2.remap(depth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def strike(
    impressions: Sequence[Impression],
    punch: Punch,
    shape: tuple[int, int],
    scale: float,
    rng: np.random.Generator,
) -> tuple[Map, Map]:
    """(depth, burr) in mm over the whole raster, both ≥ 0. Where strokes cross, the deeper one stands."""
    if not impressions:
        return np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    depth = np.zeros(shape, np.float32)
    burr = np.zeros(shape, np.float32)
    for impression in impressions:
        where = (impression.rows, impression.columns)
        np.maximum(depth[where], groove(impression, punch), out=depth[where])
        np.maximum(burr[where], rim(impression, punch), out=burr[where])
    # Metal flows: no lip is sharper than the shoulder, nor than the raster can carry.
    depth = cv2.GaussianBlur(depth, (0, 0), max(0.5 * punch.shoulder * punch.stroke * scale, 0.4))
    # Neither the punch's edge nor the metal is perfect: the lip wanders and the groove's bottom is uneven.
    bite = max(0.5 * punch.stroke * scale, 2.0)
    depth = _torn(depth, punch.ragged * punch.stroke * scale, bite, rng)
    uneven = 1 + 0.9 * punch.ragged * cloud(shape, bite, rng)
    depth *= np.clip(uneven, 0.6, 1.4)
    burr *= np.clip(uneven + 4 * (uneven - 1), 0, 2)
    return depth, burr * np.clip(1 - depth / (0.2 * punch.depth), 0, 1)


def outline(blow: Blow, punch: Punch) -> npt.NDArray[np.float64]:
    """The character's quad in plate mm, (4, 2), clockwise from its top left.

    As wide as the strokes, and at least from cap line to base line.
    """
    left, top, right, bottom = extent(glyphs(punch.face)[blow.glyph])
    to_plate = _glyph_to_plate(blow, punch)
    margin_x = 0.6 * punch.stroke / np.hypot(*to_plate[:, 0])
    margin_y = 0.6 * punch.stroke / blow.height
    left, right = left - margin_x, right + margin_x
    top, bottom = min(top, 0.0) - margin_y, max(bottom, 1.0) + margin_y
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
    return np.asarray(corners @ to_plate.T)
