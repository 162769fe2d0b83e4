"""What is done to a marking of the foreign plates: grinding and punching it away, and etching it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.foreign.marks import Mark
from models.foreign.metal import Array, Generator, Metal, clouds, ground, noise, scratches, streaks


def patch(rng: Generator, shape: tuple[int, int], box: Array, cap: float, edge: float) -> Array:
    """Where somebody worked on the metal: 1 round `box` (x0, y0, x1, y1), uneven border, 0 outside."""
    x0, y0, x1, y1 = (float(v) for v in box)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    grow = cap * rng.uniform(0.8, 2.2, 4)
    half = np.array([(x1 - x0 + grow[0] + grow[1]) / 2, (y1 - y0 + grow[2] + grow[3]) / 2])
    middle = np.array([x0 + x1 - grow[0] + grow[1], y0 + y1 - grow[2] + grow[3]]) / 2
    power = rng.uniform(2.5, 7)
    away = np.abs((columns - np.float32(middle[0])) / np.float32(half[0])) ** np.float32(power)
    away += np.abs((rows - np.float32(middle[1])) / np.float32(half[1])) ** np.float32(power)
    inside = (1 - away ** np.float32(1 / power)) * np.float32(min(half))
    inside += clouds(rng, shape, 2.5 * cap, 2) * np.float32(0.13 * cap)
    made: Array = np.clip(inside / np.float32(edge) + 0.5, 0, 1).astype(np.float32)
    return made


def grind(
    rng: Generator, metal: Metal, where: Array, coarse: float, hollow: float, twice: bool
) -> tuple[float, ...]:
    """Replaces the surface by grinding lines, in place; the directions, radians.

    `hollow` pixels the middle lies below the rest, `twice` a second pass in another direction.
    """
    shape = (metal.height.shape[0], metal.height.shape[1])
    along = float(rng.uniform(0, np.pi) if rng.random() < 0.5 else rng.normal(0, 0.25))
    lines = ground(rng, shape, along, coarse)
    directions = [along]
    if twice:
        other = along + float(rng.uniform(0.4, 1.6))
        # The second pass takes away what stands higher than its own lines.
        light = np.float32(0.25 * coarse) * (1 + clouds(rng, shape, 160, 1))
        lines = np.minimum(lines, ground(rng, shape, other, coarse) + light)
        directions.append(other)
    lines -= scratches(rng, shape, int(rng.integers(20, 150)), along, 0.12) * np.float32(0.8 * coarse)
    where = where * metal.plate
    # Disc and file leave a wavy floor.
    floor = -np.float32(hollow) * cv2.GaussianBlur(where, (0, 0), 12)
    floor += clouds(rng, shape, 90, 2) * np.float32(0.1 * hollow)
    metal.height += (lines + floor - metal.height) * where
    tone = 1 + np.float32(0.05) * clouds(rng, shape, 70)
    bare = metal.tint * np.float32(rng.uniform(0.8, 1.15)) * tone[..., None]
    metal.albedo += (bare - metal.albedo) * where[..., None]
    metal.gloss += (np.float32(rng.uniform(0.55, 0.95)) - metal.gloss) * where
    metal.along = along
    return tuple(directions)


def remains(rng: Generator, depth: Array, where: Array, deepest: float, level: float, cap: float) -> Array:
    """What grinding leaves of grooves of `depth` pixels: `level` 0..1 of the deepest is taken off."""
    shape = (depth.shape[0], depth.shape[1])
    tilt = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :] * np.float32(rng.normal(0, 0.2))
    wavy = clouds(rng, shape, 1.5 * cap, 2) * np.float32(0.13) + streaks(rng, shape, 0.2, 300, 9) * 0.05
    taken = np.float32(deepest) * np.clip(level + tilt + wavy, 0.0, 1.6) * where
    left = np.maximum(depth - taken, 0)
    burrs = np.minimum(depth, 0) * (1 - where)
    return np.asarray(left + burrs, np.float32)


def punch(rng: Generator, metal: Metal, mark: Mark, cap: float) -> None:
    """Punch or chisel blows on a character, in place."""
    middle = mark.corners.mean(axis=0)
    rows, columns = np.ogrid[mark.window]
    view = metal.height[mark.window]
    chisel = rng.random() < 0.4
    for _ in range(int(rng.integers(2, 7))):
        x, y = middle + rng.normal(0, 0.28, 2) * cap
        dx, dy = (columns - x).astype(np.float32), (rows - y).astype(np.float32)
        radius = np.float32(rng.uniform(0.05, 0.11) * cap)
        if chisel:
            angle = rng.normal(0.8, 0.2)
            on, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
            away = np.sqrt((on / 5) ** 2 + across**2)
        else:
            away = np.sqrt(dx * dx + dy * dy)
        view -= np.maximum(radius - away, 0) * np.float32(0.9)
        view += radius * np.float32(0.25) * np.exp(-(((away - radius * 1.2) / (radius * 0.3)) ** 2))


@dataclass(frozen=True, eq=False)
class Answer:
    """How one character answers the reagent; signs are free.

    `rise`, `fade` times 0..1 (fade may lie past the series), `relief` pixels, `dull` change of gloss,
    `tint` relative change of brightness, at most.
    """

    rise: float
    fade: float
    relief: float
    dull: float
    tint: float

    def at(self, time: float) -> float:
        """Share 0..1 that shows at `time` 0..1."""
        return float(1 / (1 + np.exp(-(time - self.rise) * 14)) / (1 + np.exp((time - self.fade) * 11)))


def answers(rng: Generator, count: int, cap: float, strength: float) -> list[Answer]:
    """`count` characters on one piece: mostly one way of answering, some the other, some hardly at all."""
    usual = np.array([rng.choice([-1, 1], p=[0.75, 0.25]), rng.choice([-1, 1], p=[0.8, 0.2])])
    usual = np.append(usual, rng.choice([-1, 1]))
    shares = rng.dirichlet((1.2, 1.5, 1.6)) * 1.7
    made = []
    for _ in range(count):
        signs = usual * np.where(rng.random(3) < 0.22, -1, 1)
        power = strength * rng.choice([1.0, 0.2], p=[0.92, 0.08]) * rng.uniform(0.55, 1.3)
        relief, dull, tint = signs * shares * power
        rise = rng.uniform(-0.15, 0.52)
        fade = rise + rng.uniform(0.4, 1.6)
        made.append(Answer(rise, fade, 0.016 * cap * relief, 0.55 * dull, 0.34 * tint))
    return made


def droplets(rng: Generator, shape: tuple[int, int], count: int, largest: float) -> tuple[Array, Array]:
    """Drops: height of liquid in pixels and where it lies, 0..1."""
    height, cover = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for _ in range(count):
        radius = largest * rng.uniform(0.08, 1) ** 2 + 2
        x, y = rng.uniform((0, 0), (shape[1], shape[0]))
        reach = radius * 1.5
        top, left = max(0, int(y - reach)), max(0, int(x - reach))
        bottom, right = min(shape[0], int(y + reach) + 1), min(shape[1], int(x + reach) + 1)
        window = (slice(top, bottom), slice(left, right))
        rows, columns = np.ogrid[top:bottom, left:right]
        angle, waves = np.arctan2(rows - y, columns - x), rng.uniform(0, 6, 2)
        wobble = 1 + 0.12 * np.sin(2 * angle + waves[0]) + 0.07 * np.sin(3 * angle + waves[1])
        away = np.hypot(rows - y, columns - x) / (radius * wobble)
        drop = np.sqrt(np.clip(1 - away**2, 0, 1)) * radius * 0.35
        height[window] = np.maximum(height[window], drop)
        cover[window] = np.maximum(cover[window], np.clip((1 - away) * radius, 0, 1))
    return height, cover


def stains(rng: Generator, shape: tuple[int, int], cap: float) -> Array:
    """Dried reagent, (H, W, 3) factors on the albedo: rings of drops, swab streaks, brown clouds."""
    _, cover = droplets(rng, shape, int(rng.integers(0, 14)), rng.uniform(0.4, 2.2) * cap)
    soft = cv2.GaussianBlur(cover, (0, 0), 3)
    ring = np.clip(soft * (1 - soft) * 4, 0, 1) * np.float32(rng.uniform(0.1, 0.5)) + cover * np.float32(0.08)
    swab = np.clip(streaks(rng, shape, rng.normal(0, 0.4), 500, 0.3 * cap) - 0.4, 0, 2) * rng.uniform(0, 0.22)
    cloud = np.clip(clouds(rng, shape, 1.6 * cap, 4) - rng.uniform(-0.2, 1), 0, 2) * rng.uniform(0.02, 0.3)
    specks = np.clip(noise(rng, shape, 4) - 2.5, 0, 1) * rng.uniform(0, 0.9)
    dark = np.clip(ring + swab + cloud + specks, 0, 0.8)
    colour = np.array([[0.7, 1.0, 1.3], [1.0, 1.0, 1.0], [0.55, 1.05, 1.35], [1.2, 1.0, 0.75]])
    return np.asarray(1 - np.clip(dark[..., None] * colour[rng.integers(4)], 0, 0.93), np.float32)


def particles(
    rng: Generator,
    marks: Sequence[Mark],
    fields: Sequence[Array],
    shape: tuple[int, int],
    along: float,
    clean: float,
) -> Array:
    """Where magnetic powder gathers, 0..1, with the field in direction `along` (radians).

    Borders along the field do not hold powder, borders across it do. `clean` 0 to 0.3: how well the rest was
    rinsed.
    """
    flux = np.zeros(shape, np.float32)
    for mark, field in zip(marks, fields, strict=True):
        view = flux[mark.window]
        np.maximum(view, field, out=view)
    gx, gy = cv2.Sobel(flux, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(flux, cv2.CV_32F, 0, 1, ksize=3)
    leak = np.abs(gx * np.float32(np.cos(along)) + gy * np.float32(np.sin(along)))
    leak = cv2.GaussianBlur(leak, (0, 0), 1.5)
    leak = leak / max(float(np.percentile(leak, 99.5)), 1e-6) if len(marks) else leak
    lines = np.clip(streaks(rng, shape, along + np.pi / 2, 160, 2.5) - 1.1, 0, 2) * np.float32(0.25)
    chance = leak * np.float32(rng.uniform(0.5, 0.8)) + flux * np.float32(rng.uniform(0.0, 0.35)) + lines
    chance += np.float32(0.1) * np.clip(clouds(rng, shape, 60), 0, 2)
    grains = noise(rng, shape, 1.0) * np.float32(0.2) + noise(rng, shape, 2.5) * np.float32(0.1)
    made: Array = np.clip((chance + grains - np.float32(0.3 + clean)) * 2.2, 0, 1).astype(np.float32)
    made = cv2.GaussianBlur(made, (0, 0), 0.6)
    return made
