"""Pieces of metal of the foreign plates: form, finish, scratches, rust, and what lies round them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Generator = np.random.Generator

FINISHES = ("ground", "milled", "blasted", "cast", "blued", "rusty")


@dataclass(eq=False)
class Metal:
    """A surface seen from above; all fields (H, W) float32 unless said otherwise.

    `height` in pixels, up towards the camera; `albedo` (H, W, 3) linear RGB reflectance; `gloss` 0 (scatters)
    to 1 (mirrors); `plate` 1 on the metal, 0 beside it and in holes; `along` the direction of the machining
    lines, radians, x to y; `tint` (3,) the bare metal's reflectance.
    """

    height: Array
    albedo: Array
    gloss: Array
    plate: Array
    along: float
    tint: Array


def noise(rng: Generator, shape: tuple[int, int], size: float) -> Array:
    """Smooth noise, mean 0, deviation about 1, features of about `size` pixels."""
    small = (max(3, round(shape[0] / size) + 3), max(3, round(shape[1] / size) + 3))
    values = rng.standard_normal(small, np.float32)
    if size <= 1.5:
        return values[: shape[0], : shape[1]]
    made: Array = cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return made * np.float32(1.35)


def clouds(rng: Generator, shape: tuple[int, int], size: float, layers: int = 3) -> Array:
    """Noise of `size` pixels with finer and weaker layers in it, deviation about 1."""
    made = noise(rng, shape, size)
    for layer in range(1, layers):
        made += noise(rng, shape, max(1.6, size / 3**layer)) * np.float32(0.55**layer)
    return made * np.float32(0.85)


def streaks(rng: Generator, shape: tuple[int, int], along: float, length: float, width: float) -> Array:
    """Noise drawn out to lines of about `length` × `width` pixels in direction `along`."""
    size = np.hypot(*shape)
    columns, rows = round(size / length * 5) + 8, round(size / width) + 4
    small = cv2.GaussianBlur(rng.standard_normal((rows, columns), np.float32), (9, 1), 2.0) * 2.4
    c, s = np.cos(along), np.sin(along)
    kx, ky = 5 / length, 1 / width
    middle = np.array([shape[1] / 2, shape[0] / 2])
    matrix = np.array([[c * kx, s * kx, 0], [-s * ky, c * ky, 0]])
    matrix[:, 2] = np.array([columns / 2, rows / 2]) - matrix[:, :2] @ middle
    made: Array = cv2.warpAffine(
        small,
        matrix,
        (shape[1], shape[0]),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    return made


def scratches(rng: Generator, shape: tuple[int, int], count: int, along: float, spread: float) -> Array:
    """Single scratches as depth 0..1, most of them about `along` (radians, deviation `spread`)."""
    layer = np.zeros(shape, np.uint8)
    for _ in range(count):
        angle = rng.normal(along, spread)
        length = rng.exponential(0.16) * shape[1] + 20
        start = rng.uniform((0, 0), (shape[1], shape[0]))
        bend = rng.normal(0, 0.06)
        t = np.linspace(0, 1, 6)[:, None]
        line = start + t * length * (np.cos(angle), np.sin(angle))
        line = line + bend * length * t**2 * (-np.sin(angle), np.cos(angle))
        strength = int(255 * rng.uniform(0.15, 1) ** 1.5)
        thickness = 2 if rng.random() < 0.12 else 1
        cv2.polylines(
            layer, [np.round(line * 8).astype(np.int32)], False, strength, thickness, cv2.LINE_AA, 3
        )
    made: Array = cv2.GaussianBlur(layer.astype(np.float32), (0, 0), 0.8) / np.float32(150)
    return made


def ground(rng: Generator, shape: tuple[int, int], along: float, coarse: float) -> Array:
    """Height of a surface ground in one direction, pixels; `coarse` 0.5 (paper) to 2 (disc)."""
    bands = ((1.1, 140, 0.10), (1.9, 320, 0.17), (4.5, 520, 0.24), (19, 900, 0.3))
    made = np.zeros(shape, np.float32)
    for width, length, depth in bands:
        wide = width * (0.75 + 0.35 * coarse)
        turned = along + rng.normal(0, 0.02)
        made += streaks(rng, shape, turned, length * rng.uniform(0.6, 1.6), wide) * np.float32(depth * coarse)
    # A disc leaves single deep lines: the tail of the noise, not its middle.
    deep = streaks(rng, shape, along + rng.normal(0, 0.03), 420, 1.7)
    made -= np.maximum(deep - np.float32(1.6), 0) * np.float32(0.55 * coarse)
    return made


def milled(rng: Generator, shape: tuple[int, int], along: float) -> Array:
    """Height of a face-milled surface: arcs of one cutter, pixels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    far = rng.uniform(0.5, 3.0) * shape[1]
    x = columns - np.float32(shape[1] / 2 - far * np.sin(along))
    y = rows - np.float32(shape[0] / 2 + far * np.cos(along))
    radius = cv2.magnitude(x, y)
    pitch = np.float32(rng.uniform(4, 13))
    feed = (radius / pitch) % 1
    made: Array = pitch * np.float32(rng.uniform(0.03, 0.07)) * (2 * feed - 1) ** 2
    lines = cv2.GaussianBlur(rng.standard_normal((4096, 8), np.float32), (1, 3), 0.7)
    turn = (np.arctan2(y, x) * np.float32(far / shape[1] * 2.5) + 20) % np.float32(7)
    lines = cv2.remap(lines, turn, (radius * np.float32(0.7)) % np.float32(4094), cv2.INTER_LINEAR)
    made += lines * np.float32(0.16)
    return made


def metal(rng: Generator, shape: tuple[int, int], finish: str, clear: Array, cap: float) -> Metal:
    """A piece of metal of one of the `FINISHES` for a row of `cap` pixels.

    Holes and edges keep off `clear` (box x0, y0, x1, y1). A small row is a picture from further away: skins
    with a grain of their own are finer in it.
    """
    fine = float(np.clip(cap / 55, 0.4, 1))
    along = float(rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]) + rng.normal(0, 0.06))
    tint = np.array(
        [[0.60, 0.585, 0.56], [0.56, 0.565, 0.57], [0.63, 0.63, 0.62], [0.66, 0.57, 0.42]], np.float32
    )[0 if finish == "rusty" else rng.choice(4, p=[0.4, 0.3, 0.22, 0.08])]
    gloss = np.full(shape, rng.uniform(0.55, 0.9), np.float32)
    if finish == "milled":
        height = milled(rng, shape, along)
    elif finish == "blasted":
        height = noise(rng, shape, 1.0) * np.float32(0.22) + noise(rng, shape, 2.2) * np.float32(0.26 * fine)
        gloss *= np.float32(0.35)
    elif finish == "cast":
        height = clouds(rng, shape, rng.uniform(14, 30) * fine, 4) * np.float32(rng.uniform(0.8, 1.5) * fine)
        height -= np.maximum(noise(rng, shape, 6) - np.float32(1.5), 0) * np.float32(fine)
        gloss *= np.float32(0.4)
    else:
        height = ground(rng, shape, along, rng.uniform(0.4, 1.1))
    albedo = np.empty((*shape, 3), np.float32)
    patches = clouds(rng, shape, rng.uniform(60, 220))
    albedo[:] = tint * (1 + np.float32(0.05) * patches)[..., None]
    if finish == "blued":
        # Bluing wears off in the direction things slide over it.
        slid = 0.6 * patches + 0.8 * streaks(rng, shape, rng.normal(0, 0.3), 260, 7)
        worn = np.clip((slid - np.float32(rng.uniform(1.0, 2.6))) * 0.5, 0, 0.3)[..., None]
        colour = np.array([[0.06, 0.066, 0.082], [0.055, 0.055, 0.058], [0.085, 0.075, 0.072]])[
            rng.integers(3)
        ]
        albedo = albedo * worn + colour.astype(np.float32) * (1 - worn) * (1.6 + 0.12 * patches[..., None])
        gloss *= np.float32(0.8)
    if finish == "rusty" or rng.random() < 0.15:
        rust(
            rng, height, albedo, gloss, rng.uniform(0.9, 1.7) if finish == "rusty" else rng.uniform(2.0, 2.6)
        )
    height -= scratches(rng, shape, int(rng.integers(8, 70)), along, 0.9) * np.float32(rng.uniform(0.4, 1.0))
    made = Metal(height, albedo, gloss, np.ones(shape, np.float32), along, tint)
    form(rng, made, clear)
    return made


def rust(rng: Generator, height: Array, albedo: Array, gloss: Array, rare: float) -> None:
    """Lays rust on in patches, in place; `rare` in deviations: 0 covers half, 2 a few spots."""
    shape = (height.shape[0], height.shape[1])
    field = clouds(rng, shape, rng.uniform(50, 160), 5)
    cover = np.clip((field - np.float32(rare)) * np.float32(1.6), 0, 1)
    crust = clouds(rng, shape, 7, 3)
    height += cover * (crust * np.float32(0.6) - np.float32(0.4))
    brown = np.array([0.115, 0.068, 0.045], np.float32) * (1 + np.float32(0.22) * crust)[..., None]
    stain = np.clip((field - np.float32(rare) + np.float32(0.6)) * np.float32(0.9), 0, 1)[..., None]
    albedo *= 1 - stain * np.array([0.25, 0.45, 0.6], np.float32)
    albedo += cover[..., None] * (np.maximum(brown, 0.02) - albedo)
    gloss *= 1 - np.float32(0.85) * cover


def form(rng: Generator, metal: Metal, clear: Array) -> None:
    """Cuts the piece out: edges with a bevel, holes, screws, a step; the ground it lies on. In place."""
    shape = metal.height.shape
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x0, y0, x1, y1 = (float(v) for v in clear)
    # Depth inside the edge, pixels; every side that the photograph shows cuts a little askew.
    inside = np.full(shape, 1e4, np.float32)
    height, width = float(shape[0]), float(shape[1])
    sides = (
        (1.0, 0.0, x0, x0), (-1.0, 0.0, x1, width - x1), (0.0, 1.0, y0, y0), (0.0, -1.0, y1, height - y1)
    )  # fmt: skip
    for nx, ny, start, room in sides:
        if rng.random() < (0.45 if nx else 0.7):
            away = rng.uniform(0.35, 0.85) * room
            askew = rng.normal(0, 0.02)
            edge = start - (nx + ny) * away
            if nx:
                line = nx * (columns - np.float32(edge) + np.float32(askew) * (rows - height / 2))
            else:
                line = ny * (rows - np.float32(edge) + np.float32(askew) * (columns - width / 2))
            inside = -np.logaddexp(-inside / 9, -line / 9) * 9
    metal.plate[:] = np.clip(inside + 0.5, 0, 1)
    bevel = rng.uniform(2, 14)
    metal.height -= np.clip(bevel - inside, 0, 40) * np.float32(rng.uniform(0.3, 0.9))
    holes: list[tuple[float, float, float]] = []
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.35, 0.3, 0.25, 0.1])):
        radius = rng.uniform(0.025, 0.08) * width
        x, y = rng.uniform((0, 0), (width, height))
        if x0 - radius * 1.6 < x < x1 + radius * 1.6 and y0 - radius * 1.6 < y < y1 + radius * 1.6:
            continue
        if any(np.hypot(x - other[0], y - other[1]) < 1.6 * (radius + other[2]) for other in holes):
            continue
        holes.append((x, y, radius))
        _hole(rng, metal, rows, columns, x, y, radius)
    if rng.random() < 0.3:
        above = rng.random() < 0.5
        line = rows - np.float32(y0 - 0.3 * y0 if above else y1 + 0.3 * (height - y1))
        line += np.float32(rng.normal(0, 0.015)) * (columns - width / 2)
        metal.height += np.float32(rng.uniform(3, 9)) * np.tanh(line / np.float32(rng.uniform(2, 7)))
    _bench(rng, metal)


def _hole(
    rng: Generator, metal: Metal, rows: Array, columns: Array, x: float, y: float, radius: float
) -> None:
    away = np.hypot(columns - np.float32(x), rows - np.float32(y))
    metal.height -= np.clip(radius * np.float32(1.15) - away, 0, radius * 0.15) * np.float32(0.8)
    if rng.random() < 0.5:
        hollow = np.clip(radius - away, 0, 1)
        metal.plate *= 1 - hollow
        return
    head = np.clip(radius * np.float32(0.94) - away, 0, 1)
    angle = rng.uniform(0, np.pi)
    across = np.abs((columns - x) * np.float32(np.sin(angle)) - (rows - y) * np.float32(np.cos(angle)))
    slot = head * np.clip(radius * np.float32(0.13) - across, 0, 1)
    metal.height += head * np.sqrt(np.maximum(radius**2 * 2 - away**2, 0)) * np.float32(0.25)
    metal.height -= slot * np.float32(3)
    metal.albedo *= (1 - np.float32(0.8) * np.maximum(slot, np.clip(2 - abs(away - radius), 0, 1)))[..., None]


def _bench(rng: Generator, metal: Metal) -> None:
    """What lies beside the metal and at the bottom of holes."""
    shape = (metal.height.shape[0], metal.height.shape[1])
    colours = [
        [0.45, 0.44, 0.41],  # paper
        [0.03, 0.03, 0.035],  # foam
        [0.25, 0.15, 0.08],  # wood
        [0.05, 0.12, 0.09],  # cutting mat
        [0.10, 0.13, 0.22],  # cloth
    ]
    kind = int(rng.integers(len(colours)))
    texture = (
        streaks(rng, shape, 0.1, 300, 6) * 0.2 if kind == 2 else clouds(rng, shape, rng.uniform(4, 14)) * 0.06
    )
    shade = 1 - cv2.GaussianBlur(metal.plate, (0, 0), 14) * np.float32(0.85)
    ground = np.array(colours[kind], np.float32) * (np.maximum(1 + texture, 0.1) * shade)[..., None]
    plate = metal.plate[..., None]
    metal.albedo *= plate
    metal.albedo += ground * (1 - plate)
    metal.gloss *= metal.plate
    metal.height *= metal.plate
