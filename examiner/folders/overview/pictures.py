"""Small pictures for the overview: the photograph with most evidence, and all lines upright."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import JpegImagePlugin

from examiner.folders.results.row import printable
from pipelines.errors import PhotoError
from pipelines.photographs.photo import read_photo, upright_matrix
from pipelines.photographs.video import read_frames
from pipelines.strip import grown, moved, straightened
from pipelines.types import Photo, PhotoEntry, Proposal, Quad, as_quad

log = logging.getLogger(__name__)

LONGER_SIDE = 320
"""Pixels of a photograph in the overview."""

STRIP = (48, 480)
"""Height, and greatest width, of a line in the overview."""

BETWEEN = 4
"""Pixels between lines in the overview."""

ENOUGH_SIDE = 1000
"""Pixels of the shorter side that are enough for small pictures."""

JPEG = b"\xff\xd8\xff"

QUALITY = 80

FOLDER = "pictures"


@dataclass(frozen=True)
class Names:
    """Files of a series' pictures, below the folder of pictures."""

    photograph: str
    line: str


def picture_names(series: str, key: str) -> Names:
    """From the printable name of the series and its key: a series that is read again gets new names.

    They lie in 256 folders, so that none holds all of a large archive.
    """
    stem = hashlib.sha256(json.dumps([series, key]).encode()).hexdigest()[:32]
    return Names(f"{stem[:2]}/{stem}.jpg", f"{stem[:2]}/{stem}-line.jpg")


def write_pictures(proposal: Proposal, key: str, folder: Path) -> bool:
    """Writes the pictures of a series into an existing folder, and returns whether there are any.

    The outline of every line is drawn into the photograph. Where no photograph can be read, nothing is
    written.
    """
    names = picture_names(printable(proposal.series), key)
    main = max(proposal.lines, key=lambda line: len(line.best), default=None)
    readable = [i for i, photo in enumerate(proposal.photos) if photo.error is None and photo.sha256]
    index = main.frame if main is not None else next(iter(readable), None)
    if index is None:
        return False
    entry = proposal.photos[index]
    try:
        photo, scale = _decoded(entry)
        outlines = [_scaled(line.quad, scale) for line in proposal.lines if line.frame == index]
        _write(_photograph(photo, outlines), folder / names.photograph)
        strips = []
        for line in proposal.lines:
            if line.frame != index:
                index = line.frame
                photo, scale = _decoded(proposal.photos[index])
            strips.append(_line(photo, _scaled(line.quad, scale)))
        if strips:
            _write(_stacked(strips), folder / names.line)
    except (PhotoError, OSError, cv2.error) as error:
        log.info("%s: no pictures for the overview: %s", proposal.series, error)
        return False
    return True


def _decoded(entry: PhotoEntry) -> tuple[Photo, float]:
    """The photograph and its scale: a large JPEG is decoded at a half, a quarter or an eighth of its
    size, with at least ENOUGH_SIDE pixels. Raises a PhotoError."""
    if entry.frame_time_s is not None:
        return read_frames(entry.path, [entry.frame_time_s])[0], 1.0
    with Path(entry.path).open("rb") as stream:
        draft = _draft(stream)
    if draft is None:
        return read_photo(entry.path, damaged=True), 1.0
    pixels, scale = draft
    return Photo(entry.path, entry.sha256 or "", pixels, "JPEG", entry.orientation), scale


def _draft(stream: BinaryIO) -> tuple[npt.NDArray[Any], float] | None:
    """Pixels of a large JPEG that libjpeg shrinks while it decodes, and the scale; None for anything else."""
    if stream.read(3) != JPEG:
        return None
    stream.seek(0)
    try:
        with JpegImagePlugin.JpegImageFile(stream) as picture:
            full_size = picture.size
            if picture.mode not in ("L", "RGB") or min(full_size) < 2 * ENOUGH_SIDE:
                return None
            picture.draft(None, (ENOUGH_SIDE, ENOUGH_SIDE))
            return np.asarray(picture), picture.size[0] / full_size[0]
    except Exception:  # Hostile bytes; reading the whole photograph says what is wrong.
        return None


def _scaled(quad: Quad, scale: float) -> Quad:
    """The corners in a picture that was shrunk; centres of pixels are at whole numbers in both."""
    return as_quad((np.asarray(quad, np.float64) + 0.5) * scale - 0.5)


def _photograph(photo: Photo, lines: list[Quad]) -> npt.NDArray[np.uint8]:
    """Upright, BGR."""
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, LONGER_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = _eight_bits(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA))
    small = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR if small.ndim == 2 else cv2.COLOR_RGB2BGR)
    to_upright = upright_matrix(photo)
    corners = moved([(-0.5, -0.5), (width - 0.5, height - 0.5)], to_upright)
    if photo.orientation >= 5:
        size = size[::-1]
    origin = corners.min(axis=0)
    enlarge = np.diag([scale, scale, 1.0]) @ np.array([[1, 0, -origin[0]], [0, 1, -origin[1]], [0, 0, 1.0]])
    turned = cv2.warpPerspective(
        small, enlarge @ to_upright @ np.diag([1 / scale, 1 / scale, 1.0]), size, flags=cv2.INTER_LINEAR
    )
    for line in lines:
        outline = np.round(moved(line, enlarge @ to_upright)).astype(np.int32)
        cv2.polylines(turned, [outline], True, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.polylines(turned, [outline], True, (80, 220, 255), 1, cv2.LINE_AA)
    return np.asarray(turned, np.uint8)


def _line(photo: Photo, quad: Quad) -> npt.NDArray[np.uint8]:
    # Corners follow the reading, mirrored or not.
    strip, _ = straightened(photo.pixels, grown(quad, 0.2, 0.15), STRIP[0])
    grey = strip if strip.ndim == 2 else cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    if grey.shape[1] > STRIP[1]:
        height = max(1, round(grey.shape[0] * STRIP[1] / grey.shape[1]))
        grey = cv2.resize(grey, (STRIP[1], height), interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(np.clip(grey, 0, 1) * 255), np.uint8)


def _stacked(strips: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """Strips below each other, in the order of the lines, with a dark row between."""
    width = max(strip.shape[1] for strip in strips)
    rows = [
        np.pad(strip, ((0, BETWEEN if number < len(strips) else 0), (0, width - strip.shape[1])))
        for number, strip in enumerate(strips, 1)
    ]
    return np.concatenate(rows)


def _eight_bits(pixels: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else np.asarray(pixels, np.uint8)


def _write(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    encoded, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not encoded:
        raise OSError(f"{path.name}: the picture could not be encoded")
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(data.tobytes())
    part.replace(path)
