"""From a specification to photographs with their truth; the order of the physics stands in `photographs`.

Plate coordinates are mm, origin at the plate's top-left corner, x right, y down, heights towards the camera.
Photograph coordinates are stored pixels, origin at the centre of the top-left pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.plates import camera as cameras
from models.plates.body import BENCH_SCALE, bench, bench_pattern, border_distance, form
from models.plates.camera import Camera
from models.plates.etch import Response, contrast_map, droplets, gathered, mottle, respond, stains, swabbed
from models.plates.fittings import Fittings, fitted
from models.plates.grain import Map
from models.plates.light import Light, Reflector, radiance
from models.plates.obliterate import grinding_marks, punched_over, removal
from models.plates.spec import PlateSpec, Stage, stream, views
from models.plates.strike import Blow, Impression, impress, lay_out, outline, restrike, strike, struck_twice
from models.plates.surface import REFLECTANCE, Texture, texture

STRIKE_VISIBLE_MM = 0.05
"""Depth of groove left at which a stroke counts as fully visible relief; assumption, set by eye."""

ETCH_VISIBLE = 0.25
"""Contrast of reflectance at which an etched character counts as fully visible; assumption, set by eye."""


@dataclass(frozen=True)
class Character:
    """Truth of one character. `quad` in plate mm, clockwise from its top left; `depth` as struck, `left` the
    deepest groove grinding left, both mm; `relief` 0..1 the share of its strokes that still stand as relief;
    `overstruck` the character struck over it, or None."""

    line: int
    index: int
    glyph: str
    quad: tuple[tuple[float, float], ...]
    depth: float
    left: float
    relief: float
    overstruck: str | None = None


@dataclass(frozen=True, eq=False)
class Photograph:
    """One photograph and what is true of it.

    `pixels` (H, W, 3) uint8 RGB; `homography` 3×3 from plate mm to its pixels; `quads` (N, 4, 2) of the N
    characters in its pixels, clockwise from each one's top left. `contrast` (N,) is the etched contrast of
    reflectance between a character's strokes and what lies beside them, below 0 where they are darker (what
    the picture shows depends on the light as well). `visibility` (N,) 0..1 is a physical measure of what is
    left to see, not a measured legibility: it knows nothing of scratches, stains, glare or blur. `dwell` is
    the etching time in s.
    """

    pixels: npt.NDArray[np.uint8]
    homography: npt.NDArray[np.float64]
    quads: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.float64]
    visibility: npt.NDArray[np.float64]
    light: Light
    camera: Camera
    dwell: float


@dataclass(frozen=True, eq=False)
class Plate:
    """The photographs of one plate and what is true of it. `text` joins the lines with a line feed."""

    spec: PlateSpec
    text: str
    characters: tuple[Character, ...]
    photographs: tuple[Photograph, ...]


def photographs(spec: PlateSpec, count: int) -> Plate:
    """`count` photographs of one plate with their truth.

    The same spec gives the same bytes on one kind of processor; the first photographs of a longer series
    differ from a shorter one only in dwell time. Raises KeyError for an unknown face or a character outside
    the glyph classes.
    """
    scale = spec.camera.scale
    shape = (max(round(spec.size[1] * scale), 8), max(round(spec.size[0] * scale), 8))

    blows = lay_out(spec.lines, spec.punch, spec.size, stream(spec.seed, Stage.LAYOUT))
    impressions = impressed(blows, spec, shape)
    doubles = struck_twice(blows, spec.doubled, 0.08 * spec.punch.height, stream(spec.seed, Stage.DOUBLE))
    twice = (*impressions, *impressed(doubles, spec, shape))
    struck = strike(twice, spec.punch, shape, scale, stream(spec.seed, Stage.STRIKE))
    untouched = texture(spec.surface, shape, scale, stream(spec.seed, Stage.SURFACE))
    grinding = stream(spec.seed, Stage.GRINDING)
    removed = removal(spec.obliteration, shape, scale, grinding)
    removed += punched_over(spec.obliteration, shape, scale, stream(spec.seed, Stage.PUNCHING))
    marks = grinding_marks(spec.obliteration, shape, scale, grinding)
    over = impressed(_overstruck(blows, spec), spec, shape)
    struck_over = strike(over, spec.punch, shape, scale, stream(spec.seed, Stage.STRIKE, 1))
    ground = grounded(spec, untouched, struck, removed, marks, struck_over)
    ground = _fitted(ground, spec, shape)
    responses = respond(
        impressions, removed, spec.punch.stroke, spec.etching, stream(spec.seed, Stage.ETCHING)
    )
    reagent = reagent_of(spec, shape)

    characters = tuple(truth_of(impression, spec, removed) for impression in impressions)
    taken = []
    for number, view in enumerate(views(spec, count)):
        camera, light, dwell = view
        metal = etched(spec, ground, responses, reagent, dwell)
        bright = radiance(metal, light, cameras.standpoint(camera), scale)
        taken.append(_photograph(spec, bright, ground.cover, characters, responses, view, number))
    return Plate(spec, "\n".join(spec.lines), characters, tuple(taken))


@dataclass(frozen=True, eq=False)
class Ground:
    """The plate after striking and grinding, before any reagent. `height` mm; `left` mm of groove still
    standing; `ground` 0..1 where grinding went; `cover` 0..1 the plate's outline; grooves' `open_sky` 0..1;
    roughness factor `rough`; reflectance factor `tone`; `rust` 0..1; `grain` degrees and roughness of what
    the eye sees most."""

    height: Map
    left: Map
    ground: Map
    cover: Map
    open_sky: Map
    rough: Map
    tone: Map
    rust: Map
    grain: float
    rough_along: float
    rough_across: float


@dataclass(frozen=True, eq=False)
class Reagent:
    """What the reagent does whatever was struck: `area` 0..1 where it was, `blotch` and `drift` of its
    stains, `mottle` about 1 how evenly it bites from grain to grain and from place to place."""

    area: Map
    blotch: Map
    drift: Map
    mottle: Map


def impressed(blows: Sequence[Blow], spec: PlateSpec, shape: tuple[int, int]) -> tuple[Impression, ...]:
    impressions = (impress(blow, spec.punch, shape, spec.camera.scale) for blow in blows)
    return tuple(impression for impression in impressions if impression is not None)


def _overstruck(blows: Sequence[Blow], spec: PlateSpec) -> tuple[Blow, ...]:
    places = {(blow.line, blow.index): blow for blow in blows}
    return tuple(
        restrike(places[line, index], glyph)
        for line, index, glyph in spec.overstruck
        if (line, index) in places
    )


def grounded(
    spec: PlateSpec,
    untouched: Texture,
    struck: tuple[Map, Map],
    removed: Map,
    marks: Map,
    over: tuple[Map, Map],
) -> Ground:
    """Surface, grooves and grinding put together into one height map and what goes with it."""
    scale, shape = spec.camera.scale, removed.shape
    distance = border_distance(spec.body, shape, scale)
    depth, burr = struck
    left = np.maximum(depth - removed, 0)
    ground = np.clip(removed / 0.015, 0, 1)
    # The tool that made a groove also made its floor: neither the plate's own marks nor the wheel's are in
    # it.
    floor = np.clip(left / 0.02, 0, 1)
    skin = (1 - ground) * (untouched.height * (1 - 0.6 * floor) + burr) + ground * (1 - floor) * marks
    left = np.maximum(left, over[0])
    height = skin - left - removed + over[1] + form(spec.body, distance, scale)
    groove = np.clip(left / spec.punch.depth, 0, 1)
    mostly_ground = bool(ground.mean() > 0.4)
    along, across = (0.06, 0.16) if mostly_ground else (untouched.rough_along, untouched.rough_across)
    grain = spec.obliteration.directions[-1] if mostly_ground else untouched.grain
    clean = 1 - 0.85 * ground
    return Ground(
        height=height.astype(np.float32),
        left=left,
        ground=ground,
        cover=np.clip(distance * scale + 0.5, 0, 1),
        open_sky=1 - 0.55 * groove,
        rough=(1 + 0.25 * groove).astype(np.float32),
        tone=((1 - (1 - untouched.tone) * clean) * (1 - spec.dirt * groove**0.7)).astype(np.float32),
        rust=untouched.rust * clean,
        grain=grain,
        rough_along=along,
        rough_across=across,
    )


def _fitted(ground: Ground, spec: PlateSpec, shape: tuple[int, int]) -> Ground:
    if spec.fittings == Fittings():
        return ground
    chance = stream(spec.seed, Stage.FITTINGS)
    depth, hidden = fitted(spec.fittings, shape, spec.camera.scale, chance)
    return replace(ground, height=ground.height - depth, open_sky=ground.open_sky * (1 - hidden))


def reagent_of(spec: PlateSpec, shape: tuple[int, int]) -> Reagent | None:
    if spec.etching.strength <= 0:
        return None
    chance = stream(spec.seed, Stage.STAINS)
    x, y, wide, high = spec.obliteration.patch
    patch = (x, y, wide, high) if wide > 0 and high > 0 else (0.0, 0.0, *spec.size)
    area = swabbed(patch, shape, spec.camera.scale, chance)
    blotch, drift = stains(shape, spec.camera.scale, chance)
    return Reagent(area, blotch, drift, mottle(shape, spec.camera.scale, chance))


def etched(
    spec: PlateSpec, ground: Ground, responses: Sequence[Response], reagent: Reagent | None, dwell: float
) -> Reflector:
    """The metal after `dwell` seconds of reagent: tone, roughness, brown film and a few micrometres of
    relief."""
    scale = spec.camera.scale
    height, tone, rough, rust = ground.height, ground.tone, ground.rough, ground.rust
    if reagent is not None:
        etching = spec.etching
        contrast = contrast_map(responses, dwell, height.shape) * reagent.area * reagent.mottle
        chance = stream(spec.seed, Stage.DROPLETS, round(1000 * dwell))
        if etching.particles:
            contrast = gathered(contrast, 0.5 * spec.punch.stroke * scale, etching.darkening, chance)
        progress = np.float32(0 if etching.particles else 1 - np.exp(-dwell / etching.rise))
        height = height - np.float32(etching.relief * progress) * np.abs(contrast)
        turn = np.float32(min(dwell / max(etching.dwell[1], 1e-6), 1.0))
        film = (
            reagent.area
            * progress
            * ((1 - turn) * reagent.blotch + turn * (reagent.drift + 0.4 * reagent.blotch))
        )
        tone = tone * np.exp(
            etching.strength * contrast
            - 0.22 * progress * reagent.area * (0.7 + 0.3 * reagent.mottle)
            + np.float32(0.35 * etching.stain) * film
        )
        if etching.wet > 0:
            tone = tone * droplets(etching.wet, tone.shape, scale, chance)
        rough = rough * np.exp(0.35 * progress * reagent.area - 0.3 * np.float32(etching.strength) * contrast)
        rust = np.clip(rust + np.float32(0.16 * etching.stain) * np.clip(-film, 0, 1.5), 0, 1)
    slope_x = -cv2.filter2D(height, -1, np.array([[-0.5, 0, 0.5]], np.float32) * np.float32(scale))
    slope_y = -cv2.filter2D(height, -1, np.array([[-0.5], [0], [0.5]], np.float32) * np.float32(scale))
    return Reflector(
        height=height,
        slope_x=slope_x,
        slope_y=slope_y,
        colour=REFLECTANCE[spec.surface.metal],
        tone=tone,
        rust=rust,
        rough=rough,
        open_sky=ground.open_sky,
        grain=ground.grain,
        rough_along=ground.rough_along,
        rough_across=ground.rough_across,
    )


def truth_of(impression: Impression, spec: PlateSpec, removed: Map) -> Character:
    blow = impression.blow
    stroke = impression.distance < 0.3 * spec.punch.stroke
    bottom = np.maximum(impression.penetration - removed[impression.rows, impression.columns], 0)[stroke]
    over = [glyph for line, index, glyph in spec.overstruck if (line, index) == (blow.line, blow.index)]
    return Character(
        line=blow.line,
        index=blow.index,
        glyph=blow.glyph,
        quad=tuple((float(x), float(y)) for x, y in outline(blow, spec.punch)),
        depth=blow.depth,
        left=float(bottom.max()) if bottom.size else 0.0,
        relief=float(np.clip(bottom / STRIKE_VISIBLE_MM, 0, 1).mean()) if bottom.size else 0.0,
        overstruck=over[0] if over else None,
    )


def _photograph(
    spec: PlateSpec,
    bright: npt.NDArray[np.float32],
    cover: Map,
    characters: Sequence[Character],
    responses: Sequence[Response],
    view: tuple[Camera, Light, float],
    number: int,
) -> Photograph:
    camera, light, dwell = view
    to_picture = cameras.homography(camera)
    # Raster sample (column, row) lies at ((column + ½) / scale, (row + ½) / scale) mm.
    step = 1 / spec.camera.scale
    raster_to_picture = to_picture @ np.array([[step, 0, step / 2], [0, step, step / 2], [0, 0, 1]])
    picture = cameras.project(bright * cover[..., None], raster_to_picture, camera)
    projected = cameras.project(cover, raster_to_picture, camera)
    if projected.min() < 1:
        pattern = bench_pattern(spec.body, spec.size, stream(spec.seed, Stage.BENCH))
        coarse = 1 / BENCH_SCALE
        bench_to_picture = to_picture @ np.array(
            [[coarse, 0, coarse / 2 - spec.size[0]], [0, coarse, coarse / 2 - spec.size[1]], [0, 0, 1]]
        )
        behind = bench(spec.body, cameras.project(pattern, bench_to_picture, camera), projected, camera.scale)
        picture = picture + behind * (1 - projected)[..., None]
    pixels = cameras.develop(
        cameras.through_lens(picture, camera), camera, stream(spec.seed, Stage.SENSOR, number)
    )
    contrast = np.array(
        [spec.etching.strength * response.contrast(dwell) * response.standing_out for response in responses]
        or [0.0] * len(characters)
    )
    relief = np.array([character.relief for character in characters])
    quads = np.array([character.quad for character in characters], dtype=np.float64).reshape(-1, 4, 2)
    return Photograph(
        pixels=pixels,
        homography=to_picture,
        quads=cameras.apply(to_picture, quads),
        contrast=contrast,
        visibility=np.maximum(relief, np.clip(np.abs(contrast) / ETCH_VISIBLE, 0, 1)),
        light=light,
        camera=camera,
        dwell=dwell,
    )
