"""A foreign plate as a piece of metal with its row, and each of its frames as light finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.harm import (
    Answer,
    answers,
    droplets,
    grind,
    particles,
    patch,
    punch,
    remains,
    stains,
)
from models.foreign.light import Light, charts, shade, slopes
from models.foreign.marks import Mark, Tool, grooves, strain
from models.foreign.metal import FINISHES, Array, Generator, Metal, clouds, metal, noise

Box = tuple[float, float, float, float]


@dataclass(eq=False)
class Scene:
    """One plate on its canvas: the metal as it lies, slopes with it, and what etching adds per frame."""

    metal: Metal
    x: Array
    y: Array
    rough: float
    cap: float
    parameters: dict[str, Any]
    etched: Etched | None = None


@dataclass(eq=False)
class Etched:
    """What the reagent works on. `window` holds the treated place, `where` (h, w) how far it is treated."""

    window: tuple[slice, slice]
    where: Array
    marks: list[Mark]
    fields: list[Array]
    answers: list[Answer]
    stain: Array
    grain: Array
    bite: float
    copper: Array = field(default_factory=lambda: np.zeros(3, np.float32))
    powder: str = ""


def build(
    rng: Generator,
    tier: str,
    shape: tuple[int, int],
    box: Box,
    marks: Sequence[Mark],
    over: Sequence[Mark],
    tool: Tool,
    cap: float,
) -> Scene:
    """The plate of a `tier`: `marks` in the metal, `over` struck over them later; `box` round the row."""
    weights = {"intact": [0.25, 0.2, 0.15, 0.12, 0.14, 0.14]}.get(tier, [0.4, 0.2, 0.08, 0.08, 0.14, 0.1])
    finish = str(rng.choice(FINISHES, p=weights))
    clear = np.array(box, np.float32) + np.array([-0.5, -0.5, 0.5, 0.5], np.float32) * np.float32(cap)
    clear = np.clip(clear, 4, np.array([shape[1], shape[0]] * 2, np.float32) - 5)
    piece = metal(rng, shape, finish, clear, cap)
    depth = float(rng.uniform(0.045, 0.085) * {"roll marking": 0.75, "engraving": 0.6}.get(tool.method, 1.0))
    values: dict[str, Any] = {"finish": finish, "depth": round(depth, 4)}
    cuts = grooves(marks, tool, depth, cap, piece.height)
    made = Scene(piece, piece.height, piece.height, float(rng.uniform(0.1, 0.24)), cap, values)
    if tier == "intact":
        sink(rng, piece, cuts, depth * cap, rng.uniform(0, 0.8))
    elif tier == "worn":
        _wear(rng, made, box, cuts, depth * cap, marks)
        if over:
            fresh = grooves(over, tool, depth * rng.uniform(0.7, 1.1), cap, piece.height)
            sink(rng, piece, fresh, depth * cap, 0.2)
    else:
        _erase(rng, made, box, cuts, depth * cap, marks)
    made.x, made.y = slopes(piece.height)
    return made


def sink(rng: Generator, piece: Metal, depth: Array, deepest: float, dirt: float) -> None:
    """Cuts grooves of `depth` pixels into the metal, in place; `dirt` 0..1 darkens their floor."""
    piece.height -= depth
    below = np.clip(depth / np.float32(deepest), 0, 1)
    filling = np.clip(0.75 + 0.35 * clouds(rng, (depth.shape[0], depth.shape[1]), 60), 0, 1.2)
    shadow = below * (np.float32(0.25) + np.float32(0.6 * dirt) * filling)
    piece.albedo *= (1 - np.clip(shadow, 0, 0.88))[..., None]
    piece.gloss *= 1 - np.float32(0.5) * below


def _wear(rng: Generator, scene: Scene, box: Box, cuts: Array, deepest: float, marks: Sequence[Mark]) -> None:
    shape, cap, piece = (cuts.shape[0], cuts.shape[1]), scene.cap, scene.metal
    where = patch(rng, shape, np.array(box, np.float32), cap, rng.uniform(0.2, 1.0) * cap)
    level = float(rng.uniform(0.35, 0.8))
    coarse = float(rng.uniform(0.5, 1.3) * np.clip(cap / 60, 0.5, 1))
    left = remains(rng, cuts, where, deepest, level, cap)
    directions = grind(rng, piece, where, coarse, rng.uniform(0.5, 4), rng.random() < 0.45)
    sink(rng, piece, left, deepest, rng.uniform(0, 1))
    beaten = [index for index in range(len(marks)) if rng.random() < 0.09]
    for index in beaten:
        punch(rng, piece, marks[index], cap)
    scene.parameters |= {
        "ground_away": round(level, 3),
        "coarse": round(coarse, 2),
        "directions": [round(one, 2) for one in directions],
        "punched": beaten,
    }


def _erase(
    rng: Generator, scene: Scene, box: Box, cuts: Array, deepest: float, marks: Sequence[Mark]
) -> None:
    shape, cap, piece = (cuts.shape[0], cuts.shape[1]), scene.cap, scene.metal
    where = patch(rng, shape, np.array(box, np.float32), cap, rng.uniform(0.2, 1.2) * cap)
    coarse = float(rng.uniform(0.2, 0.7) * np.clip(cap / 50, 0.6, 1))
    directions = grind(rng, piece, where, coarse, rng.uniform(0, 4), rng.random() < 0.5)
    if rng.random() < 0.2:  # one end was ground less: the floor of the deepest strokes is still there
        sink(rng, piece, remains(rng, cuts, where, deepest, 1.05, cap), deepest, 0.4)
    below = float(rng.uniform(0.0, 0.075))
    strength = float(rng.uniform(1.0, 2.0))
    if rng.random() < 0.05:
        strength *= 0.35
    tail, rim, merge = rng.uniform(1.1, 2.4), rng.random() < 0.15, rng.uniform(0.008, 0.03) + 0.15 * below
    rows, columns = np.nonzero(where > 0.02)
    window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    size = (window[0].stop - window[0].start, window[1].stop - window[1].start)
    treated = patch(rng, shape, np.array(box, np.float32), cap, rng.uniform(0.1, 1.0) * cap)[window]
    powder = (
        str(rng.choice(["black on white", "dark on metal", "fluorescent"])) if rng.random() < 0.14 else ""
    )
    scene.etched = Etched(
        window,
        treated * where[window] * piece.plate[window],
        list(marks),
        [strain(rng, mark, cap, below, tail, rim, merge) for mark in marks],
        answers(rng, len(marks), cap, strength),
        stains(rng, size, cap),
        noise(rng, size, 1.0) * np.float32(0.45) + noise(rng, size, 2.5) * np.float32(0.35),
        float(rng.uniform(0.1, 0.9)),
        rng.uniform(0.0, 0.5) * np.array([-0.05, 0.22, 0.45], np.float32) * (rng.random() < 0.4),
        powder,
    )
    scene.parameters |= {
        "ground_below": round(below, 4),
        "coarse": round(coarse, 2),
        "directions": [round(one, 2) for one in directions],
        "strength": round(strength, 3),
        "powder": powder,
    }


def light_of(rng: Generator, tier: str, index: int, count: int, base: Light, powder: str) -> Light:
    """The lamp of frame `index`: it goes round over relief, and stands anywhere over an etched place."""
    azimuth = base.azimuth + 2 * np.pi * index / max(count, 1) + rng.normal(0, 0.25)
    elevation = float(np.clip(base.elevation + rng.normal(0, 4), 12, 75))
    ring = base.ring
    if tier == "etched":
        azimuth = base.azimuth + rng.normal(0, 1.4)
        if rng.random() < 0.45:  # coaxial or nearly: what mirrors against what scatters
            elevation, ring = float(rng.uniform(62, 84)), float(rng.uniform(0, 0.35))
    if powder:
        elevation, ring = max(elevation, 50.0), 0.1
    return Light(float(azimuth), elevation, base.hardness, base.near, ring)


def frame(rng: Generator, scene: Scene, light: Light, time: float) -> tuple[Array, dict[str, Any]]:
    """The canvas as light under `light` at `time` 0..1 of the series, linear RGB, and what was set."""
    x, y, albedo, gloss = scene.x, scene.y, scene.metal.albedo, scene.metal.gloss
    glare: Array | None = None
    state: dict[str, Any] = {}
    if scene.etched is not None:
        if scene.etched.powder:
            x, y, albedo, gloss, state = _magnetic(rng, scene, scene.etched)
        else:
            x, y, albedo, gloss, glare, state = _reagent(rng, scene, scene.etched, time)
    both = charts(rng, light, scene.metal.along, scene.rough)
    made = shade(x, y, albedo, gloss, light, both, glare)
    if state.get("powder") == "fluorescent":
        made = _ultraviolet(made, albedo)
    return made, state


def _reagent(
    rng: Generator, scene: Scene, etched: Etched, time: float
) -> tuple[Array, Array, Array, Array, Array | None, dict[str, Any]]:
    x, y = scene.x.copy(), scene.y.copy()
    albedo, gloss = scene.metal.albedo.copy(), scene.metal.gloss.copy()
    size = etched.where.shape
    relief, dull, tint = (np.zeros(size, np.float32) for _ in range(3))
    shares = []
    for mark, zone, answer in zip(etched.marks, etched.fields, etched.answers, strict=True):
        share = float(np.clip(answer.at(time) * rng.uniform(0.7, 1.15), 0, 1))
        shares.append(round(share, 2))
        rows, columns, part = inner(mark.window, etched.window)
        for layer, value in ((relief, answer.relief), (dull, answer.dull), (tint, answer.tint)):
            layer[rows, columns] += zone[part] * np.float32(value * share)
    bite = np.float32(etched.bite * np.clip(0.35 + time * 0.8, 0, 1))
    # Reagent reaches the place unevenly and each grain answers for itself.
    reach = etched.where * np.clip(1 + 0.25 * clouds(rng, (size[0], size[1]), 1.2 * scene.cap, 2), 0.2, 1.3)
    spread = (1 + np.float32(0.55) * etched.grain) * reach
    relief = relief * reach + etched.grain * np.float32(0.14) * bite * reach
    view = etched.window
    dx, dy = slopes(relief)
    x[view] += dx
    y[view] += dy
    dried = np.float32(np.clip(time * rng.uniform(0.4, 1.6), 0, 1))
    dark = 1 + np.clip(tint, -0.55, 0.55) * spread - np.float32(0.22) * bite * reach
    factor = dark[..., None] * (1 - (1 - etched.stain) * (dried * reach)[..., None])
    factor = factor * (1 - etched.copper * (np.clip(0.4 + np.abs(tint) * 2, 0, 1) * reach)[..., None])
    albedo[view] *= np.clip(factor, 0.04, 2)
    gloss[view] = np.clip(gloss[view] * (1 - 0.35 * bite * reach) + dull * spread, 0, 1)
    wet = rng.random() < 0.35
    glare = _film(rng, x, y, albedo, gloss, etched, scene.cap) if wet else None
    return x, y, albedo, gloss, glare, {"shares": shares, "wet": bool(wet)}


def inner(
    window: tuple[slice, slice], outer: tuple[slice, slice]
) -> tuple[slice, slice, tuple[slice, slice]]:
    """Where `window` lies in `outer`, as rows and columns of `outer`, and that part of `window`."""
    inside, part = [], []
    for one, other in zip(window, outer, strict=True):
        start, stop = max(one.start, other.start), max(one.start, other.start, min(one.stop, other.stop))
        inside.append(slice(start - other.start, stop - other.start))
        part.append(slice(start - one.start, stop - one.start))
    return inside[0], inside[1], (part[0], part[1])


def _film(
    rng: Generator, x: Array, y: Array, albedo: Array, gloss: Array, etched: Etched, cap: float
) -> Array:
    """Lays liquid on the treated place, in place: less texture, darker, mirroring at its own surface."""
    size = (etched.where.shape[0], etched.where.shape[1])
    drops, cover = droplets(rng, size, int(rng.integers(0, 18)), rng.uniform(0.3, 1.1) * cap)
    flow = clouds(rng, size, rng.uniform(1.5, 4) * cap, 2)
    film = np.clip((flow + rng.uniform(-0.3, 1.2)) * rng.uniform(1.2, 4), 0, 1) * etched.where
    liquid = np.maximum(film, cover * etched.where)
    view = etched.window
    calm = 1 - np.float32(0.6) * liquid
    dx, dy = slopes(drops * etched.where)
    x[view] *= calm
    y[view] *= calm
    albedo[view] *= (1 - np.float32(0.2) * liquid)[..., None]
    fx, fy = slopes(flow * np.float32(0.9 * cap))
    steep = np.hypot(fx + dx - np.float32(rng.normal(0, 0.15)), fy + dy - np.float32(rng.normal(0, 0.15)))
    shine = np.exp(-((steep / np.float32(rng.uniform(0.03, 0.09))) ** 2)) * liquid * np.float32(0.5)
    rim = cv2.GaussianBlur(cover, (0, 0), 1.2)
    shine += np.clip(rim * (1 - rim) * 4 - 0.6, 0, 1) * np.float32(0.12)
    gloss[view] += (np.float32(0.8) - gloss[view]) * np.float32(0.4) * liquid
    glare = np.zeros(x.shape, np.float32)
    glare[view] = shine * np.float32(rng.uniform(0.3, 1.0))
    return glare


def _magnetic(
    rng: Generator, scene: Scene, etched: Etched
) -> tuple[Array, Array, Array, Array, dict[str, Any]]:
    x, y = scene.x.copy(), scene.y.copy()
    albedo, gloss = scene.metal.albedo.copy(), scene.metal.gloss.copy()
    view, size = etched.window, (etched.where.shape[0], etched.where.shape[1])
    along = float(rng.uniform(0, np.pi))
    fields, moved = [], []
    for mark, zone, answer in zip(etched.marks, etched.fields, etched.answers, strict=True):
        rows, columns, part = inner(mark.window, view)
        weight = np.float32(min(1.0, 0.6 + 12 * abs(answer.relief) / scene.cap))
        fields.append(zone[part] * weight)
        moved.append(Mark(mark.character, mark.corners, (rows, columns), zone, mark.force))
    clean = 0.2 if etched.powder == "fluorescent" else 0.0
    powder = (particles(rng, moved, fields, size, along, clean) * etched.where)[..., None]
    colours: npt.NDArray[np.float32] = np.array([0.035, 0.033, 0.032], np.float32)
    if etched.powder == "black on white":  # contrast paint under the powder
        paint = (np.float32(0.9) * etched.where * np.clip(1 + 0.1 * etched.grain, 0.6, 1))[..., None]
        albedo[view] += (np.float32(0.7) - albedo[view]) * paint
        x[view] *= 1 - 0.7 * paint[..., 0]
        y[view] *= 1 - 0.7 * paint[..., 0]
        gloss[view] *= 1 - paint[..., 0]
    elif etched.powder == "dark on metal":
        colours = np.array([0.09, 0.03, 0.025], np.float32) if rng.random() < 0.4 else colours
    else:
        colours = np.array([0.9, 4.0, 0.35], np.float32)
        albedo *= np.array([0.10, 0.06, 0.30], np.float32)
    albedo[view] += (colours - albedo[view]) * powder * np.float32(rng.uniform(0.7, 1))
    gloss[view] *= 1 - powder[..., 0]
    return x, y, albedo, gloss, {"powder": etched.powder, "field": round(along, 2)}


def _ultraviolet(made: Array, albedo: Array) -> Array:
    """Powder that shines by itself does not care for the slope."""
    own = albedo * np.float32(0.28)
    glowing = np.clip(albedo[..., 1:2] - np.float32(0.2), 0, 1)
    return np.asarray(made * (1 - glowing) * np.float32(0.6) + own * glowing, np.float32)
