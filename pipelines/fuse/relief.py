"""What photometric stereo found, as pictures: normals, albedo, slope, curvature, and the surface lit anew.

Only for the eye: metal is not Lambert's ideal surface, so slopes are no measurement. A mark that is flat, a
difference of colour or of strain only, is not in them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.step import ChoiceParameter, Flag, Number
from pipelines.fuse.fusion import GAIN, WHERE, Fused, fusion
from pipelines.fuse.stack import BACKGROUND, Mask, Stack
from pipelines.fuse.stereo import FEWEST, Relief, relief
from pipelines.photographs.lights import LightDirection, towards
from pipelines.types import Image

SURFACE = ChoiceParameter(
    ("level", "as_taken"),
    "level: each photograph's background is level metal; as_taken: lamps alike, far away, one exposure",
)
ROBUST = Flag("leave out the brightest and darkest values where there are five photographs or more")
SMOOTHING = Number("pixels", 0, 10, "standard deviation of the Gaussian over the normals")
AZIMUTH = Number("degrees", 0, 360, "where the lamp stands, clockwise from 12 o'clock")
ELEVATION = Number("degrees", 1, 90, "how high the lamp stands over the surface")
SHINE = Number("of full range", 0, 1, "how much of the light is mirrored instead of scattered")
PAINT = ChoiceParameter(("kept", "even"), "kept: with the albedo found; even: bare shape, all stains gone")

MIDDLING = 45.0
"""Elevation in degrees of the lamp under which level metal of middling albedo is mid-grey."""

MOST_SLOPE = 45.0
"""Degrees of slope shown white at gain 1."""

SHARPENINGS = 5
"""The half-way product is squared this often: a lobe of power 32."""


@fusion("Surface normals", photographs=FEWEST, lights=True, where=WHERE, surface=SURFACE, robust=ROBUST)
def normals(stack: Stack, *, where: str = "common", surface: str = "level", robust: bool = True) -> Fused:
    """Shows which way the surface leans at each pixel, as colour.

    Red rises with a lean to the right, green with one to the top, blue with facing the camera: each is
    (component + 1) / 2 of the unit normal, green of its upward component. Assumes known lights and a surface
    that scatters, as all pictures of relief do. Grooves have walls of two colours whatever their polarity.

    where: "common" or "any" (three photographs or more). surface: "level" or "as_taken". robust: true or
    false.

    Weights: share of the values used; findings: `doubtful` share of pixels. Cost: 2 s for eight photographs
    of 2 megapixels. Reference: Woodham 1980, doi 10.1117/12.7972479; see `stereo`.
    """
    return normals_of(relief(stack, where=where, surface=surface, robust=robust))


def normals_of(surface: Relief) -> Fused:
    """The normals of a relief as colours."""
    upward = np.array([1, -1, 1], np.float32)
    return _fused(np.asarray((surface.normals * upward + 1) / 2, np.float32), surface, surface.covered)


@fusion("Albedo", photographs=FEWEST, lights=True, where=WHERE, surface=SURFACE, robust=ROBUST)
def albedo(stack: Stack, *, where: str = "common", surface: str = "level", robust: bool = True) -> Fused:
    """Shows how bright the surface is by itself, with light and shade taken out: stains, etching, colour.

    Assumes what `normals` assumes. Bright is bright metal, so the polarity of an etched stroke is kept. Its
    square root is shown, so that the median lies at mid-grey.

    where: "common" or "any". surface: "level" or "as_taken". robust: true or false.

    Weights, findings, cost and reference: as for `normals`.
    """
    return albedo_of(relief(stack, where=where, surface=surface, robust=robust))


def albedo_of(surface: Relief) -> Fused:
    """The albedo of a relief as a picture."""
    return _fused(_toned(surface.albedo / (4 * _middling(surface))), surface, surface.covered)


@fusion(
    "Slope",
    photographs=FEWEST,
    lights=True,
    where=WHERE,
    surface=SURFACE,
    robust=ROBUST,
    smoothing=SMOOTHING,
    gain=GAIN,
)
def slope(
    stack: Stack,
    *,
    where: str = "common",
    surface: str = "level",
    robust: bool = True,
    smoothing: float = 1.0,
    gain: float = 1.0,
) -> Fused:
    """Shows how steep the surface is, whichever way it leans: walls of grooves bright, level metal dark.

    The angle between normal and camera in degrees; white at 45° / gain. The polarity of a stroke is lost:
    both its walls are bright.

    where: "common" or "any". surface: "level" or "as_taken". robust: true or false. smoothing: pixels, 0 to
    10, of the normals. gain: times, 0.25 to 32.

    Weights, findings, cost and reference: as for `normals`; findings also `median_degrees`.
    """
    shape = relief(stack, where=where, surface=surface, robust=robust)
    smooth, covered = _smoothed(shape, smoothing)
    angle = slope_degrees(smooth)
    middle = float(np.median(angle[covered])) if covered.any() else 0.0
    return _fused(angle * (gain / MOST_SLOPE), shape, covered, median_degrees=round(middle, 3))


@fusion(
    "Curvature",
    photographs=FEWEST,
    lights=True,
    where=WHERE,
    surface=SURFACE,
    robust=ROBUST,
    smoothing=SMOOTHING,
    gain=GAIN,
)
def curvature(
    stack: Stack,
    *,
    where: str = "common",
    surface: str = "level",
    robust: bool = True,
    smoothing: float = 1.5,
    gain: float = 4.0,
) -> Fused:
    """Shows hollows dark and ridges bright: the bottom of a groove is a dark line, its rims are bright.

    The mean curvature of the surface in 1/pixel (times pixels per millimetre: 1/mm), ridges above 0, by the
    divergence of the normals. Mid-grey is flat or a plane slope. Derivatives raise noise and grinding lines.

    where: "common" or "any". surface: "level" or "as_taken". robust: true or false. smoothing: pixels, 0 to
    10, of the normals. gain: times, 0.25 to 32. The picture is mid-grey + gain × the curvature.

    Weights, findings, cost and reference: as for `normals`.
    """
    shape = relief(stack, where=where, surface=surface, robust=robust)
    smooth, covered = _smoothed(shape, smoothing)
    around = cv2.erode(covered.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    return _fused(BACKGROUND + np.float32(gain) * mean_curvature(smooth), shape, around)


@fusion(
    "Relight",
    photographs=FEWEST,
    lights=True,
    where=WHERE,
    surface=SURFACE,
    robust=ROBUST,
    azimuth=AZIMUTH,
    elevation=ELEVATION,
    shine=SHINE,
    paint=PAINT,
)
def relight(
    stack: Stack,
    *,
    where: str = "common",
    surface: str = "level",
    robust: bool = True,
    azimuth: float = 315.0,
    elevation: float = 25.0,
    shine: float = 0.0,
    paint: str = "kept",
) -> Fused:
    """Shows the surface as found under a lamp that stands anywhere.

    Rendered from normals and albedo by Lambert's law, with a mirrored part on request. What the photographs
    did not show is not in it, and no shadow is cast: no new evidence, only another look at it. Polarity as
    under a real lamp: a wall that faces the lamp is bright.

    where: "common" or "any". surface: "level" or "as_taken". robust: true or false. azimuth: degrees, 0 to
    360, clockwise from 12 o'clock. elevation: degrees, 1 to 90, over the surface. shine: of full range, 0 to
    1. paint: "kept" or "even".

    Weights, findings and cost: as for `normals`; `relit` does it again from the same relief at once.
    Reference: the mirrored part as in Malzbender, Gelb, Wolters 2001, doi 10.1145/383259.383320.
    """
    shape = relief(stack, where=where, surface=surface, robust=robust)
    return relight_of(shape, azimuth=azimuth, elevation=elevation, shine=shine, paint=paint)


def relight_of(shape: Relief, *, azimuth: float, elevation: float, shine: float, paint: str) -> Fused:
    """A relief under another lamp, parameters as those of `relight`."""
    view = relit(shape, LightDirection(azimuth % 360, elevation), shine=shine, paint=paint)
    return _fused(view, shape, shape.covered)


def relit(shape: Relief, light: LightDirection, *, shine: float = 0.0, paint: str = "kept") -> Image:
    """The relief under `light`, (H, W) float32 in [0, 1]; mid-grey is level metal of middling albedo under
    45°.

    `shine` 0..1 is the share of a mirror-like lobe of power 32 (Blinn's half-way vector), `paint` "kept" or
    "even". About 0.04 s a megapixel on two cores. Where
    the relief is not covered it is mid-grey.
    """
    lamp = towards(light)
    lit = cv2.transform(shape.normals, lamp.astype(np.float32)[np.newaxis])
    np.maximum(lit, 0, out=lit)
    scale = (1 - shine) / (4 * np.sin(np.radians(MIDDLING)))
    if paint == "kept":
        lit *= shape.albedo
        scale /= _middling(shape)
    lit *= np.float32(scale)
    if shine > 0:
        half = lamp + np.array([0.0, 0.0, 1.0])
        half /= np.linalg.norm(half)
        lobe = cv2.transform(shape.normals, half.astype(np.float32)[np.newaxis])
        np.maximum(lobe, 0, out=lobe)
        for _ in range(SHARPENINGS):
            np.multiply(lobe, lobe, out=lobe)
        lobe *= np.float32(shine)
        lit += lobe
    view = _toned(lit)
    view[~shape.covered] = BACKGROUND
    return view


def slope_degrees(normals: npt.NDArray[np.float32]) -> Image:
    """Angle in degrees between the normals (H, W, 3) and the camera, 0 to 90."""
    level = np.hypot(normals[..., 0], normals[..., 1])
    return np.degrees(np.arctan2(level, normals[..., 2])).astype(np.float32)


def mean_curvature(normals: npt.NDArray[np.float32]) -> Image:
    """Half the divergence of the normals' level part, (H, W) in 1/pixel: above 0 on ridges, below in hollows.

    A sphere of radius r that bulges towards the camera has 1/r.
    """
    step = np.array([[-0.5, 0, 0.5]], np.float32)
    across = cv2.filter2D(np.ascontiguousarray(normals[..., 0]), -1, step, borderType=cv2.BORDER_REPLICATE)
    down = cv2.filter2D(np.ascontiguousarray(normals[..., 1]), -1, step.T, borderType=cv2.BORDER_REPLICATE)
    return np.asarray((across + down) / 2)


def _smoothed(shape: Relief, sigma: float) -> tuple[npt.NDArray[np.float32], Mask]:
    """Normals smoothed among those that are known, still unit vectors, and the mask."""
    if sigma < 0.1 or not shape.covered.any():
        return shape.normals, shape.covered
    known = shape.covered.astype(np.float32)
    smooth = cv2.GaussianBlur(shape.normals * known[..., np.newaxis], (0, 0), sigma)
    smooth[~shape.covered] = (0, 0, 1)
    return smooth / np.linalg.norm(smooth, axis=-1, keepdims=True), shape.covered


def _middling(shape: Relief) -> float:
    """Median albedo of what is covered."""
    return max(float(np.median(shape.albedo[shape.covered])), 1e-6) if shape.covered.any() else 1.0


def _toned(light: Image) -> Image:
    """Linear light as a picture: its square root, near to sRGB's curve and quicker; clipped to [0, 1]."""
    return np.asarray(cv2.sqrt(np.clip(light, 0, 1)))


def _fused(image: Image, shape: Relief, covered: Mask, **findings: float) -> Fused:
    return Fused(image, covered, shape.weights, {"doubtful": round(shape.doubtful, 6), **findings})
