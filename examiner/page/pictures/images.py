"""Pictures for the browser: lossless PNG files in a folder of the page, made from the kept originals.

The photograph is shown as a proxy of at most 2000 pixels; each character as a crop from the full resolution.
A file's name is the hash of what went into it, so the same picture is made once and a browser may keep it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from examiner.examination.conditions import Lying
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.photographs.crops import (
    CROP_ASPECT,
    CROP_HEIGHT,
    CROP_MARGIN,
    Bytes,
    KeptPhoto,
    cut,
    read_kept,
    shrunk,
    upright_quad,
    when_taken,
    write_png,
)
from pipelines.enhance.recipe import Recipe, run_recipe
from pipelines.photographs.photo import upright_image, upright_matrix
from pipelines.types import Matrix, Photo, Quad, StepRecord

PROXY_SIDE = 2000
THUMB_SIDE = 160


@dataclass(frozen=True, eq=False)
class Frame:
    """Upright size and orientation of one photograph; `exif_time` sorts as text, "" where unknown."""

    width: int
    height: int
    to_upright: Matrix
    upright_degrees: int
    exif_time: str


@dataclass(frozen=True, eq=False)
class Rendered:
    """One photograph upright with one recipe, 8 bits, full resolution, and the steps as they were run."""

    pixels: Bytes
    to_upright: Matrix
    steps: tuple[StepRecord, ...]
    exif_time: str


class Pictures:
    """Makes and keeps the pictures of one casebook's photographs under `folder`. Safe to use from threads."""

    def __init__(self, folder: Path, cache: PixelCache) -> None:
        self.folder = folder
        self._cache = cache
        self._frames: dict[tuple[str, float | None], Frame] = {}
        self._steps: dict[tuple[str, float | None, str], tuple[StepRecord, ...]] = {}
        self._lock = threading.RLock()

    def rendered(self, photo: KeptPhoto, recipe: Recipe) -> Rendered:
        """The photograph through the recipe. Raises PhotoError where it can no longer be read."""
        key = (photo.sha256, photo.frame_time_s, _key(recipe))
        with self._lock:
            rendered = self._cache.get(
                ("rendered", *key), lambda: _render(read_kept(photo), recipe), lambda made: made.pixels.nbytes
            )
            self._steps[key] = rendered.steps
            return rendered

    def steps(self, photo: KeptPhoto, recipe: Recipe) -> tuple[StepRecord, ...]:
        """The recipe's steps as they were run on this photograph, remembered without the pixels."""
        key = (photo.sha256, photo.frame_time_s, _key(recipe))
        return self._steps[key] if key in self._steps else self.rendered(photo, recipe).steps

    def frame(self, photo: KeptPhoto, recipe: Recipe) -> Frame:
        """Size and orientation, remembered without the pixels."""
        key = (photo.sha256, photo.frame_time_s)
        if key not in self._frames:
            rendered = self.rendered(photo, recipe)
            height, width = rendered.pixels.shape[:2]
            degrees = upright_degrees(rendered.to_upright)
            self._frames[key] = Frame(width, height, rendered.to_upright, degrees, rendered.exif_time)
        return self._frames[key]

    def proxy(self, photo: KeptPhoto, recipe: Recipe) -> Path:
        """The whole photograph, at most 2000 pixels on its longer side."""
        return self._scaled(photo, recipe, PROXY_SIDE)

    def thumb(self, photo: KeptPhoto, recipe: Recipe) -> Path:
        """A thumbnail."""
        return self._scaled(photo, recipe, THUMB_SIDE)

    def crop(self, photo: KeptPhoto, recipe: Recipe, place: Quad) -> Path:
        """One position, turned upright, from the full resolution."""
        path = self._path("crop", photo, recipe, place)
        if not path.exists():
            rendered = self.rendered(photo, recipe)
            write_png(path, cut(rendered.pixels, upright_quad(rendered.to_upright, place)))
        return path

    def _scaled(self, photo: KeptPhoto, recipe: Recipe, side: int) -> Path:
        path = self._path(f"side{side}", photo, recipe, None)
        if not path.exists():
            write_png(path, shrunk(self.rendered(photo, recipe).pixels, side))
        return path

    def _path(self, kind: str, photo: KeptPhoto, recipe: Recipe, place: Quad | None) -> Path:
        shape = (PROXY_SIDE, CROP_HEIGHT, CROP_ASPECT, CROP_MARGIN)
        parts: list[Any] = [shape, kind, photo.sha256, photo.frame_time_s, _key(recipe), place]
        digest = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
        return self.folder / f"{kind}-{digest[:40]}.png"


def proxy_width(width: int, height: int) -> int:
    """Width of the proxy of a photograph of this upright size."""
    return round(width * min(1.0, PROXY_SIDE / max(width, height)))


def _key(recipe: Recipe) -> str:
    """What tells one recipe's result from another's: the steps that are run."""
    return json.dumps([(step.step, dict(step.parameters)) for step in recipe.run], default=str)


def _render(photo: Photo, recipe: Recipe) -> Rendered:
    image, steps = run_recipe(recipe, upright_image(photo))
    pixels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return Rendered(pixels, upright_matrix(photo), steps, when_taken(photo))


def upright_degrees(to_upright: Matrix) -> int:
    """Degrees clockwise, 0 to 270, that bring the stored pixels upright; mirroring is left out."""
    down = np.linalg.inv(to_upright[:2, :2]) @ np.array([0.0, 1.0])
    return round(float(np.degrees(np.arctan2(down[0], down[1])))) % 360


def shown_lying(lying: Lying, width: int, height: int) -> Matrix:
    """Homography from the pixels of an upright picture of that size to those of the same picture shown as the
    examiner said that it lies: turned clockwise, then mirrored left to right."""
    right, bottom = float(width - 1), float(height - 1)
    turn = np.array(
        [
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [[0.0, -1.0, bottom], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
            [[-1.0, 0.0, right], [0.0, -1.0, bottom], [0.0, 0.0, 1.0]],
            [[0.0, 1.0, 0.0], [-1.0, 0.0, right], [0.0, 0.0, 1.0]],
        ][lying.quarter_turns]
    )
    if not lying.mirrored:
        return turn
    last = bottom if lying.quarter_turns % 2 else right
    return np.array([[-1.0, 0.0, last], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ turn
