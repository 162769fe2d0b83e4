"""Strips for training: one row of characters, upright, as the program cuts it from registered photographs.

Rendered directly at the strip's scale, so that a strip costs a few hundredths of a second. The ranges are
wider than those of `draw`: what a reader has not seen in training it will not read in casework.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.draw import (
    CYRILLIC_ALPHABET,
    random_etching,
    random_light,
    random_obliteration,
    random_punch,
    random_surface,
)
from models.plates.fittings import Fittings, random_fittings
from models.plates.plate import photographs
from models.plates.spec import Handling, Method, PlateSpec, Tier
from models.plates.typefaces import random_face
from pipelines.glyphs import DIGITS, GLYPHS, LATIN, SEPARATORS

HEIGHT = 48
"""Rows of a strip."""

RENDERED = 64
"""Rows at which a strip is rendered before it is scaled to `HEIGHT`, as a photograph is when it is cut."""

MOST_WIDE = 640

NARROW = 0.45
"""Share of rows set as closely as small type on machined parts: a pitch of 0.55 to 0.85 of the height.
Letters too wide for their pitch are drawn narrower."""

BLANK = 0.1
"""Share of rows without a character; every second of them has a neighbouring row at its edge."""

FITTED = 0.3
"""Share of rows among gouges and screw heads; of those without a character twice as many."""

IN_CYRILLIC = 0.22
"""Share of rows in Cyrillic letters."""

CHANCES: dict[Tier, float] = {"intact": 0.3, "worn": 0.33, "etched": 0.37}

FRAMES: dict[Tier, tuple[int, ...]] = {"intact": (1, 1, 2), "worn": (1, 2, 3, 4), "etched": (2, 4, 5, 6)}


Orientation = Literal["upright", "turned", "mirrored"]
"""How the row stands in the strip: as it is read, on its head, or mirrored left to right."""


@dataclass(frozen=True, eq=False)
class StripSeries:
    """K photographs of one row. `pixels` (K, 48, W) uint8 grey; per character its class (index into GLYPHS,
    −1 for a sign that no class covers), the middle and width in strip pixels, mean over the photographs, and
    the largest `visibility` 0..1. `counted` is False where the truth is in doubt: another character was
    struck over it."""

    tier: Tier
    method: Method
    pixels: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    middles: npt.NDArray[np.float64]
    widths: npt.NDArray[np.float64]
    visibility: npt.NDArray[np.float64]
    counted: npt.NDArray[np.bool_]
    orientation: Orientation = "upright"


def strip_text(rng: np.random.Generator) -> str:
    """1 to 16 characters in one script. Half are any classes of it in any order, so that no reader learns
    what serials look like; half are letters and digits as they usually stand."""
    length = int(
        rng.choice(
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16],
            p=np.array([2, 2, 4, 5, 8, 9, 9, 8, 5, 4, 3, 2, 1]) / 62,
        )
    )
    letters = CYRILLIC_ALPHABET if rng.random() < IN_CYRILLIC else LATIN
    if rng.random() < 0.5:
        known = DIGITS + letters + SEPARATORS
        weights = np.array([4 if g in DIGITS else 2.2 if g in letters else 1.2 for g in known])
        drawn = rng.choice(list(known), length, p=weights / weights.sum())
        spaced = [" " if 0 < i < length - 1 and rng.random() < 0.06 else g for i, g in enumerate(drawn)]
        return "".join(spaced)
    ahead = int(rng.integers(0, min(4, length) + 1))
    behind = int(rng.random() < 0.2 and length > ahead)
    text = [str(g) for g in rng.choice(list(letters), ahead)]
    text += [str(g) for g in rng.choice(list(DIGITS), length - ahead - behind)]
    text += [str(g) for g in rng.choice(list(letters), behind)]
    for _ in range(int(rng.choice([0, 0, 1, 2]))):
        if len(text) > 3:
            text[int(rng.integers(1, len(text) - 1))] = str(rng.choice(list("-./  ")))
    return "".join(text)


def strip_spec(seed: int, face: str | None = None) -> tuple[PlateSpec, int]:
    """A plate, one row of which fills the picture, and the number of that row; fixed by the seed (and `face`,
    if one is wanted)."""
    rng = np.random.default_rng([seed, 2])
    tier: Tier = rng.choice(list(CHANCES), p=list(CHANCES.values()))
    method: Method = rng.choice(["stamped", "engraved", "dot_peened"], p=_METHODS[tier])
    punch = random_punch(method, rng, (random_face(rng) if face is None else face,))
    aspect = punch.aspect * float(rng.uniform(0.8, 1.25))
    thick = float(rng.uniform(0.75, 1.35))
    pitch = punch.pitch * float(rng.uniform(0.82, 1.15)) * aspect / punch.aspect
    if rng.random() < NARROW:
        pitch = punch.height * float(rng.uniform(0.55, 0.85))
    punch = replace(
        punch,
        aspect=aspect,
        stroke=punch.stroke * thick,
        pitch=pitch,
        line_gap=punch.height * float(rng.uniform(1.2, 2.2)),
        dot_spacing=punch.dot_spacing * float(rng.uniform(1.0, 1.6)),
        die=seed,
        warp=float(rng.uniform(0, 0.03)),
        broken=0.12 if rng.random() < 0.2 else 0.0,
        slant=float(rng.normal(0, 0.05)),
    )
    text = strip_text(rng) if rng.random() > BLANK else ""
    above, below = rng.random(2) < (0.22 if text else 0.3)
    lines = (
        *(strip_text(rng) for _ in range(int(above))),
        text,
        *(strip_text(rng) for _ in range(int(below))),
    )
    row = int(above)
    cap = float(rng.uniform(0.38, 0.8)) * RENDERED
    scale = cap / punch.height
    reach = max(len(text), 2) * punch.pitch + punch.height * float(rng.uniform(0.1, 1.6))
    width = int(np.clip(reach * scale, 2 * RENDERED, MOST_WIDE)) // 16 * 16
    high = max(RENDERED / scale, len(lines) * punch.line_gap) * 1.3 + 1
    size = width / scale * 1.2 + 1, high
    block = max(len(text) * punch.pitch, punch.height), punch.height + (len(lines) - 1) * punch.line_gap
    middle = size[1] / 2 + (row - (len(lines) - 1) / 2) * punch.line_gap
    warm = float(rng.normal(0, 0.05))
    obliteration = random_obliteration(tier, punch, size, block, rng)
    if tier != "intact" and rng.random() < 0.12:
        obliteration = replace(
            obliteration,
            dents=int(rng.integers(3, 25)),
            dent_radius=punch.height * float(rng.uniform(0.06, 0.25)),
        )
    etching = random_etching(tier, rng)
    if tier == "etched":
        etching = replace(
            etching,
            wet=float(rng.choice([0.0, 0.0, 2.0, 8.0])),
            particles=bool(rng.random() < 0.15),
            darkening=float(rng.choice([0.0, 0.15, 0.5, 0.85, 1.0])),
        )
    chance = np.random.default_rng([seed, 5])
    gouged = chance.random() < (FITTED if text else 2 * FITTED)
    spec = PlateSpec(
        seed=seed,
        lines=lines,
        tier=tier,
        method=method,
        size=size,
        dirt=float(rng.beta(1.2, 2)),
        fittings=random_fittings(chance, size) if gouged else Fittings(),
        doubled=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.1 and method == "stamped" else 0.0,
        overstruck=_overstruck(tier, row, text, rng),
        punch=punch,
        surface=random_surface(rng),
        body=Body(corner=0.5, chamfer=0.3, crown=float(rng.choice([0.0, 0.0, 0.3, 0.8]))),
        obliteration=obliteration,
        etching=etching,
        light=random_light(rng, steepest=float(rng.choice([55.0, 85.0]))),
        camera=Camera(
            width=width,
            height=RENDERED,
            scale=scale,
            distance=max(float(rng.uniform(120, 350)), size[0]),
            aim=(
                size[0] / 2 + float(rng.normal(0, 0.25)) * punch.height,
                middle + float(rng.normal(0, 0.05)) * punch.height,
            ),
            turn=float(rng.normal(0, 1.6)),
            tilt=(float(rng.normal(0, 4)), float(rng.normal(0, 4))),
            blur=float(0.4 + rng.gamma(1.5, 0.35)),
            shake=float(rng.choice([0, 0, 0, 0, 3.0])),
            shake_direction=float(rng.uniform(0, 180)),
            exposure=float(np.exp(rng.normal(0.1, 0.4))),
            gain=float(rng.beta(1.3, 2.5)),
            white=(1 + warm, 1.0, 1 - warm),
            contrast=float(rng.uniform(0.9, 1.4)),
            sharpening=float(rng.uniform(0, 1.0)),
        ),
        # What registration leaves: about a pixel of the strip.
        handling=Handling(
            azimuth_step=float(rng.choice([0.0, 45.0, 90.0])),
            shift_spread=float(rng.uniform(0.2, 1.5)) / scale,
            turn_spread=0.25,
            tilt_spread=0.5,
            scale_spread=0.003,
        ),
    )
    return spec, row


_METHODS: dict[Tier, list[float]] = {
    "intact": [0.5, 0.22, 0.28],
    "worn": [0.7, 0.2, 0.1],
    "etched": [0.92, 0.08, 0.0],
}


def _overstruck(
    tier: Tier, row: int, text: str, rng: np.random.Generator
) -> tuple[tuple[int, int, str], ...]:
    if tier == "intact" or rng.random() > 0.06:
        return ()
    return tuple((row, i, str(rng.choice(list(DIGITS)))) for i in range(len(text)) if rng.random() < 0.5)


def strip_series(seed: int, face: str | None = None) -> StripSeries:
    """The photographs of one row with their truth, see `strip_spec`. About 25 ms a photograph."""
    spec, row = strip_spec(seed, face)
    rng = np.random.default_rng([seed, 3])
    plate = photographs(spec, int(rng.choice(FRAMES[spec.tier])))
    width = spec.camera.width * HEIGHT // RENDERED
    frames = [
        cv2.resize(
            cv2.cvtColor(taken.pixels, cv2.COLOR_RGB2GRAY), (width, HEIGHT), interpolation=cv2.INTER_AREA
        )
        for taken in plate.photographs
    ]
    chosen = [i for i, character in enumerate(plate.characters) if character.line == row]
    ratio = HEIGHT / RENDERED
    quads = np.mean([taken.quads for taken in plate.photographs], axis=0)[chosen] * ratio
    along = quads[..., 0]
    seen = np.array([taken.visibility for taken in plate.photographs]).reshape(len(frames), -1)
    middles = along.mean(axis=1)
    inside = (middles > 3) & (middles < width - 4)
    return StripSeries(
        tier=spec.tier,
        method=spec.method,
        pixels=np.stack(frames),
        classes=np.array([GLYPHS.index(plate.characters[i].glyph) for i in chosen], np.int64),
        middles=middles,
        widths=along.max(axis=1) - along.min(axis=1) if chosen else np.zeros(0),
        visibility=seen.max(axis=0)[chosen] if chosen else np.zeros(0),
        counted=np.array([plate.characters[i].overstruck is None for i in chosen], bool) & inside,
    )
