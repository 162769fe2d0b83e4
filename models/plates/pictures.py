"""Small pictures for training a locator: rows of characters anywhere on a plate, small against the picture.

Where `strips` fills its picture with one row, here a row is 9 to 45 pixels high in a picture of 256 × 192, as
it is when a whole photograph is looked at from afar. Whoever trains turns the pictures to any angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.draw import random_etching, random_light, random_obliteration, random_punch, random_surface
from models.plates.fittings import Fittings, random_fittings
from models.plates.plate import Plate, photographs
from models.plates.spec import Handling, Method, PlateSpec, Tier
from models.plates.strips import strip_text
from models.plates.typefaces import random_face

SIZE = 256, 192
"""Width and height in pixels."""

CHANCES: dict[Tier, float] = {"intact": 0.34, "worn": 0.3, "etched": 0.36}

FRAMES: dict[Tier, int] = {"intact": 1, "worn": 2, "etched": 3}

BLANK = 0.12

FITTED = 0.4
"""Share of plates with gouges and screw heads."""

_METHODS: dict[Tier, list[float]] = {
    "intact": [0.55, 0.2, 0.25],
    "worn": [0.75, 0.15, 0.1],
    "etched": [0.95, 0.05, 0.0],
}


@dataclass(frozen=True, eq=False)
class Picture:
    """One photograph of a plate. `pixels` (192, 256) uint8 grey; `rows` (n, 4, 2) corners of each row of
    characters, clockwise from its top left; `seen` (n,) 0..1 the mean visibility of its characters."""

    pixels: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.float64]
    seen: npt.NDArray[np.float64]


def picture_spec(seed: int, faces: Sequence[str] | None = None) -> PlateSpec:
    """A plate with no, one or several rows, fixed by the seed; in any face to train on, or one of `faces`."""
    rng = np.random.default_rng([seed, 4])
    tier: Tier = rng.choice(list(CHANCES), p=list(CHANCES.values()))
    method: Method = rng.choice(["stamped", "engraved", "dot_peened"], p=_METHODS[tier])
    face = random_face(rng) if faces is None else faces[int(rng.integers(len(faces)))]
    punch = random_punch(method, rng, (face,))
    punch = replace(
        punch,
        stroke=punch.stroke * float(rng.uniform(0.8, 1.3)),
        pitch=punch.pitch if rng.random() < 0.6 else punch.height * float(rng.uniform(0.6, 0.9)),
        line_gap=punch.height * float(rng.uniform(1.3, 3.0)),
        die=seed,
        warp=float(rng.uniform(0, 0.02)),
    )
    count = 0 if rng.random() < BLANK else int(rng.choice([1, 1, 1, 2, 2, 3]))
    lines = tuple(strip_text(rng) for _ in range(count))
    reach = max((len(text) for text in lines), default=5) * punch.pitch
    block = max(reach, punch.height), punch.height + max(count - 1, 0) * punch.line_gap
    room = min(0.96 * SIZE[0] / block[0], 0.9 * SIZE[1] / block[1], 45 / punch.height)
    low = 9 / punch.height
    scale = float(np.exp(rng.uniform(np.log(min(low, room)), np.log(room))))
    size = (
        float(SIZE[0] / scale * rng.uniform(0.95, 1.4) + 1),
        float(SIZE[1] / scale * rng.uniform(0.8, 1.5) + 1),
    )
    free = [max(0.0, SIZE[i] / scale - block[i]) / 2 for i in range(2)]
    size = max(size[0], block[0] * 1.05), max(size[1], block[1] * 1.2)
    warm = float(rng.normal(0, 0.05))
    chance = np.random.default_rng([seed, 5])
    return PlateSpec(
        seed=seed,
        lines=lines,
        tier=tier,
        method=method,
        size=size,
        fittings=random_fittings(chance, size) if chance.random() < FITTED else Fittings(),
        dirt=float(rng.beta(1.2, 2)),
        punch=punch,
        surface=random_surface(rng),
        body=Body(corner=0.5, chamfer=0.3, crown=float(rng.choice([0.0, 0.0, 0.3, 0.8]))),
        obliteration=random_obliteration(tier, punch, size, block, rng),
        etching=random_etching(tier, rng),
        light=random_light(rng, steepest=float(rng.choice([55.0, 85.0]))),
        camera=Camera(
            width=SIZE[0],
            height=SIZE[1],
            scale=scale,
            distance=max(float(rng.uniform(120, 350)), size[0]),
            aim=(
                size[0] / 2 + float(rng.uniform(-0.9, 0.9)) * free[0],
                size[1] / 2 + float(rng.uniform(-0.9, 0.9)) * free[1],
            ),
            turn=float(rng.normal(0, 3)),
            tilt=(float(rng.normal(0, 4)), float(rng.normal(0, 4))),
            blur=float(0.3 + rng.gamma(1.5, 0.25)),
            exposure=float(np.exp(rng.normal(0.1, 0.4))),
            gain=float(rng.beta(1.3, 2.5)),
            white=(1 + warm, 1.0, 1 - warm),
            contrast=float(rng.uniform(0.9, 1.4)),
        ),
        handling=Handling(azimuth_step=float(rng.choice([0.0, 45.0, 90.0])), shift_spread=2 / scale),
    )


def pictures(seed: int, faces: Sequence[str] | None = None) -> list[Picture]:
    """The photographs of one plate, see `picture_spec`. About 60 ms a photograph."""
    spec = picture_spec(seed, faces)
    plate = photographs(spec, FRAMES[spec.tier])
    return [_picture(plate, number) for number in range(len(plate.photographs))]


def _picture(plate: Plate, number: int) -> Picture:
    taken = plate.photographs[number]
    rows, seen = [], []
    for line in range(len(plate.spec.lines)):
        mine = [i for i, character in enumerate(plate.characters) if character.line == line]
        if not mine:
            continue
        first, last = taken.quads[mine[0]], taken.quads[mine[-1]]
        rows.append([first[0], last[1], last[2], first[3]])
        seen.append(taken.visibility[mine].mean())
    grey = cv2.cvtColor(taken.pixels, cv2.COLOR_RGB2GRAY)
    return Picture(grey, np.array(rows).reshape(-1, 4, 2), np.array(seen))
