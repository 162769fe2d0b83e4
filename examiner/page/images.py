"""Pictures for the browser: lossless PNG files in the page's cache folder, made from the kept originals.

The photograph is shown as a proxy of at most 2000 pixels; each character as a crop from the full resolution.
A file's name is the hash of what went into it, so the same picture is made once and a browser may keep it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.recipe import Recipe, run_recipe
from pipelines.photo import read_photo, upright_image, upright_matrix
from pipelines.types import Matrix, Photo, Quad, StepRecord
from pipelines.video import read_frames

PROXY_SIDE = 2000
THUMB_SIDE = 160
CROP_HEIGHT = 224
CROP_ASPECT = 1.25
"""Width over height of a crop."""
CROP_MARGIN = 0.2
"""Share of the position's height that a crop shows above and below it, so that cut strokes are seen."""
KEPT_IMAGES = 4
"""Full-resolution images held in memory."""

Bytes = npt.NDArray[np.uint8]


class KeptPhoto(Protocol):
    """What is asked of a photograph in the casebook."""

    @property
    def path(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def frame_time_s(self) -> float | None: ...


@dataclass(frozen=True, eq=False)
class Frame:
    """Upright size and orientation of one photograph; `taken` as in EXIF, sorts as text, "" where unknown."""

    width: int
    height: int
    to_upright: Matrix
    upright_degrees: int
    taken: str


@dataclass(frozen=True, eq=False)
class Rendered:
    """One photograph upright with one recipe, 8 bits, full resolution, and the steps as they were run."""

    pixels: Bytes
    to_upright: Matrix
    steps: tuple[StepRecord, ...]
    taken: str


class Pictures:
    """Makes and keeps the pictures of one casebook's photographs under `folder`. Safe to use from threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._images: OrderedDict[tuple[str, float | None, str], Rendered] = OrderedDict()
        self._frames: dict[tuple[str, float | None], Frame] = {}
        self._steps: dict[tuple[str, float | None, str], tuple[StepRecord, ...]] = {}
        self._lock = threading.RLock()

    def rendered(self, photo: KeptPhoto, recipe: Recipe) -> Rendered:
        """The photograph through the recipe. Raises PhotoError where it can no longer be read."""
        key = (photo.sha256, photo.frame_time_s, recipe.name)
        with self._lock:
            if key not in self._images:
                self._images[key] = _render(read_kept(photo), recipe)
                self._steps[key] = self._images[key].steps
                while len(self._images) > KEPT_IMAGES:
                    self._images.popitem(last=False)
            self._images.move_to_end(key)
            return self._images[key]

    def steps(self, photo: KeptPhoto, recipe: Recipe) -> tuple[StepRecord, ...]:
        """The recipe's steps as they were run on this photograph, remembered without the pixels."""
        key = (photo.sha256, photo.frame_time_s, recipe.name)
        return self._steps[key] if key in self._steps else self.rendered(photo, recipe).steps

    def frame(self, photo: KeptPhoto, recipe: Recipe) -> Frame:
        """Size and orientation, remembered without the pixels."""
        key = (photo.sha256, photo.frame_time_s)
        if key not in self._frames:
            rendered = self.rendered(photo, recipe)
            height, width = rendered.pixels.shape[:2]
            degrees = _degrees(rendered.to_upright)
            self._frames[key] = Frame(width, height, rendered.to_upright, degrees, rendered.taken)
        return self._frames[key]

    def proxy(self, photo: KeptPhoto, recipe: Recipe) -> str:
        """Address of the whole photograph, at most 2000 pixels on its longer side."""
        return self._scaled(photo, recipe, PROXY_SIDE)

    def thumb(self, photo: KeptPhoto, recipe: Recipe) -> str:
        """Address of a thumbnail."""
        return self._scaled(photo, recipe, THUMB_SIDE)

    def crop(self, photo: KeptPhoto, recipe: Recipe, place: Quad) -> str:
        """Address of one position, turned upright, from the full resolution."""
        path = self._path("crop", photo, recipe, place)
        if not path.exists():
            rendered = self.rendered(photo, recipe)
            write_png(path, cut(rendered.pixels, upright_quad(rendered.to_upright, place)))
        return address(path)

    def _scaled(self, photo: KeptPhoto, recipe: Recipe, side: int) -> str:
        path = self._path(f"side{side}", photo, recipe, None)
        if not path.exists():
            write_png(path, shrunk(self.rendered(photo, recipe).pixels, side))
        return address(path)

    def _path(self, kind: str, photo: KeptPhoto, recipe: Recipe, place: Quad | None) -> Path:
        steps = [(step.step, dict(step.parameters)) for step in recipe.steps]
        shape = (PROXY_SIDE, CROP_HEIGHT, CROP_ASPECT, CROP_MARGIN)
        parts: list[Any] = [shape, kind, photo.sha256, photo.frame_time_s, recipe.name, steps, place]
        digest = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
        return self.folder / f"{kind}-{digest[:40]}.png"


def read_kept(photo: KeptPhoto) -> Photo:
    """The photograph, or the frame of a video, that the casebook keeps."""
    if photo.frame_time_s is None:
        return read_photo(photo.path)
    return read_frames(photo.path, [photo.frame_time_s])[0]


def address(path: Path) -> str:
    """Where the browser finds a file of the page's cache folder."""
    return "/gradio_api/file=" + quote(str(path))


def proxy_width(width: int, height: int) -> int:
    """Width of the proxy of a photograph of this upright size."""
    return round(width * min(1.0, PROXY_SIDE / max(width, height)))


def shrunk(pixels: Bytes, side: int) -> Bytes:
    """The image with its longer side at most `side`, averaged over areas."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def cut(
    pixels: Bytes, quad: npt.NDArray[np.float64], tall: int = CROP_HEIGHT, aspect: float = CROP_ASPECT
) -> Bytes:
    """The quad in the middle of an image `tall` pixels high; pixels beyond the photograph are black."""
    size = (round(tall * aspect), tall)
    height = _extent(quad)[1]
    across, down = crop_share(quad, aspect)
    left, right = size[0] * (1 - across) / 2, size[0] * (1 + across) / 2
    top, bottom = size[1] * (1 - down) / 2, size[1] * (1 + down) / 2
    target = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    shrinks = size[1] * down < height
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.warpPerspective(pixels, matrix, size, flags=how), np.uint8)


def crop_share(place: Quad | npt.NDArray[np.float64], aspect: float = CROP_ASPECT) -> tuple[float, float]:
    """Shares of a crop's width and height that the position itself takes."""
    width, height = _extent(np.asarray(place))
    tall = max(height * (1 + 2 * CROP_MARGIN), width * 1.1 / aspect, 1.0)
    return width / (tall * aspect), height / tall


def _extent(quad: npt.NDArray[np.float64]) -> tuple[float, float]:
    width = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    height = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    return float(width), float(height)


def _render(photo: Photo, recipe: Recipe) -> Rendered:
    image, steps = run_recipe(recipe, upright_image(photo))
    pixels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    part = photo.exif.get("SubsecTimeOriginal", "")
    taken = photo.taken + (f".{part}" if part.isdecimal() else "") if photo.taken else ""
    return Rendered(pixels, upright_matrix(photo), steps, taken)


def _degrees(to_upright: Matrix) -> int:
    """Degrees clockwise, 0 to 270, that bring the stored pixels upright; mirroring is left out."""
    return round(float(np.degrees(np.arctan2(-to_upright[0, 1], to_upright[1, 1])))) % 360


def upright_quad(to_upright: Matrix, place: Quad) -> npt.NDArray[np.float64]:
    """(4, 2) corners in upright pixels of a place in stored pixels."""
    points = np.column_stack([np.asarray(place), np.ones(4)]) @ to_upright.T
    return np.asarray(points[:, :2] / points[:, 2:], np.float64)


def write_png(path: Path, pixels: Bytes) -> None:
    """Grey or RGB, in one piece: nobody reads a picture half written."""
    colour = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".png", colour, [cv2.IMWRITE_PNG_COMPRESSION, 2])
    if not encoded:
        raise OSError(f"{path.name}: the picture could not be encoded")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{threading.get_ident()}.part")
    part.write_bytes(data.tobytes())
    part.replace(path)


def read_png(path: Path) -> Bytes:
    """What `write_png` wrote: grey or RGB, 8 bits."""
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise OSError(f"{path.name}: the picture cannot be read back")
    return np.asarray(pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def outside(photo: Rendered, place: Quad) -> bool:
    """Whether the middle of a place lies beyond the photograph."""
    height, width = photo.pixels.shape[:2]
    x, y = upright_quad(photo.to_upright, place).mean(axis=0)
    return not (0 <= x < width and 0 <= y < height)
