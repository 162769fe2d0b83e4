"""Light and camera of the foreign plates: metal to a photograph.

What a point of metal sends to the camera depends on its slope alone, so a frame's lamps and surroundings are
put into two charts over slope, one for metal that mirrors and one for metal that scatters, and looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.metal import Array, Generator, clouds

Picture = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]

CHART = 129
REACH = 1.6
"""A chart covers slopes -REACH..REACH both ways."""


@dataclass(frozen=True, eq=False)
class Light:
    """The lamps of one frame.

    `azimuth` radians, where the lamp stands (x to y); `elevation` degrees over the surface; `hardness` 0
    (dome) to 1 (one lamp in a dark room); `near` how much the angle changes over the picture; `ring` light
    round the lens.
    """

    azimuth: float
    elevation: float
    hardness: float
    near: float
    ring: float


def slopes(height: Array) -> tuple[Array, Array]:
    """Rise per pixel in x and in y."""
    x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return x, y


def charts(rng: Generator, light: Light, along: float, rough: float) -> tuple[Array, Array]:
    """Radiance over slope (row y, column x) of scattering and of mirroring metal."""
    axis = np.linspace(-REACH, REACH, CHART, dtype=np.float32)
    sx, sy = np.meshgrid(axis, axis)
    norm = 1 / np.sqrt(1 + sx * sx + sy * sy)
    room = np.exp(0.8 * clouds(rng, (CHART, CHART), 34, 2)).astype(np.float32)
    room *= np.float32(0.26 - 0.20 * light.hardness)
    matt = np.float32(0.10 * (1.3 - light.hardness)) * (0.4 + 0.6 * norm)
    shiny = cv2.GaussianBlur(room, (0, 0), 4) * (1 - 0.6 * np.exp(-(sx**2 + sy**2) / 0.02))
    lamps = [(light.azimuth, light.elevation, 1.0, 0.03)]
    if light.ring:
        lamps.append((light.azimuth, 89.0, light.ring, 0.05))
    if light.hardness < 0.7:  # a window somewhere
        lamps.append((rng.uniform(0, 2 * np.pi), rng.uniform(25, 70), rng.uniform(0.1, 0.4), 0.16))
    c, s = np.float32(np.cos(along)), np.float32(np.sin(along))
    for azimuth, elevation, power, size in lamps:
        up = np.sin(np.radians(elevation))
        lx, ly = np.cos(np.radians(elevation)) * np.array([np.cos(azimuth), np.sin(azimuth)])
        lambert = np.maximum((up - lx * sx - ly * sy) * norm, 0).astype(np.float32)
        hx, hy = np.float32(-lx / (1 + up)), np.float32(-ly / (1 + up))
        for chart, ways, share in ((shiny, (rough, rough * 0.35), 1.0), (matt, (0.45, 0.45), 0.25)):
            dx, dy = sx - hx, sy - hy
            on, across = (c * dx + s * dy) / (ways[1] + size), (c * dy - s * dx) / (ways[0] + size)
            # The long tail of polished metal: glints far from the mirror direction.
            chart += np.float32(share * power * 3.4) / (1 + on**2 + across**2) ** 2
        matt += np.float32(0.75 * power) * lambert
        shiny += np.float32(0.12 * power) * lambert
    return matt.astype(np.float32), shiny.astype(np.float32)


def shade(
    x: Array,
    y: Array,
    albedo: Array,
    gloss: Array,
    light: Light,
    both: tuple[Array, Array],
    glare: Array | None = None,
) -> Array:
    """Linear RGB (H, W, 3) of a surface of slopes `x`, `y`; `glare` is added light without colour."""
    rows, columns = x.shape
    scale = np.float32((CHART - 1) / (2 * REACH))
    centre = np.float32((CHART - 1) / 2)
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :] * np.float32(0.5 * light.near)
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] * np.float32(0.5 * light.near * rows / columns)
    at_x = (x + across) * scale + centre
    at_y = (y + down) * scale + centre
    matt, shiny = (
        cv2.remap(chart, at_x, at_y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE) for chart in both
    )
    value = matt + (shiny - matt) * gloss
    lx, ly = np.float32(np.cos(light.azimuth)), np.float32(np.sin(light.azimuth))
    fall = 1 + np.float32(0.9 * light.near) * (across * lx + down * ly) / np.float32(0.5 * light.near + 1e-6)
    value *= np.maximum(fall, np.float32(0.25))
    made: Array = albedo * value[..., None]
    if glare is not None:
        made += glare[..., None]
    return made


@dataclass(frozen=True, eq=False)
class Camera:
    """How one frame is taken: exposure and lens. Lengths in pixels; `tint` gains of R, G and B."""

    exposure: float
    tint: tuple[float, float, float]
    blur: float
    shake: tuple[float, float]
    tilt: float
    noise: float
    sharpen: float
    contrast: float
    quality: int


def camera(rng: Generator, softness: float, warm: float) -> Camera:
    """A camera in a hand; `softness` 0 (braced) to 1 (telephone in a hurry), `warm` its colour cast."""
    warm += rng.normal(0, 0.02)
    return Camera(
        exposure=float(rng.uniform(0.75, 1.3)),
        tint=(float(1 + warm), 1.0, float(1 - warm + rng.normal(0, 0.03))),
        blur=float(0.45 + rng.gamma(1.5, 0.4) * softness),
        shake=(float(rng.exponential(1.2) * softness), float(rng.uniform(0, np.pi))),
        tilt=float(rng.choice([0, 1]) * rng.uniform(0.5, 2.5) * softness),
        noise=float(1.0 + rng.gamma(2.0, 1.3) * softness),
        sharpen=float(rng.uniform(0, 0.9)),
        contrast=float(rng.uniform(0.9, 1.4)),
        quality=int(rng.integers(38, 95)),
    )


def expose(linear: Array, weight: Array, camera: Camera) -> Picture:
    """Metering and tone curve: linear RGB to 8 bit, (H, W, 3). The meter looks where `weight` is not 0."""
    seen = linear[::7, ::7, 1][weight[::7, ::7] > 0.5]
    middle, high = np.percentile(seen, (50, 98)) if seen.size else (0.2, 1.0)
    gain = camera.exposure * np.sqrt(0.2 / max(middle, 1e-4) * 0.85 / max(high, 1e-4))
    steps = np.arange(4096, dtype=np.float64) / 1023  # two stops over white roll off
    curve = np.clip(steps, 0, None) ** (1 / 2.2)
    curve = 0.5 + (curve - 0.5) * camera.contrast
    curve = np.where(curve > 0.8, 0.8 + 0.2 * np.tanh((curve - 0.8) / 0.2), curve)
    table = np.clip(curve * 255 + 0.5, 0, 255).astype(np.uint8)
    gains = np.array(camera.tint, np.float32) * np.float32(gain * 1023)
    made: Picture = table[np.clip(linear * gains, 0, 4095).astype(np.uint16)]
    return made


def take(rng: Generator, shown: Picture, camera: Camera) -> bytes:
    """Lens, sensor and JPEG of an exposed picture (H, W, 3) RGB: the file's bytes."""
    picture = cv2.GaussianBlur(shown, (0, 0), camera.blur)
    rows, columns = picture.shape[:2]
    if camera.shake[0] > 0.7:
        kernel = np.zeros((15, 15), np.float32)
        reach = np.array([np.cos(camera.shake[1]), np.sin(camera.shake[1])]) * camera.shake[0]
        ends = [tuple(int(v) for v in np.round((7 + sign * reach) * 16)) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    if camera.tilt:
        soft = cv2.GaussianBlur(picture, (0, 0), camera.tilt)
        ramp = np.linspace(-0.6, 1.3, rows, dtype=np.float32).clip(0, 1)[:, None, None]
        picture = (picture * (1 - ramp) + soft * ramp + 0.5).astype(np.uint8)
    grain = rng.standard_normal((rows, columns), np.float32) * np.float32(camera.noise)
    speckle = rng.standard_normal((rows // 2 + 1, columns // 2 + 1, 3), np.float32)
    speckle = cv2.resize(speckle, (columns, rows)) * np.float32(camera.noise * 0.8)
    made = picture + speckle + grain[..., None]
    if camera.sharpen > 0.15:
        soft = cv2.GaussianBlur(made, (0, 0), 1.3)
        made += (made - soft) * np.float32(camera.sharpen)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    made *= (1 - np.float32(0.13) * (x * x + y * y))[..., None]
    stored = np.clip(made + 0.5, 0, 255).astype(np.uint8)
    done, file = cv2.imencode(".jpg", stored[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, camera.quality])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return bytes(file.tobytes())


def develop(file: bytes) -> Picture:
    """(H, W, 3) RGB of a JPEG."""
    made = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    if made is None:
        raise ValueError("not a picture that OpenCV can decode")
    return np.ascontiguousarray(made[..., ::-1])
