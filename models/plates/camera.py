"""The camera: where it stands, what it frames, and what lens, sensor and its own processing do to the
light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Linear = npt.NDArray[np.float32]
"""(H, W, 3) float32 linear RGB."""


@dataclass(frozen=True)
class Camera:
    """One photograph's view and exposure.

    `width`, `height` of the stored photograph in pixels, `scale` px/mm at the aim point, `distance` mm from
    it. `aim` (x, y) mm is the point of the plate in the middle of the picture; `turn` degrees clockwise of
    the plate in the picture; `tilt` degrees (about the picture's vertical, about its horizontal). `blur` px
    standard deviation of defocus, `shake` px length and `shake_direction` degrees of motion. `exposure`
    factor over the automatic one, `gain` 0..1 the sensor noise, `white` factors on R, G, B left by the white
    balance, `contrast` of the tone curve, `sharpening` the share of the unsharp mask that telephones add.
    """

    width: int = 640
    height: int = 240
    scale: float = 14.0
    distance: float = 220.0
    aim: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)
    blur: float = 0.6
    shake: float = 0.0
    shake_direction: float = 0.0
    exposure: float = 1.0
    gain: float = 0.2
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    sharpening: float = 0.4


def _rotation(camera: Camera) -> npt.NDArray[np.float64]:
    """Plate axes to camera axes (x right, y down, z away from the camera)."""
    a, b, c = np.radians([camera.tilt[0], camera.tilt[1], camera.turn])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)


def homography(camera: Camera) -> npt.NDArray[np.float64]:
    """3×3, plate mm to stored pixels (origin at the centre of the top-left pixel), of a pinhole camera."""
    focal = camera.scale * camera.distance
    inner = np.array(
        [[focal, 0, (camera.width - 1) / 2], [0, focal, (camera.height - 1) / 2], [0, 0, 1]], dtype=np.float64
    )
    turned = _rotation(camera)
    shift = np.array([0, 0, camera.distance]) - turned[:, :2] @ np.array(camera.aim)
    outer = np.column_stack([turned[:, 0], turned[:, 1], shift])
    whole = inner @ outer
    return np.asarray(whole / whole[2, 2])


def standpoint(camera: Camera) -> npt.NDArray[np.float64]:
    """The camera's place (x, y, z) mm in plate axes with z towards the camera."""
    back = _rotation(camera).T @ np.array([0, 0, -camera.distance])
    return np.array([camera.aim[0] + back[0], camera.aim[1] + back[1], -back[2]])


def apply(matrix: npt.NDArray[np.floating], points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Points (..., 2) taken through a 3×3 homography."""
    ahead = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(ahead[..., :2] / ahead[..., 2:])


def project(image: Linear, raster_to_picture: npt.NDArray[np.float64], camera: Camera) -> Linear:
    """The plate's raster in the camera's picture; outside the raster 0."""
    return cv2.warpPerspective(
        image,
        raster_to_picture,
        (camera.width, camera.height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    )


def through_lens(picture: Linear, camera: Camera) -> Linear:
    """Defocus, motion and the veil that highlights throw over their surroundings."""
    picture = cv2.GaussianBlur(picture, (0, 0), max(camera.blur, 0.35))
    if camera.shake > 0.5:
        size = int(np.ceil(camera.shake)) | 1
        kernel = np.zeros((size, size), np.float32)
        angle = np.radians(camera.shake_direction)
        reach = camera.shake / 2 * np.array([np.cos(angle), np.sin(angle)])
        middle = (size - 1) / 2
        ends = np.round((np.array([-reach, reach]) + middle) * 16).astype(np.int32)
        cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1.0, 1, cv2.LINE_8, 4)
        picture = cv2.filter2D(picture, -1, kernel / max(float(kernel.sum()), 1.0))
    small = cv2.resize(picture, (camera.width // 8, camera.height // 8), interpolation=cv2.INTER_AREA)
    veil = cv2.GaussianBlur(np.minimum(small, 4.0), (0, 0), 5)
    return np.asarray(0.96 * picture + 0.04 * cv2.resize(veil, (camera.width, camera.height)))


def automatic_exposure(picture: Linear) -> float:
    """The factor a centre-weighted meter chooses: the middle at a mid grey, highlights kept below clipping by
    half."""
    height, width = picture.shape[:2]
    centre = picture[height // 6 : height - height // 6 : 4, width // 6 : width - width // 6 : 4, 1]
    ordinary = float(np.median(centre)) + 0.25 * float(centre.mean())
    bright = float(np.percentile(centre, 98))
    return min(0.24 / max(ordinary, 1e-4), 1.5 / max(bright, 1e-4))


def develop(picture: Linear, camera: Camera, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Exposure, sensor noise, white balance, tone curve, sharpening: the stored (H, W, 3) uint8 RGB."""
    shape = picture.shape[:2]
    exposed = (
        picture
        * np.float32(camera.exposure * automatic_exposure(picture))
        * np.array(camera.white, np.float32)
    )
    # The fine noise is that of a picture already demosaicked and smoothed by the camera: grey and fine, with
    # coarser, weaker colour blotches.
    fine = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.7) * 2
    coarse = rng.standard_normal((shape[0] // 3, shape[1] // 3, 3), dtype=np.float32)
    blotches = cv2.resize(coarse, (camera.width, camera.height), interpolation=cv2.INTER_LINEAR)
    level = np.sqrt(np.clip(exposed[..., 1], 0, 1) * 0.004 + 0.00004)
    noise = (fine * level)[..., None] + 0.5 * blotches * level[..., None]
    exposed += np.float32(0.35 * camera.gain) * noise
    toned = cv2.pow(np.clip(exposed, 0, None), 1 / 2.2)
    # A soft shoulder instead of a hard clip, and a little more slope in the middle.
    toned = toned / (1 + toned**4) ** 0.25
    toned = 0.45 + (toned - 0.45) * np.float32(camera.contrast * 1.2)
    if camera.sharpening > 0:
        toned += np.float32(camera.sharpening) * (toned - cv2.GaussianBlur(toned, (0, 0), 1.3))
    return np.clip(np.rint(toned * 255), 0, 255).astype(np.uint8)
