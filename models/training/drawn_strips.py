"""Strips drawn when a batch is made: characters laid on photographs of steel or on random surfaces.

No light, no groove and no acid is simulated here, as `models.plates` does. What can be seen of a character is
drawn at random instead: tone of either sign, texture made rougher or smoother, relief under a lamp that moves
from photograph to photograph, halo, soft zones; from plain to below sight, in measure of how much the surface
itself varies at the width of a stroke. A strip costs about 3 ms a photograph of 48 × 256.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from models.plates import fonts
from models.plates.strips import HEIGHT, MOST_WIDE, Orientation, StripSeries, strip_text
from models.plates.typefaces import (
    FIELD_MARGIN,
    FIELD_SCALE,
    distance_field,
    is_cut,
    letter_width,
    random_face,
    stroke_width,
)
from models.training.metal import metal_strip
from models.training.surfaces import coloured_noise, patches, random_surface_strip, scratches, standard
from pipelines.glyphs import GLYPHS

Grey = npt.NDArray[np.float32]

ODD_SIGNS = "+#*&№ÄÖÜ:()=?!%@$€§<>_abdefghijmnqrtyß"
"""Signs that no glyph class covers, small letters whose shape is not a capital's among them."""

BLANK = 0.14
"""Share of strips without a character."""

WITH_ODD = 0.07
"""Share of strips in which signs stand that no class covers."""

LEVELS = (0.6, 12.0)
"""Least and greatest strength of a marking, in measure of how much the surface varies at a stroke's width."""

ASTRAY = 0.05
"""Share of strips that stand on their head, and as many that are mirrored."""

CACHED_SCALE = FIELD_SCALE // 3
"""Samples per cap height at which a character's distance field is kept."""

FAR = 9.0
"""Cap heights from a stroke where there is none."""


@dataclass(frozen=True, eq=False)
class Marking:
    """What stands on a strip. `distance` (48, W) pixels to the nearest stroke's middle line, `which` (48, W)
    the number of that character or gouge; `half` a stroke's width, pixels, by number. The first characters
    are the row's own: `classes` (−1: no class), `middles`, `widths` in pixels."""

    cap: float
    distance: Grey
    which: npt.NDArray[np.int64]
    half: Grey
    classes: npt.NDArray[np.int64]
    middles: npt.NDArray[np.float64]
    widths: npt.NDArray[np.float64]


def drawn_strip(
    rng: np.random.Generator,
    pictures: Sequence[npt.NDArray[np.uint8]] = (),
    face: str | None = None,
    with_odd: float = WITH_ODD,
    levels: tuple[float, float] = LEVELS,
) -> StripSeries:
    """Photographs of one row with their truth, fixed by the generator's state: on one of `pictures` where
    there are any, otherwise on a random surface. `with_odd`: share of rows with odd signs in them; `levels`:
    see LEVELS."""
    count = int(rng.choice([1, 2, 3, 4, 5, 6], p=[0.25, 0.2, 0.2, 0.15, 0.1, 0.1]))
    marking = _marking(rng, face, with_odd)
    wide = marking.distance.shape[1]
    picture = pictures[int(rng.integers(len(pictures)))] if pictures else None
    metal = _surface(picture, wide, rng)
    looks = _Looks.drawn(marking, rng, levels)
    frames = np.stack([_camera(looks.photograph(marking, _lit(metal, rng), rng), rng) for _ in range(count)])
    inside = (marking.middles > 3) & (marking.middles < wide - 4)
    series = StripSeries(
        tier="etched",
        method="stamped",
        pixels=frames,
        classes=marking.classes,
        middles=marking.middles,
        widths=marking.widths,
        visibility=np.ones(len(marking.classes)),
        counted=inside & (marking.classes >= 0),
    )
    chance = rng.random()
    return astray(series, "turned" if chance < ASTRAY else "mirrored") if chance < 2 * ASTRAY else series


def astray(series: StripSeries, orientation: Orientation) -> StripSeries:
    """The series standing on its head or mirrored; its classes stay what they were."""
    wide = series.pixels.shape[2]
    pixels = series.pixels[:, :, ::-1]
    if orientation == "turned":
        pixels = pixels[:, ::-1]
    middles = wide - 1 - series.middles
    return replace(series, pixels=np.ascontiguousarray(pixels), middles=middles, orientation=orientation)


def _surface(picture: npt.NDArray[np.uint8] | None, wide: int, rng: np.random.Generator) -> Grey:
    if picture is None:
        return random_surface_strip(HEIGHT, wide, rng)
    metal = metal_strip(picture, HEIGHT, wide, rng)
    if rng.random() < 0.2:
        metal = metal + np.float32(rng.uniform(0.2, 1.0)) * random_surface_strip(HEIGHT, wide, rng)
    if rng.random() < 0.2:
        metal = metal + scratches(HEIGHT, wide, rng)
    return standard(metal)


@lru_cache(maxsize=20000)
def _field(face: str, sign: str, dots: float) -> npt.NDArray[np.float16] | None:
    """Cap heights to the middle line, `CACHED_SCALE` samples each, ink centred along; None where the face has
    no such sign."""
    if sign in GLYPHS:
        field, _, top = distance_field.__wrapped__(face, sign, dots)
    else:
        font = face.removesuffix(fonts.CUT)
        solid = fonts.solid(font, sign, 1 / FIELD_SCALE, FIELD_MARGIN) if is_cut(face) else None
        if solid is None:
            return None
        field, top = np.maximum(0, fonts.stroke_width(font) / 2 - solid.depth).astype(np.float32), solid.y
    # Rows above and below are added until the middle of the cap height is the middle of the field.
    above, below = 0.5 - top, field.shape[0] / FIELD_SCALE + top - 0.5
    more = round(abs(above - below) * FIELD_SCALE)
    field = np.pad(field, ((more, 0) if above < below else (0, more), (0, 0)), mode="edge")
    size = field.shape[1] * CACHED_SCALE // FIELD_SCALE, field.shape[0] * CACHED_SCALE // FIELD_SCALE
    return cv2.resize(field, size, interpolation=cv2.INTER_AREA).astype(np.float16)


def _marking(rng: np.random.Generator, face: str | None, with_odd: float = WITH_ODD) -> Marking:
    face = random_face(rng) if face is None else face
    cap = float(rng.uniform(0.36, 0.82)) * HEIGHT
    dots = float(rng.choice([0.08, 0.11, 0.14])) if not is_cut(face) and rng.random() < 0.12 else 0.0
    aspect = float(np.exp(rng.normal(0.0, 0.14)))
    solid = stroke_width(face)
    half = cap / 2 * float(rng.uniform(0.07, 0.2) if solid is None else solid * rng.uniform(0.75, 1.25))
    text = strip_text(rng) if rng.random() > BLANK else ""
    signs = list(text)
    if text and rng.random() < with_odd and is_cut(face):
        signs = [str(rng.choice(list(ODD_SIGNS))) if rng.random() < 0.4 else sign for sign in signs]
    pitch = cap * letter_width(face) * aspect * float(rng.uniform(1.2, 1.9)) + 2 * half
    if rng.random() < 0.4:
        pitch = cap * float(rng.uniform(0.55, 0.85))
    pitch = min(pitch, (MOST_WIDE - HEIGHT) / max(1, len(signs)))
    reach = max(len(signs), 2) * pitch + cap * float(rng.uniform(0.1, 1.6))
    if rng.random() < 0.3:
        # A row that fills only a part of the strip.
        reach += cap * float(rng.uniform(1, 8))
    wide = int(np.clip(reach, 2 * HEIGHT, MOST_WIDE)) // 16 * 16
    free = wide - len(signs) * pitch
    start = free / 2 + float(np.clip(rng.normal(0, 0.3), -0.5, 0.5)) * max(0.0, free - 0.2 * cap)
    ground = _Ground(wide, cap, half, aspect, face, dots, rng)
    middle = HEIGHT / 2 + float(rng.normal(0, 0.05)) * HEIGHT
    own = ground.row(signs, start, pitch, middle)
    neighbours = [side for side in (-1, 1) if rng.random() < (0.2 if text else 0.3)]
    for side in neighbours:
        beside = list(strip_text(rng))
        ground.row(
            beside,
            float(rng.uniform(-pitch, max(1.0, wide - len(beside) * pitch))),
            pitch,
            middle + side * cap * float(rng.uniform(1.3, 2.2)),
        )
    if rng.random() < (0.25 if text else 0.5):
        ground.gouges(int(rng.integers(1, 5)))
    classes = [GLYPHS.index(sign) if sign in GLYPHS else -1 for sign, _, _ in own]
    return Marking(
        cap,
        ground.distance,
        ground.which,
        np.array([*ground.halves, half], np.float32),
        np.array(classes, np.int64),
        np.array([place for _, place, _ in own]),
        np.array([width for _, _, width in own]),
    )


class _Ground:
    """A strip on which characters and gouges are laid one by one."""

    def __init__(
        self,
        wide: int,
        cap: float,
        half: float,
        aspect: float,
        face: str,
        dots: float,
        rng: np.random.Generator,
    ) -> None:
        self.wide, self.cap, self.half, self.aspect = wide, cap, half, aspect
        self.face, self.dots, self.rng = face, dots, rng
        self.distance = np.full((HEIGHT, wide), FAR * cap, np.float32)
        self.which = np.zeros((HEIGHT, wide), np.int64)
        self.halves: list[float] = []
        self.slant = float(rng.normal(0, 0.06))
        self.tilt = float(np.radians(rng.normal(0, 1.2)))
        self.bend = float(rng.normal(0, 0.04)) * cap if rng.random() < 0.15 else 0.0
        unsteady = float(rng.choice([0.15, 0.5, 1.0, 1.6]))
        self.shaken, self.turned = 0.03 * unsteady * cap, 0.03 * unsteady

    def row(
        self, signs: Sequence[str], start: float, pitch: float, middle: float
    ) -> list[tuple[str, float, float]]:
        """(sign, place, width) of what was laid; spaces and signs that the face lacks leave a gap."""
        laid = []
        for number, sign in enumerate(signs):
            field = None if sign == " " else _field(self.face, sign, self.dots)
            if field is None:
                continue
            x = start + (number + 0.5) * pitch + float(self.rng.normal(0, 1)) * self.shaken
            off = (x - self.wide / 2) / (self.wide / 2)
            y = middle + float(self.rng.normal(0, 1)) * self.shaken + self.bend * off * off
            laid.append(
                (sign, x, self._character(field, x, y + np.tan(self.tilt) * (x - self.wide / 2), pitch))
            )
        return laid

    def _character(self, field: npt.NDArray[np.float16], x: float, y: float, pitch: float) -> float:
        high, wide = field.shape
        ink = wide / CACHED_SCALE - 2 * FIELD_MARGIN
        across = min(self.aspect, max(0.3, (0.97 * pitch - 2 * self.half) / max(ink * self.cap, 1e-3)))
        turn = self.tilt + float(self.rng.normal(0, 1)) * self.turned
        scale = self.cap / CACHED_SCALE
        shape = np.array([[across, -self.slant], [0.0, 1.0]]) * scale
        linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ shape
        reach = (
            int(np.ceil(0.5 * (wide * across * scale + 0.3 * self.cap))),
            int(np.ceil(0.55 * high * scale)),
        )
        left, top = int(np.floor(x)) - reach[0], int(np.floor(y)) - reach[1]
        move = np.array([x - left, y - top]) - linear @ np.array([(wide - 1) / 2, (high - 1) / 2])
        box = cv2.warpAffine(
            field.astype(np.float32),
            np.column_stack([linear, move]),
            (2 * reach[0] + 1, 2 * reach[1] + 1),
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=FAR,
        )
        self._lay(box * np.float32(self.cap), left, top, self.half)
        return ink * across * self.cap

    def _lay(self, distance: Grey, left: int, top: int, half: float) -> None:
        number = len(self.halves)
        self.halves.append(half)
        rows = slice(max(top, 0), min(top + distance.shape[0], HEIGHT))
        columns = slice(max(left, 0), min(left + distance.shape[1], self.wide))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        piece = distance[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        nearer = piece < self.distance[rows, columns]
        self.distance[rows, columns][nearer] = piece[nearer]
        self.which[rows, columns][nearer] = number

    def gouges(self, count: int) -> None:
        """Lines and arcs about as wide as strokes, longer than characters: damage, tools, edges of holes."""
        for _ in range(count):
            drawn = np.full((HEIGHT, self.wide), 255, np.uint8)
            x, y = float(self.rng.uniform(0, self.wide)), float(self.rng.uniform(0, HEIGHT))
            if self.rng.random() < 0.6:
                turn, length = float(self.rng.uniform(0, np.pi)), HEIGHT * float(self.rng.uniform(1.2, 6))
                dx, dy = length / 2 * np.cos(turn), length / 2 * np.sin(turn)
                cv2.line(drawn, (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy)), 0, 1)
            else:
                radius = round(HEIGHT * float(self.rng.uniform(0.8, 4)))
                cv2.circle(
                    drawn, (round(x), round(y + float(self.rng.choice([-1, 1])) * radius)), radius, 0, 1
                )
            distance = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)
            if (drawn == 0).any():
                self._lay(distance, 0, 0, self.half * float(np.exp(self.rng.normal(0, 0.5))))


@dataclass(frozen=True, eq=False)
class _Looks:
    """How a series shows its marking: the strength of every means, and per character (numbers,) its share."""

    tone: Grey
    rough: Grey
    smooth: Grey
    relief: Grey
    halo: float
    soft: float
    reach: float
    steady_sign: bool
    signs: Grey
    slope: tuple[Grey, Grey]
    grit: Grey
    level: float

    @classmethod
    def drawn(
        cls, marking: Marking, rng: np.random.Generator, levels: tuple[float, float] = LEVELS
    ) -> _Looks:
        number = len(marking.half)

        def shares(chance: float) -> Grey:
            if rng.random() > chance:
                return np.zeros(number, np.float32)
            spread = float(rng.choice([0.1, 0.35, 0.7]))
            shared = np.exp(rng.normal(0, 0.5) + rng.normal(0, spread, number))
            return np.asarray(shared * (rng.random(number) > 0.04), np.float32)

        tone, relief = shares(0.65), shares(0.4)
        rough, smooth = shares(0.3), shares(0.2)
        if not (tone.any() or relief.any()):
            tone, relief = (shares(1.0), relief) if rng.random() < 0.6 else (tone, shares(1.0))
        depth = np.exp(-((marking.distance / (1.3 * marking.half[marking.which] + 0.5)) ** 2))
        slope = cv2.Sobel(depth, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(depth, cv2.CV_32F, 0, 1, ksize=3)
        grit = coloured_noise(HEIGHT, marking.distance.shape[1], rng)
        mixed = rng.random() < 0.12
        return cls(
            tone=tone,
            rough=rough,
            smooth=np.clip(smooth * np.float32(0.7), 0, 1),
            relief=relief,
            halo=float(rng.uniform(0.2, 1.2)) if rng.random() < 0.35 else 0.0,
            soft=marking.cap * float(np.exp(rng.uniform(np.log(0.01), np.log(0.12)))),
            reach=marking.cap * float(rng.uniform(0.08, 0.4)),
            steady_sign=bool(rng.random() < 0.75),
            signs=np.asarray(rng.choice([-1.0, 1.0], number) if mixed else np.ones(number), np.float32),
            slope=slope,
            grit=grit - cv2.GaussianBlur(grit, (0, 0), 2.5),
            level=float(np.exp(rng.uniform(np.log(levels[0]), np.log(levels[1])))),
        )

    def photograph(self, marking: Marking, metal: Grey, rng: np.random.Generator) -> Grey:
        """The lit metal with the marking on it, in the metal's own measure."""
        half = marking.half[marking.which]
        core = 1 / (1 + np.exp(np.clip((marking.distance - half) / np.float32(self.soft), -30, 30)))
        wide = float(np.clip(np.median(marking.half), 0.8, 4))
        varies = float(
            (cv2.GaussianBlur(metal, (0, 0), wide) - cv2.GaussianBlur(metal, (0, 0), 3 * wide)).std()
        )
        level = self.level * float(np.exp(rng.normal(0, 0.45))) * varies
        if rng.random() < 0.12:
            level = 0.0
        sign = 1.0 if self.steady_sign or rng.random() < 0.5 else -1.0
        zone = np.ones_like(metal)
        if rng.random() < 0.3:
            zone = patches(HEIGHT, metal.shape[1], rng)
        zone = zone * np.float32(level)
        picture = metal
        if self.smooth.any() and level:
            flat = cv2.GaussianBlur(picture, (0, 0), wide)
            share = core * self.smooth[marking.which] * np.float32(min(1.0, self.level / 2))
            picture = picture + share * (flat - picture)
        if self.rough.any():
            grit = standard(
                self.grit + np.float32(rng.uniform(0, 1)) * rng.standard_normal(metal.shape, np.float32)
            )
            picture = picture + np.float32(0.8) * zone * core * self.rough[marking.which] * grit
        if self.tone.any():
            tone = core
            if self.halo:
                around = np.exp(-((np.maximum(marking.distance - half, 0) / np.float32(self.reach)) ** 2))
                tone = core + np.float32(rng.choice([-1, 1]) * self.halo) * (around - core)
            picture = picture + np.float32(sign) * zone * tone * (self.tone * self.signs)[marking.which]
        if self.relief.any():
            lamp = float(rng.uniform(0, 2 * np.pi))
            shade = np.float32(np.cos(lamp)) * self.slope[0] + np.float32(np.sin(lamp)) * self.slope[1]
            picture = picture + np.float32(0.7) * zone * shade * self.relief[marking.which]
        return np.asarray(picture, np.float32)


def _lit(metal: Grey, rng: np.random.Generator) -> Grey:
    """The same metal as another light shows it: its tone, its slopes towards the lamp, and what changed."""
    lit = metal
    if rng.random() < 0.5:
        lamp = float(rng.uniform(0, 2 * np.pi))
        smooth = cv2.GaussianBlur(metal, (0, 0), float(rng.uniform(0.5, 1.5)))
        slope = np.float32(np.cos(lamp)) * cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
        slope += np.float32(np.sin(lamp)) * cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
        share = np.float32(rng.uniform(0, 1))
        lit = (1 - share) * metal + share * standard(slope)
    if rng.random() < 0.3:
        lit = lit + np.float32(rng.uniform(0.1, 0.8)) * coloured_noise(HEIGHT, metal.shape[1], rng)
    return standard(lit)


def _camera(picture: Grey, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Grey 0..255 as a camera gives it: a little displaced, unevenly lit, blurred, noisy."""
    high, wide = picture.shape
    if rng.random() < 0.5:
        dx, dy = rng.normal(0, 0.5, 2)
        turn = np.radians(rng.normal(0, 0.2))
        move = np.array([[1, -turn, dx + turn * high / 2], [turn, 1, dy - turn * wide / 2]])
        picture = cv2.warpAffine(picture, move, (wide, high), borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 1.3)))
    contrast = float(np.exp(rng.uniform(np.log(0.02), np.log(0.18))))
    grey = np.float32(rng.uniform(0.2, 0.75)) + np.float32(contrast) * picture
    if rng.random() < 0.6:
        y, x = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None]
        slope = rng.normal(0, 0.25, 3)
        grey = grey * (1 + slope[0] * x + slope[1] * y + slope[2] * x * x).astype(np.float32)
    if rng.random() < 0.1:
        reach = float(rng.uniform(8, 60))
        columns = np.arange(wide)[None] - float(rng.uniform(0, wide))
        rows = np.arange(high)[:, None] - float(rng.uniform(0, high))
        glare = np.exp(-(columns**2 + rows**2) / (2 * reach * reach))
        grey = grey + np.float32(rng.uniform(0.1, 0.8)) * glare.astype(np.float32)
    grey = grey + np.float32(rng.gamma(1.3, 0.008)) * rng.standard_normal(grey.shape, dtype=np.float32)
    return np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8)
