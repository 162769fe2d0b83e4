"""Drawing a varied plate: which marks, metals, obliterations, lights and cameras the simulated world holds.

The ranges are assumptions, set by eye against photographs of struck and engraved parts; none is a frequency
of casework.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.etch import Etching
from models.plates.light import Glow, Light
from models.plates.obliterate import Obliteration
from models.plates.spec import Handling, Method, PlateSpec, Tier
from models.plates.strike import Profile, Punch
from models.plates.surface import Finish, Metal, Surface
from models.plates.typefaces import letter_width, stroke_width
from pipelines.comparison.drawn_faces import FACES
from pipelines.glyphs import CYRILLIC, DIGITS, GLYPHS, LATIN

CYRILLIC_ALPHABET = CYRILLIC + "ABEKMHOPCTXY"
"""Russian capitals as classes: those with a Latin twin are written Latin."""

PICTURE = (640, 240)
"""Width and height in pixels of a drawn photograph: one or two lines that nearly fill it."""


def random_text(rng: np.random.Generator) -> str:
    """One line of 3 to 10 characters. Half are any classes in any order, so that no reader learns what
    serials usually look like; half are letters and digits in an ordinary order, with a separator now and
    then."""
    length = int(rng.integers(3, 11))
    if rng.random() < 0.5:
        return "".join(rng.choice(list(GLYPHS), length))
    letters = list(CYRILLIC_ALPHABET if rng.random() < 0.4 else LATIN)
    ahead = int(rng.integers(0, min(4, length)))
    text = [str(rng.choice(letters)) for _ in range(ahead)] + [
        str(rng.choice(list(DIGITS))) for _ in range(length - ahead)
    ]
    if length > 4 and rng.random() < 0.35:
        text[ahead or 2] = str(rng.choice(list("-./ ")))
    return "".join(text)


def random_punch(method: Method, rng: np.random.Generator, faces: Sequence[str] = tuple(FACES)) -> Punch:
    face = str(rng.choice(list(faces)))
    height = float(rng.uniform(2.0, 6.0))
    stroke = height * float(rng.uniform(0.09, 0.17))
    solid = stroke_width(face)
    if solid is not None:
        stroke = height * float(np.clip(solid * rng.uniform(0.8, 1.2), 0.05, 0.32))
    profiles: tuple[Profile, ...] = ("round", "v") if method == "engraved" else ("v", "v", "flat", "round")
    hand = method == "stamped" and rng.random() < 0.7
    unsteady = float(rng.uniform(0.3, 1.5)) if hand else 0.15
    depth = stroke * float(rng.uniform(0.22, 0.48)) * (0.7 if method == "engraved" else 1.0)
    aspect = float(rng.uniform(0.88, 1.2))
    return Punch(
        face=face,
        height=height,
        stroke=stroke,
        depth=depth,
        pitch=height * letter_width(face) * aspect * float(rng.uniform(1.35, 1.9)) + stroke,
        line_gap=height * float(rng.uniform(1.6, 2.1)),
        profile=profiles[int(rng.integers(len(profiles)))],
        aspect=aspect,
        burr=float(rng.uniform(0.0, 0.25)),
        ragged=float(rng.uniform(0.003, 0.04)),
        shoulder=float(rng.uniform(0.05, 0.3)),
        depth_spread=0.12 * unsteady,
        height_spread=0.01 * unsteady,
        pitch_spread=0.03 * unsteady,
        baseline_spread=0.025 * unsteady,
        turn_spread=1.8 * unsteady,
        lean_spread=0.22 * unsteady,
        dot_spacing=float(rng.uniform(0.07, 0.14)) if method == "dot_peened" else 0.0,
    )


def random_surface(rng: np.random.Generator) -> Surface:
    finishes: tuple[Finish, ...] = ("ground", "milled", "blasted", "cast", "polished")
    finish = finishes[int(rng.choice(5, p=[0.36, 0.26, 0.14, 0.12, 0.12]))]
    metals: tuple[Metal, ...] = ("steel", "stainless", "aluminium", "brass", "blued")
    coarse = {
        "ground": (0.05, 0.2),
        "milled": (0.15, 0.6),
        "blasted": (0.08, 0.2),
        "cast": (0.15, 0.4),
        "polished": (0.05, 0.1),
    }
    slope = {
        "ground": (0.06, 0.2),
        "milled": (0.05, 0.16),
        "blasted": (0.08, 0.22),
        "cast": (0.08, 0.2),
        "polished": (0.004, 0.025),
    }
    return Surface(
        metal=metals[int(rng.choice(5, p=[0.46, 0.2, 0.14, 0.08, 0.12]))],
        finish=finish,
        grain=float(rng.choice([0.0, 90.0]) + rng.normal(0, 6))
        if rng.random() < 0.7
        else float(rng.uniform(0, 180)),
        coarseness=float(rng.uniform(*coarse[finish])),
        amplitude=float(rng.uniform(*slope[finish])),
        waviness=float(rng.uniform(0.01, 0.07)),
        wear=float(rng.beta(1.2, 3)),
        patina=float(rng.beta(0.8, 4)),
    )


def _room(rng: np.random.Generator) -> tuple[Glow, ...]:
    """Window, ceiling and wall as the plate mirrors them: the first often warm or cool and near the mirror
    direction."""
    glows = []
    for order in range(int(rng.integers(1, 4))):
        warm = float(rng.normal(0, 0.14))
        strength = float(rng.gamma(2.0, 0.22)) / (1 + order)
        glows.append(
            Glow(
                slope=(float(rng.normal(0, 0.2)), float(rng.normal(0, 0.2))),
                width=float(rng.uniform(0.02, 0.15)),
                colour=(strength * (1 + warm), strength, strength * (1 - 1.3 * warm)),
            )
        )
    return tuple(glows)


def random_light(rng: np.random.Generator, steepest: float = 55.0) -> Light:
    """A hand lamp at 12° to `steepest`, so near that its light falls off over the plate, in a dim room."""
    warm = float(rng.normal(0.02, 0.08))
    return Light(
        azimuth=float(rng.uniform(0, 360)),
        elevation=float(12 + (steepest - 12) * rng.beta(1.3, 1.8)),
        distance=float(rng.uniform(90, 400)),
        size=float(rng.uniform(0.03, 0.2)),
        strength=float(rng.uniform(0.8, 2.5)),
        diffuse=float(rng.uniform(0.04, 0.35)),
        colour=(1 + warm, 1.0, 1 - warm),
        ambient=float(rng.uniform(0.005, 0.05)),
        room=_room(rng),
    )


def random_obliteration(
    tier: Tier, punch: Punch, size: tuple[float, float], block: tuple[float, float], rng: np.random.Generator
) -> Obliteration:
    """Intact: none. Worn: most of the groove gone, unevenly. Etched: to the groove's bottom and below it."""
    if tier == "intact":
        return Obliteration()
    share = rng.uniform(0.3, 0.8) if tier == "worn" else rng.uniform(1.05, 2.2)
    wide = float(block[0] * rng.uniform(1.3, 2.2))
    high = float(block[1] * rng.uniform(1.8, 4.5))
    first = (
        float(rng.choice([0.0, 90.0]) + rng.normal(0, 12))
        if rng.random() < 0.6
        else float(rng.uniform(0, 180))
    )
    second = (float(first + rng.uniform(25, 90)),) if rng.random() < 0.4 else ()
    return Obliteration(
        depth=float(punch.depth * share),
        slope=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.12))),
        unevenness=float(rng.uniform(0.05, 0.2)),
        patch=(
            float((size[0] - wide) / 2 + rng.normal(0, 1)),
            float((size[1] - high) / 2 + rng.normal(0, 0.5)),
            wide,
            high,
        ),
        border=float(high * rng.uniform(0.2, 0.7)),
        directions=(*second, first),
        grit=float(rng.uniform(0.05, 0.2)),
        roughness=float(rng.uniform(0.02, 0.12)),
    )


def random_etching(tier: Tier, rng: np.random.Generator) -> Etching:
    if tier != "etched":
        return Etching()
    rise = float(rng.uniform(20, 80))
    return Etching(
        strength=float(rng.uniform(0.12, 0.6)),
        reach=float(rng.uniform(1.8, 4)),
        spread=float(rng.uniform(0.4, 1.4)),
        darkening=float(rng.choice([0.0, 0.5, 1.0], p=[0.25, 0.35, 0.4])),
        rise=rise,
        fade=rise * float(rng.uniform(3, 9)),
        time_spread=float(rng.uniform(0.2, 0.8)),
        relief=float(rng.uniform(0.0, 0.006)),
        stain=float(rng.uniform(0.1, 0.8)),
        dwell=(0.5 * rise, rise * float(rng.uniform(2, 6))),
    )


def random_spec(
    seed: int,
    tier: Tier,
    faces: Sequence[str] = tuple(FACES),
    text: Callable[[np.random.Generator], str] = random_text,
) -> PlateSpec:
    """A varied plate of one tier, fixed by its seed, in one of `faces`, with lines drawn by `text`. One in
    twenty is blank. Photographs are `PICTURE` pixels."""
    rng = np.random.default_rng([seed, 0, ("intact", "worn", "etched").index(tier)])
    methods: tuple[Method, ...] = ("stamped", "engraved", "dot_peened")
    chances = [0.65, 0.2, 0.15] if tier == "intact" else [0.9, 0.1, 0.0]
    method = methods[int(rng.choice(3, p=chances))]
    blank = rng.random() < 0.05
    lines = tuple(text(rng) for _ in range(1 if rng.random() < 0.75 else 2))
    punch = random_punch(method, rng, faces)
    longest = max(len(line) for line in lines)
    block = longest * punch.pitch, punch.height + (len(lines) - 1) * punch.line_gap
    # The block fills the picture as far as its longer side allows, rarely quite.
    room = min(PICTURE[0] / block[0], PICTURE[1] / (1.25 * block[1]))
    scale = float(min(room * rng.uniform(0.55, 0.92), 110 / punch.height))
    size = float(PICTURE[0] / scale * 1.16 + 1), float(PICTURE[1] / scale * 1.3 + 1)
    wander = (PICTURE[0] / scale - block[0]) / 2 * 0.5, (PICTURE[1] / scale - block[1]) / 2 * 0.4
    warm = float(rng.normal(0, 0.05))
    return PlateSpec(
        seed=seed,
        lines=() if blank else lines,
        tier=tier,
        method=method,
        size=size,
        dirt=float(rng.beta(1.2, 2)),
        punch=punch,
        surface=random_surface(rng),
        body=Body(corner=0.5, chamfer=0.3, crown=float(rng.choice([0.0, 0.0, 0.3, 0.8]))),
        obliteration=random_obliteration(tier, punch, size, block, rng),
        etching=random_etching(tier, rng),
        light=random_light(rng),
        camera=Camera(
            width=PICTURE[0],
            height=PICTURE[1],
            scale=scale,
            distance=float(rng.uniform(120, 350)),
            aim=(
                size[0] / 2 + float(rng.uniform(-1, 1)) * max(wander[0], 0),
                size[1] / 2 + float(rng.uniform(-1, 1)) * max(wander[1], 0),
            ),
            turn=float(rng.normal(0, 2.5)),
            tilt=(float(rng.normal(0, 5)), float(rng.normal(0, 5))),
            blur=float(0.5 + rng.gamma(1.5, 0.25)),
            shake=float(rng.choice([0, 0, 0, 2.5])),
            shake_direction=float(rng.uniform(0, 180)),
            exposure=float(np.exp(rng.normal(0.1, 0.35))),
            gain=float(rng.beta(1.3, 3)),
            white=(1 + warm, 1.0, 1 - warm),
            contrast=float(rng.uniform(0.95, 1.35)),
            sharpening=float(rng.uniform(0, 0.8)),
        ),
        handling=Handling(
            azimuth_step=float(rng.choice([0.0, 45.0, 90.0])),
            shift_spread=0.01 * PICTURE[1] / scale,
            turn_spread=float(rng.uniform(0, 1.5)),
            tilt_spread=float(rng.uniform(0, 3)),
        ),
    )
