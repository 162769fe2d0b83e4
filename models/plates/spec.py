"""The specification of a plate: every parameter, the streams of chance, and the views of a series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal

import numpy as np

from models.plates.body import Body
from models.plates.camera import Camera
from models.plates.etch import Etching
from models.plates.fittings import Fittings
from models.plates.light import Light
from models.plates.obliterate import Obliteration
from models.plates.strike import Punch
from models.plates.surface import Surface

Tier = Literal["intact", "worn", "etched"]
Method = Literal["stamped", "engraved", "dot_peened"]


@dataclass(frozen=True)
class Handling:
    """What changes from photograph to photograph of one series.

    The lamp goes round by `azimuth_step` degrees a photograph; one standard deviation each of:
    `elevation_spread` and `azimuth_spread` degrees, `shift_spread` mm, `turn_spread` and `tilt_spread`
    degrees, `scale_spread` share of the scale, `exposure_spread` share.
    """

    azimuth_step: float = 90.0
    azimuth_spread: float = 8.0
    elevation_spread: float = 3.0
    shift_spread: float = 0.4
    turn_spread: float = 1.0
    tilt_spread: float = 2.0
    scale_spread: float = 0.015
    exposure_spread: float = 0.1


@dataclass(frozen=True)
class PlateSpec:
    """Every parameter of a simulated plate and its photographs; with the seed it fixes every byte.

    `lines` top to bottom, glyph classes and spaces (a space is a position without a character); empty for a
    blank plate. `size` mm (w, h). `overstruck` puts another character over a position: (line, index, glyph),
    struck after grinding. `doubled` is the share of characters struck twice, the second time lighter and
    beside. `dirt` 0..1 darkens what is left of the grooves.
    """

    seed: int
    lines: tuple[str, ...]
    tier: Tier
    method: Method = "stamped"
    size: tuple[float, float] = (60.0, 24.0)
    dirt: float = 0.3
    overstruck: tuple[tuple[int, int, str], ...] = ()
    doubled: float = 0.0
    punch: Punch = field(default_factory=Punch)
    surface: Surface = field(default_factory=Surface)
    body: Body = field(default_factory=Body)
    obliteration: Obliteration = field(default_factory=Obliteration)
    etching: Etching = field(default_factory=Etching)
    light: Light = field(default_factory=lambda: Light(azimuth=315.0, elevation=25.0))
    camera: Camera = field(default_factory=lambda: Camera(aim=(30.0, 12.0)))
    handling: Handling = field(default_factory=Handling)
    fittings: Fittings = field(default_factory=Fittings)


class Stage(IntEnum):
    """Each stage draws from its own stream, so a change in one leaves the chance of the others as it was."""

    LAYOUT = 1
    SURFACE = 2
    GRINDING = 3
    ETCHING = 4
    HANDLING = 5
    BENCH = 6
    SENSOR = 7
    STAINS = 8
    STRIKE = 9
    DOUBLE = 10
    PUNCHING = 11
    DROPLETS = 12
    FITTINGS = 13


def stream(seed: int, stage: Stage, number: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, int(stage), number])


def views(spec: PlateSpec, count: int) -> tuple[tuple[Camera, Light, float], ...]:
    """Camera, light and dwell time (s) of each of `count` photographs: dwell times evenly from the first to
    the last, a single photograph half-way; 0 where the plate is not etched."""
    first, last = spec.etching.dwell if spec.etching.strength > 0 else (0.0, 0.0)
    times = np.linspace(first, last, count) if count > 1 else [(first + last) / 2]
    return tuple((*_view(spec, number), float(times[number])) for number in range(count))


def _view(spec: PlateSpec, number: int) -> tuple[Camera, Light]:
    sway = stream(spec.seed, Stage.HANDLING, number).standard_normal(9)
    hand, camera, light = spec.handling, spec.camera, spec.light
    moved = replace(
        camera,
        aim=(
            float(camera.aim[0] + sway[0] * hand.shift_spread),
            float(camera.aim[1] + sway[1] * hand.shift_spread),
        ),
        turn=float(camera.turn + sway[2] * hand.turn_spread),
        tilt=(
            float(camera.tilt[0] + sway[3] * hand.tilt_spread),
            float(camera.tilt[1] + sway[4] * hand.tilt_spread),
        ),
        scale=float(camera.scale * (1 + sway[5] * hand.scale_spread)),
        exposure=float(camera.exposure * np.exp(sway[6] * hand.exposure_spread)),
    )
    lamp = replace(
        light,
        azimuth=float((light.azimuth + number * hand.azimuth_step + sway[7] * hand.azimuth_spread) % 360),
        elevation=float(np.clip(light.elevation + sway[8] * hand.elevation_spread, 6, 85)),
    )
    return moved, lamp
