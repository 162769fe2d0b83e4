"""A plate that is worked on: ground, polished, etched, dusted with particles, lit, and seen after each.

What does not change (the struck grooves, the skin, the noise of grinding and reagent) is made once, so that
a picture follows a moved slider. The physics is that of `models.plates.plate`; the same plate and state give
the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.plates import camera as cameras
from models.plates.etch import Response, respond
from models.plates.grain import Map
from models.plates.light import radiance
from models.plates.obliterate import grinding_marks, removal
from models.plates.plate import (
    ETCH_VISIBLE,
    Character,
    Ground,
    Reagent,
    etched,
    grounded,
    impressed,
    reagent_of,
    truth_of,
)
from models.plates.spec import PlateSpec, Stage, stream
from models.plates.strike import Impression, lay_out, restrike, strike
from models.plates.surface import Texture, texture

POLISHED_AWAY = 0.004
"""mm of metal that one polishing takes off, with the etched layer; assumption."""


@dataclass(frozen=True)
class Worked:
    """What was done to a plate so far, and how it is lit. `ground_mm` of metal taken off on average, `dwell`
    seconds under the reagent since the last polishing at `strength` times its plain concentration; `azimuth`
    and `elevation` of the lamp as in `Light`; `wet`: the reagent is still on it."""

    ground_mm: float = 0.0
    dwell: float = 0.0
    strength: float = 1.0
    particles: bool = False
    wet: bool = False
    azimuth: float = 315.0
    elevation: float = 25.0


@dataclass(frozen=True, eq=False)
class Workpiece:
    """A plate with everything made that no work changes. `unit_removal` is the map of a grinding of 1 mm."""

    spec: PlateSpec
    impressions: tuple[Impression, ...]
    over: tuple[Map, Map]
    struck: tuple[Map, Map]
    untouched: Texture
    unit_removal: Map
    marks: Map
    reagent: Reagent


@dataclass(frozen=True, eq=False)
class WorkpieceView:
    """The picture (H, W, 3) uint8, and of each character in the order of `characters` how much of it is there
    to be seen, 0..1."""

    pixels: npt.NDArray[np.uint8]
    characters: tuple[Character, ...]
    visibility: npt.NDArray[np.float64]


def workpiece(spec: PlateSpec) -> Workpiece:
    """The plate of a specification. Its obliteration says where and how evenly is ground, its etching how it
    answers; how far, the work says. About 0.2 s for 424 × 264 pixels."""
    scale = spec.camera.scale
    shape = (max(round(spec.size[1] * scale), 8), max(round(spec.size[0] * scale), 8))
    blows = lay_out(spec.lines, spec.punch, spec.size, stream(spec.seed, Stage.LAYOUT))
    impressions = impressed(blows, spec, shape)
    places = {(blow.line, blow.index): blow for blow in blows}
    second = [restrike(places[line, index], glyph) for line, index, glyph in spec.overstruck]
    over = strike(
        impressed(second, spec, shape), spec.punch, shape, scale, stream(spec.seed, Stage.STRIKE, 1)
    )
    grinding = stream(spec.seed, Stage.GRINDING)
    whole = replace(spec.obliteration, depth=1.0)
    unit = removal(whole, shape, scale, grinding)
    etching = replace(spec, etching=replace(spec.etching, strength=max(spec.etching.strength, 0.01)))
    reagent = reagent_of(etching, shape)
    assert reagent is not None
    return Workpiece(
        spec=spec,
        impressions=impressions,
        over=over,
        struck=strike(impressions, spec.punch, shape, scale, stream(spec.seed, Stage.STRIKE)),
        untouched=texture(spec.surface, shape, scale, stream(spec.seed, Stage.SURFACE)),
        unit_removal=unit,
        marks=grinding_marks(whole, shape, scale, grinding),
        reagent=reagent,
    )


def view_of(piece: Workpiece, worked: Worked, number: int = 0) -> WorkpieceView:
    """The picture after this work, photograph `number` of it (its noise)."""
    spec = _spec_of(piece, worked)
    ground, removed = _ground(piece, spec, worked.ground_mm)
    responses = _responses(piece, spec, removed) if spec.etching.strength > 0 else ()
    # Particles gather at once where the metal is disturbed: they show the zone at its fullest.
    dwell = spec.etching.rise if worked.particles else worked.dwell
    metal = etched(spec, ground, responses, piece.reagent if responses else None, dwell)
    bright = radiance(metal, spec.light, cameras.standpoint(spec.camera), spec.camera.scale)
    flat = replace(spec.camera, width=bright.shape[1], height=bright.shape[0])
    through_lens = cameras.through_lens(bright, flat)
    pixels = cameras.develop(through_lens, flat, stream(spec.seed, Stage.SENSOR, number))
    characters = tuple(truth_of(impression, spec, removed) for impression in piece.impressions)
    relief = np.array([character.relief for character in characters])
    contrast = np.array(
        [spec.etching.strength * abs(r.contrast(dwell)) * r.standing_out for r in responses]
        or [0.0] * len(characters)
    )
    return WorkpieceView(pixels, characters, np.maximum(relief, np.clip(contrast / ETCH_VISIBLE, 0, 1)))


def polished(worked: Worked) -> Worked:
    """After a polishing: the etched layer is gone, and a little more of the metal."""
    return replace(worked, ground_mm=worked.ground_mm + POLISHED_AWAY, dwell=0.0, wet=False, particles=False)


def _spec_of(piece: Workpiece, worked: Worked) -> PlateSpec:
    etching = piece.spec.etching
    acts = worked.dwell > 0 or worked.particles
    return replace(
        piece.spec,
        etching=replace(
            etching,
            strength=etching.strength if acts else 0.0,
            # A stronger reagent is faster, in coming as in spoiling.
            rise=etching.rise / worked.strength,
            fade=etching.fade / worked.strength,
            particles=worked.particles,
            wet=2.0 if worked.wet else 0.0,
        ),
        light=replace(piece.spec.light, azimuth=worked.azimuth, elevation=worked.elevation),
    )


def _ground(piece: Workpiece, spec: PlateSpec, depth: float) -> tuple[Ground, Map]:
    removed = (piece.unit_removal * np.float32(depth)).astype(np.float32)
    marks = piece.marks * np.float32(min(1.0, depth / 0.01))
    return grounded(spec, piece.untouched, piece.struck, removed, marks, piece.over), removed


def _responses(piece: Workpiece, spec: PlateSpec, removed: Map) -> tuple[Response, ...]:
    chance: Any = stream(spec.seed, Stage.ETCHING)
    return respond(piece.impressions, removed, spec.punch.stroke, spec.etching, chance)
