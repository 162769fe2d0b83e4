"""One lamp over a metal plate in a room: how bright every point looks to the camera.

Metal shows reflections. A facet sends the lamp to the camera when its slope equals that of the half-way plane
between the two, so everything here is reckoned in slopes: `needed` is the slope that would mirror the lamp,
and the light is a wide-tailed (GGX) function of how far the surface's own slope is from it, measured in
roughnesses along and across the grain. The room (window, ceiling, wall) enters as a few broad lamps of low
strength; they make the glare bands and colour casts of a hand-held photograph.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.grain import Map

COARSE = 16
"""Quantities that vary slowly over the plate are reckoned every 16th pixel and interpolated."""


@dataclass(frozen=True)
class Glow:
    """A bright part of the room: mirrored by facets of `slope` (x, y), `width` wide in slope, `colour` linear
    RGB."""

    slope: tuple[float, float]
    width: float
    colour: tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """The lamp and the room for one photograph.

    `azimuth` degrees clockwise from the plate's upper edge, seen from the camera: 0 shines from above, 90
    from the right. `elevation` degrees above the plate, `distance` mm from the middle of the plate, `size`
    the angular radius of the lamp in radians. `strength` of the lamp's mirror-like part, `diffuse` of the
    part that rough metal scatters all ways. `colour` linear RGB. `ambient` is the even light of the room.
    """

    azimuth: float
    elevation: float
    distance: float = 250.0
    size: float = 0.08
    strength: float = 1.0
    diffuse: float = 0.5
    colour: tuple[float, float, float] = (1.0, 0.97, 0.92)
    ambient: float = 0.06
    room: tuple[Glow, ...] = ()


@dataclass(frozen=True, eq=False)
class Reflector:
    """The plate as light meets it, all over one raster: `slope_x`, `slope_y` of the height map, `colour` (3,)
    linear reflectance, `tone` factor on it, `rust` 0..1, `rough` factor on the roughness, `open_sky` 0..1
    (less in grooves), the grain's direction in degrees and the roughness along and across it."""

    height: Map
    slope_x: Map
    slope_y: Map
    colour: tuple[float, float, float]
    tone: Map
    rust: Map
    rough: Map
    open_sky: Map
    grain: float
    rough_along: float
    rough_across: float


RUST = (0.16, 0.075, 0.035)
"""Linear RGB reflectance of rust and of the brown that reagents leave; by eye."""


def towards(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Unit vector to the lamp in plate axes: x right, y down, z to the camera."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return float(np.sin(a) * np.cos(e)), float(-np.cos(a) * np.cos(e)), float(np.sin(e))


def _slowly(values: npt.NDArray[np.float64], shape: tuple[int, int]) -> Map:
    return cv2.resize(values.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _directions(
    place: npt.NDArray[np.float64], shape: tuple[int, int], scale: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Unit vectors (h, w, 3) from the coarse points of the plate to a place in mm, and the distances (h,
    w)."""
    rows, columns = max(shape[0] // COARSE, 2), max(shape[1] // COARSE, 2)
    x = (np.arange(columns) + 0.5) * shape[1] / columns / scale
    y = (np.arange(rows) + 0.5) * shape[0] / rows / scale
    delta = np.empty((rows, columns, 3))
    delta[..., 0], delta[..., 1], delta[..., 2] = place[0] - x, place[1] - y[:, None], place[2]
    distance = np.linalg.norm(delta, axis=-1)
    return delta / distance[..., None], distance


def cast_shadow(height: Map, light: Light, scale: float) -> Map:
    """Share of the lamp 0..1 that reaches each point past the burrs and groove walls towards it."""
    x, y, z = towards(light.azimuth, light.elevation)
    level = np.hypot(x, y)
    climb = z / max(level, 1e-6) / scale
    excess = np.zeros_like(height)
    # 0.3 mm of groove under a 15° lamp throws 1.1 mm; beyond that no mark on the plate shades another.
    reach = min(1.1 * scale, 0.3 * scale / max(climb * scale, 0.05))
    for step in np.linspace(reach / 7, reach, 7):
        move = np.array([[1.0, 0.0, x / level * step], [0.0, 1.0, y / level * step]])
        ahead = cv2.warpAffine(
            height,
            move,
            height.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        np.maximum(excess, ahead - height - np.float32(step * climb), out=excess)
    penumbra = 0.01 + 0.3 * light.size
    return np.clip(1 - excess / np.float32(0.25 * penumbra), 0, 1)


def _lobe(metal: Reflector, needed_x: Map, needed_y: Map, width: float) -> Map:
    """GGX lobe with peak 1: how much a source mirrored by the slopes `needed` lights each point."""
    angle = np.radians(metal.grain)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    off_x, off_y = metal.slope_x - needed_x, metal.slope_y - needed_y
    spread = metal.rough * metal.rough
    along = (off_x * cosine + off_y * sine) ** 2 / (spread * metal.rough_along**2 + width**2)
    across = (off_y * cosine - off_x * sine) ** 2 / (spread * metal.rough_across**2 + width**2)
    fall = 1 + along + across
    return np.asarray(1 / (fall * fall), dtype=np.float32)


def radiance(
    metal: Reflector, light: Light, camera: npt.NDArray[np.float64], scale: float
) -> npt.NDArray[np.float32]:
    """(H, W, 3) linear RGB, about 0..2, of the plate seen from `camera` (x, y, z) mm in plate axes.

    About 23 ms for a 640 × 240 photograph.
    """
    shape = metal.height.shape
    middle = np.array([shape[1] / scale / 2, shape[0] / scale / 2, 0.0])
    to_lamp, far = _directions(
        middle + light.distance * np.array(towards(light.azimuth, light.elevation)), shape, scale
    )
    to_camera, _ = _directions(camera, shape, scale)
    half = to_lamp + to_camera
    needed_x, needed_y = (_slowly(half[..., k] / half[..., 2], shape) for k in (0, 1))
    fall_off = _slowly((light.distance / far) ** 2, shape)
    lit = cast_shadow(metal.height, light, scale) * fall_off

    steep = 1 / np.sqrt(1 + metal.slope_x**2 + metal.slope_y**2)
    lamp_x, lamp_y, lamp_z = (_slowly(to_lamp[..., k], shape) for k in range(3))
    facing = np.clip((lamp_z + lamp_x * metal.slope_x + lamp_y * metal.slope_y) * steep, 0, None)
    # A rougher patch spreads the same light wider, so its peak is lower: that is how etched metal looks dark
    # in a reflection and bright beside it.
    peak = 1 / (metal.rough * metal.rough)
    mirror = _lobe(metal, needed_x, needed_y, light.size) * peak
    scattered = np.float32(light.diffuse) * (0.35 + 0.65 * np.minimum(metal.rough, 2.0)) * facing
    lamp = lit * (np.float32(light.strength) * mirror + scattered) * metal.tone

    layers = [lamp, np.float32(light.ambient) * metal.open_sky * metal.tone]
    colours = [light.colour, (1.0, 1.0, 1.0)]
    for glow in light.room:
        # The camera's own direction shifts what each point of the plate mirrors.
        seen_x = _slowly(glow.slope[0] + to_camera[..., 0] / 2, shape)
        seen_y = _slowly(glow.slope[1] + to_camera[..., 1] / 2, shape)
        layers.append(_lobe(metal, seen_x, seen_y, glow.width) * metal.open_sky * metal.tone * np.sqrt(peak))
        colours.append(glow.colour)
    stack = np.stack(layers, axis=-1)
    reflectance = np.array(metal.colour, dtype=np.float32)
    white = np.array(colours, dtype=np.float32)
    bright = _mixed(stack, white * reflectance)
    if not metal.rust.any():
        return bright
    illumination = _mixed(stack[..., :2], white[:2]) * 1.2
    share = metal.rust[..., None]
    return np.asarray(bright * (1 - share) + illumination * np.array(RUST, np.float32) * share)


def _mixed(layers: npt.NDArray[np.float32], colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(layers.reshape(-1, layers.shape[-1]) @ colours, dtype=np.float32).reshape(
        *layers.shape[:2], 3
    )
