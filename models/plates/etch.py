"""Etching: what the reagent shows of the metal that was deformed under each stroke.

Cold work spreads below and beside a stroke and gets weaker and wider with depth, so on a surface ground down
past the groove the zone is broader and softer than the character was and small counters close up. How far it
reaches (`reach` times the depth of the groove) is an assumption: two to three times is often said, without a
good source. Contrast may have either sign, and it comes, peaks and fades for each character in its own time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.grain import Map, cloud
from models.plates.strike import Impression


@dataclass(frozen=True)
class Etching:
    """Reagent and metal together. `strength` 0 means not etched; it is the peak contrast as a share of the
    reflectance where the deformed zone is fullest.

    `reach` the depth of the deformed zone below the groove, in depths of the groove; `spread` how much wider
    it gets, in mm of width per mm of depth. `darkening` is the share of characters that come out darker than
    their surroundings, 0..1. `rise` and `fade` the middle times (s) of a character's coming and going, each
    character's own times spreading by the factor exp(±`time_spread`). `relief` mm is the step the reagent
    leaves, `stain` 0..1 the unevenness of the etched ground, `dwell` (s, s) the times of the first and last
    photograph. `wet` drops of liquid lie on each square centimetre. With `particles` no reagent but magnetic
    particles show the zone: they gather in clumps on it and along its edges.
    """

    strength: float = 0.0
    reach: float = 3.0
    spread: float = 0.9
    darkening: float = 0.5
    rise: float = 40.0
    fade: float = 240.0
    time_spread: float = 0.5
    relief: float = 0.003
    stain: float = 0.4
    dwell: tuple[float, float] = (20.0, 240.0)
    wet: float = 0.0
    particles: bool = False


@dataclass(frozen=True, eq=False)
class Response:
    """How one character answers the reagent: its deformed zone (h, w) 0..1 on its impression's patch, the
    sign of its contrast (−1 darker, +1 lighter), its times in seconds, its own share of the strength, and how
    far its strokes stand out from the counters and gaps beside them, 0..1."""

    impression: Impression
    zone: Map
    sign: int
    rise: float
    fade: float
    share: float
    standing_out: float

    def contrast(self, dwell: float) -> float:
        """Signed contrast 0..1 of the fullest part after `dwell` seconds: rises, peaks, fades; 1 is the
        peak."""
        if dwell <= 0:
            return 0.0
        lasting = float((1 - np.exp(-((dwell / self.rise) ** 2))) * np.exp(-((dwell / self.fade) ** 3)))
        return self.sign * self.share * lasting


def deformed_zone(impression: Impression, removed: Map, stroke: float, etching: Etching) -> Map:
    """Cold work 0..1 at the surface that grinding left, over the impression's patch.

    `removed` (h, w) mm of metal taken off on that patch. Inside the groove's own depth the zone hugs the
    groove; below it the edge moves out and blurs by `spread` and the strain falls off with the depth.
    """
    depth = np.maximum(impression.penetration, 1e-3)
    below = np.maximum(removed - depth, 0)
    half_width = 0.42 * stroke + 0.25 * etching.spread * below
    softness = 0.06 * stroke + 0.3 * etching.spread * below
    edge = np.clip((half_width - impression.distance) / softness, -30, 30)
    fallen = np.exp(-((below / (etching.reach * depth)) ** 2) * 2)
    struck = np.clip(impression.penetration / 0.03, 0, 1)
    return np.asarray(struck * fallen / (1 + np.exp(-edge)), dtype=np.float32)


def standing_out(zone: Map, distance: Map, stroke: float) -> float:
    """Mean of the zone on the strokes less its mean a stroke's width beside them, 0..1: small where the zone
    has faded and where it has spread until the counters are closed."""
    on, beside = distance < 0.3 * stroke, (distance > 0.8 * stroke) & (distance < 1.5 * stroke)
    if not on.any() or not beside.any():
        return 0.0
    return float(max(zone[on].mean() - zone[beside].mean(), 0))


def respond(
    impressions: Sequence[Impression],
    removed: Map,
    stroke: float,
    etching: Etching,
    rng: np.random.Generator,
) -> tuple[Response, ...]:
    """One response per impression, drawn in their order; empty where the plate is not etched."""
    if etching.strength <= 0:
        return ()
    responses = []
    for impression in impressions:
        sway = rng.standard_normal(3)
        times = np.exp(sway * etching.time_spread)
        dark = rng.random() < etching.darkening
        zone = deformed_zone(impression, removed[impression.rows, impression.columns], stroke, etching)
        responses.append(
            Response(
                impression=impression,
                zone=zone,
                sign=-1 if dark else 1,
                rise=float(etching.rise * times[0]),
                fade=float(etching.fade * times[1]),
                share=float(np.clip(1 + 0.4 * sway[2], 0.25, 1.6)),
                standing_out=standing_out(zone, impression.distance, stroke),
            )
        )
    return tuple(responses)


def contrast_map(responses: Sequence[Response], dwell: float, shape: tuple[int, int]) -> Map:
    """Signed contrast −1.6..1.6 over the raster after `dwell` seconds; neighbours' zones add up and merge."""
    total = np.zeros(shape, np.float32)
    for response in responses:
        where = (response.impression.rows, response.impression.columns)
        total[where] += response.contrast(dwell) * response.zone
    return np.clip(total, -1.6, 1.6)


def swabbed(
    patch: tuple[float, float, float, float], shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> Map:
    """Where the reagent was, 0..1: the ground patch (x, y, w, h) mm with the ragged border of a swab."""
    x0, y0, wide, high = patch
    x = ((np.arange(shape[1], dtype=np.float32) + 0.5) / scale - x0 - wide / 2) / (0.55 * wide)
    y = (((np.arange(shape[0], dtype=np.float32) + 0.5) / scale - y0 - high / 2) / (0.55 * high))[:, None]
    ragged = 0.12 * cloud(shape, 5 * scale, rng) + 0.02 * cloud(shape, 1.2 * scale, rng)
    return np.asarray(np.clip((1 - (x**4 + y**4) ** 0.25 + ragged) / 0.16, 0, 1), dtype=np.float32)


def mottle(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> Map:
    """Unevenness about 1 of the reagent's bite: grains of the metal some 0.2 mm across, and larger
    regions."""
    grains = 0.22 * cloud(shape, 0.2 * scale, rng)
    regions = 0.3 * cloud(shape, 2.5 * scale, rng) + 0.2 * cloud(shape, 0.8 * scale, rng)
    return np.clip(0.9 + grains + regions, 0, 2)


def stains(
    shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> tuple[Map, npt.NDArray[np.float32]]:
    """(tone, drift): blotches and tide lines of drying reagent as a factor's exponent about zero, and the
    same kind of map for a second time, towards which a stain wanders while etching goes on."""
    blotches = [cloud(shape, 9 * scale, rng) + 0.35 * cloud(shape, 2 * scale, rng) for _ in range(2)]
    level = cloud(shape, 12 * scale, rng)
    tide = (
        np.where(level > 0.6, np.exp(-(level - 0.6) / 0.08), np.exp(np.minimum(level - 0.6, 0) / 0.012))
        * 0.35
    )
    return (0.5 * blotches[0] - tide).astype(np.float32), (0.5 * blotches[1]).astype(np.float32)


def gathered(contrast: Map, edge: float, darkening: float, rng: np.random.Generator) -> Map:
    """The contrast that magnetic particles make of the deformed zone: strongest along its edges (`edge` px
    wide), in clumps of about two pixels. Dark particles on light metal, or bright ones that fluoresce."""
    zone = np.abs(contrast)
    slope_x = cv2.Scharr(zone, cv2.CV_32F, 1, 0, scale=edge / 32)
    slope_y = cv2.Scharr(zone, cv2.CV_32F, 0, 1, scale=edge / 32)
    clumps = np.clip(0.8 + 0.7 * cloud(contrast.shape, 1.5, rng) + 0.3 * cloud(contrast.shape, 5, rng), 0, 3)
    sign = -1 if rng.random() < max(darkening, 0.5) else 1
    return np.asarray(sign * clumps * (0.5 * zone + 0.9 * np.hypot(slope_x, slope_y)), np.float32)


def droplets(
    count: float, shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Factor on the tone of drops lying on the metal: darker inside, a bright crescent at one side."""
    factor = np.ones(shape, np.float32)
    for _ in range(int(rng.poisson(count * shape[0] * shape[1] / (10 * scale) ** 2))):
        x, y = rng.uniform(0, shape[1]), rng.uniform(0, shape[0])
        radius = float(np.exp(rng.normal(-0.3, 0.5))) * scale
        left, right = int(max(x - 1.2 * radius, 0)), int(min(x + 1.2 * radius + 1, shape[1]))
        top, bottom = int(max(y - 1.2 * radius, 0)), int(min(y + 1.2 * radius + 1, shape[0]))
        if right <= left or bottom <= top:
            continue
        across = (np.arange(left, right, dtype=np.float32) - np.float32(x)) / radius
        down = ((np.arange(top, bottom, dtype=np.float32) - np.float32(y)) / radius)[:, None]
        away = np.sqrt(across**2 + down**2)
        inside = 1 / (1 + np.exp((away - 0.9) / 0.06))
        crescent = np.exp(-((away - 0.75) ** 2) / 0.01) * np.clip(-across - down, 0, 1)
        factor[top:bottom, left:right] *= 1 - 0.25 * inside + 0.7 * crescent
    return factor
