"""Characters in metal: where they stand, the groove they leave, and the deformed zone under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.faces import PAD, UNIT, Glyph, glyph
from models.foreign.metal import Array, Generator, clouds, noise

METHODS = ("hand stamp", "roll marking", "dot-peen", "engraving")

SPACE = 0.7
"""Width of a position without character, cap heights."""


@dataclass(frozen=True)
class Tool:
    """How a row is marked: `stroke` and `pitch` (dots) as in `faces.glyph`; `uneven` 0..1."""

    method: str
    face: str
    stroke: float
    pitch: float
    uneven: float


@dataclass(frozen=True, eq=False)
class Place:
    """A character of the row before it has a size; lengths in cap heights from the row's left top."""

    glyph: Glyph
    character: str
    x: float
    y: float
    turn: float
    size: float
    lean: float


@dataclass(frozen=True, eq=False)
class Mark:
    """A character in the metal. `corners` (4, 2) in canvas pixels, clockwise from its own top left.

    `distance` (h, w) is the distance to the outline in pixels, negative inside, of the canvas `window`;
    `force` (h, w) the strength of the blow there, about 1.
    """

    character: str
    corners: npt.NDArray[np.float64]
    window: tuple[slice, slice]
    distance: Array
    force: Array


def tool(rng: Generator, method: str, names: Sequence[str], drawn: Sequence[str]) -> Tool:
    """A tool for `method`: dots and cutters follow a drawn alphabet, stamps have any face."""
    if method == "hand stamp":
        return Tool(method, str(rng.choice(names)), rng.uniform(0.12, 0.19), 0.0, rng.uniform(0.3, 1.0))
    if method == "roll marking":
        return Tool(method, str(rng.choice(names)), rng.uniform(0.10, 0.17), 0.0, rng.uniform(0.0, 0.15))
    if method == "dot-peen":
        return Tool(method, str(rng.choice(drawn)), rng.uniform(0.09, 0.13), rng.uniform(0.1, 0.17), 0.05)
    return Tool(method, str(rng.choice(drawn)), rng.uniform(0.07, 0.14), 0.0, 0.03)


def places(
    rng: Generator, lines: Sequence[str], tool: Tool, stroke_shift: float = 0.0
) -> tuple[list[Place], float, float]:
    """The characters of `lines` side by side, and the width and height of it all in cap heights."""
    gap, fixed = rng.uniform(0.14, 0.38), rng.random() < 0.35
    pitch, leading = rng.uniform(0.85, 1.1), rng.uniform(1.45, 1.9)
    made: list[Place] = []
    widest = 0.0
    for row, line in enumerate(lines):
        x, drift = 0.0, 0.0
        for character in line:
            if character == " ":
                x += pitch if fixed else SPACE
                continue
            sign = glyph(tool.face, character, tool.stroke + stroke_shift, tool.pitch)
            room = max(pitch, sign.width + 0.12) if fixed else sign.width + gap
            start = x + (room - sign.width) / 2
            drift = 0.6 * drift + rng.normal(0, 0.035) * tool.uneven
            made.append(
                Place(
                    sign,
                    character,
                    start + rng.normal(0, 0.035) * tool.uneven,
                    row * leading + drift,
                    rng.normal(0, 0.045) * tool.uneven,
                    1 + rng.normal(0, 0.025) * tool.uneven,
                    rng.normal(0, 0.02) * tool.uneven,
                )
            )
            x += room
        widest = max(widest, x)
    return made, widest, (len(lines) - 1) * leading + 1


def strike(
    rng: Generator,
    place: Place,
    tool: Tool,
    cap: float,
    start: npt.NDArray[np.float64],
    turn: float,
    shape: tuple[int, int],
) -> Mark:
    """Puts a character on a canvas of `shape`; `start` is the row's left top, `turn` its direction."""
    c, s = np.cos(turn), np.sin(turn)
    row = np.array([[c, -s], [s, c]])
    c, s = np.cos(place.turn), np.sin(place.turn)
    own = np.array([[c, -s], [s, c]]) @ np.array([[1.0, -place.lean], [0.0, 1.0]]) * place.size
    matrix = row @ own * cap
    # Turned about its middle, so that a turn does not shift it along the row.
    middle = np.array([place.glyph.width / 2, 0.5])
    offset = start + row @ (np.array([place.x, place.y]) + middle) * cap - matrix @ middle

    def corners(x0: float, y0: float, x1: float, y1: float) -> npt.NDArray[np.float64]:
        return np.asarray(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) @ matrix.T + offset, np.float64)

    sign = place.glyph
    reach = corners(-0.45, -0.45, sign.width + 0.45, 1.45)
    low = np.clip(np.floor(reach.min(axis=0)), 0, (shape[1] - 2, shape[0] - 2)).astype(int)
    high = np.clip(np.ceil(reach.max(axis=0)), low + 2, (shape[1], shape[0])).astype(int)
    to_canvas = np.eye(3)
    to_canvas[:2, :2] = matrix / UNIT
    to_canvas[:2, 2] = offset - matrix @ (PAD / UNIT, PAD / UNIT) - low
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    field = cv2.GaussianBlur(sign.distance, (0, 0), max(0.6, 0.35 * UNIT / cap))
    distance = cv2.warpAffine(
        field, to_canvas[:2], size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0.6
    )
    distance = distance * np.float32(cap * place.size)
    columns = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    rows = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    lean = rng.normal(0, 0.35 * tool.uneven, 2)
    force = rng.normal(1, 0.16 * tool.uneven) + np.float32(lean[0]) * columns + np.float32(lean[1]) * rows
    force = force * (1 + np.float32(0.05) * noise(rng, (size[1], size[0]), 0.3 * cap))
    if rng.random() < 0.08 * tool.uneven:  # a broken die: a corner of the type is gone
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.3)
        side = np.float32(np.cos(angle)) * columns + np.float32(np.sin(angle)) * rows - np.float32(far)
        force = force * np.clip(1 - side * 6, 0, 1)
    window = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    return Mark(
        place.character,
        corners(0, min(sign.top, 0), max(sign.width, 0.12), max(sign.bottom, 1)),
        window,
        distance.astype(np.float32),
        np.clip(force, 0.0, 1.6).astype(np.float32),
    )


def grooves(marks: Sequence[Mark], tool: Tool, depth: float, cap: float, canvas: Array) -> Array:
    """Depth of the grooves (pixels, ≥ 0) over a canvas, burrs negative. `depth` in cap heights."""
    made = np.zeros(canvas.shape, np.float32)
    deep = np.float32(depth * cap)
    for mark in marks:
        inside = -mark.distance
        if tool.method == "roll marking":  # flat floor, steep walls
            profile = np.tanh(np.clip(inside, 0, None) / np.float32(0.03 * cap + 0.5))
        elif tool.method == "engraving":  # a round cutter
            half = np.float32(tool.stroke * cap / 2)
            profile = np.sqrt(np.clip(inside / half * (2 - inside / half), 0, 1))
        else:  # a wedge, or the cone of a stylus
            profile = np.clip(inside / np.float32(0.065 * cap), 0, 1)
        burr = np.exp(-(((mark.distance - np.float32(0.03 * cap)) / np.float32(0.03 * cap)) ** 2))
        high = {"hand stamp": 0.16, "roll marking": 0.06, "dot-peen": 0.2, "engraving": 0.05}[tool.method]
        cut = deep * mark.force * profile
        view = made[mark.window]
        np.maximum(view, cut, out=view)
        view -= deep * np.float32(high) * burr * mark.force * (profile <= 0)
    return made


def strain(
    rng: Generator, mark: Mark, cap: float, ground: float, tail: float, rim: bool, merge: float
) -> Array:
    """What is left in the metal under a mark, 0..about 1, over its window.

    `ground` cap heights from the groove's floor to the surface of now, `tail` how slowly it dies out
    (1.2 slow to 2.6), `rim` where the border shows and the middle does not, `merge` deviation of a further
    softening, cap heights.
    """
    reach = cap * (0.025 + 0.75 * ground)
    away = np.maximum(mark.distance + np.float32(0.02 * cap), 0)
    made = 1 / (1 + (away / np.float32(reach)) ** np.float32(2 * tail))
    made = made.astype(np.float32) * mark.force
    made = cv2.GaussianBlur(made, (0, 0), max(0.5, merge * cap))
    if rim:
        made = made * (1 - np.float32(0.85) * cv2.GaussianBlur(made, (0, 0), 0.035 * cap)) * 2.2
    # The blow was not the same everywhere, and grains answer one by one.
    made *= np.clip(0.95 + 0.28 * clouds(rng, (made.shape[0], made.shape[1]), 0.55 * cap, 2), 0.1, 1.3)
    faint = np.float32(1 - 2.2 * ground)
    return np.asarray(made * max(faint, np.float32(0.35)), np.float32)
