"""Crops of kept photographs: a position in the middle of its surroundings, cut from the full resolution."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.photographs.capture_time import instant
from pipelines.photographs.photo import read_photo
from pipelines.photographs.video import read_frames
from pipelines.types import Matrix, Photo, Quad

CROP_HEIGHT = 224
CROP_ASPECT = 1.25
"""Width over height of a crop."""
CROP_MARGIN = 0.2
"""Share of the position's height that a crop shows above and below it, so that cut strokes are seen."""

Bytes = npt.NDArray[np.uint8]


class KeptPhoto(Protocol):
    """What is asked of a photograph in the casebook."""

    @property
    def path(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def frame_time_s(self) -> float | None: ...


def read_kept(photo: KeptPhoto) -> Photo:
    """The photograph, or the frame of a video, that the casebook keeps; of a damaged one what is left."""
    if photo.frame_time_s is None:
        return read_photo(photo.path, damaged=True)
    return read_frames(photo.path, [photo.frame_time_s])[0]


def when_taken(photo: Photo) -> str:
    """The time of EXIF in UTC with its part of a second, see `instant`; "" where there is none."""
    return instant(photo.taken, photo.zone, photo.exif.get("SubsecTimeOriginal", ""))


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


def upright_quad(to_upright: Matrix, place: Quad) -> npt.NDArray[np.float64]:
    """(4, 2) corners in upright pixels of a place in stored pixels."""
    points = np.column_stack([np.asarray(place), np.ones(4)]) @ to_upright.T
    return np.asarray(points[:, :2] / points[:, 2:], np.float64)


def png(pixels: Bytes, compression: int = 2) -> bytes:
    """Grey (H, W) or RGB (H, W, 3), 8 bits, as a PNG file; the same pixels give the same bytes. Compression
    0 to 9; 0 only stores, which is quickest."""
    colour = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".png", colour, [cv2.IMWRITE_PNG_COMPRESSION, compression])
    if not encoded:
        raise OSError("a picture could not be encoded")
    return data.tobytes()


def jpeg(pixels: Bytes, quality: int) -> bytes:
    """RGB or grey pixels as a JPEG file; the same pixels give the same bytes."""
    colour = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", colour, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise OSError("a picture could not be encoded")
    return data.tobytes()


def write_png(path: Path, pixels: Bytes, compression: int = 2) -> None:
    """The file in one piece: nobody reads a picture half written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{threading.get_ident()}.part")
    part.write_bytes(png(pixels, compression))
    part.replace(path)


def read_png(path: Path) -> Bytes:
    """What `write_png` wrote: grey or RGB, 8 bits."""
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise OSError(f"{path.name}: the picture cannot be read back")
    return np.asarray(pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def outside(pixels: Bytes, to_upright: Matrix, place: Quad) -> bool:
    """Whether the middle of a place in stored pixels lies beyond the upright photograph."""
    height, width = pixels.shape[:2]
    x, y = upright_quad(to_upright, place).mean(axis=0)
    return not (0 <= x < width and 0 <= y < height)
