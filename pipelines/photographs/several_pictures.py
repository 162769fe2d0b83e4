"""Files that hold several pictures: TIFF and its stacks (OME, ImageJ), HEIC, MPO; which there are, how large.

Only headers are read here. Numbers count from 0 in the order of the file.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pillow_heif
import tifffile
from PIL import JpegImagePlugin

from pipelines.photographs import tiff_tags

log = logging.getLogger(__name__)

SMALL = 0.25
"""A picture with less than this share of the largest one's pixels is a thumbnail, a preview or a map."""


MULTI_PICTURE = b"MPF\x00"
"""What a JPEG that holds several pictures (MPO) has among its first bytes."""


@dataclass(frozen=True)
class Pictures:
    """`sizes`: (width, height) of each picture; `main`: the number of the one to read first."""

    sizes: tuple[tuple[int, int], ...]
    main: int = 0

    @property
    def full(self) -> tuple[int, ...]:
        """Numbers of all but the small ones, the main one first."""
        most = max((width * height for width, height in self.sizes), default=0)
        large = [
            number for number, (width, height) in enumerate(self.sizes) if width * height >= SMALL * most
        ]
        return tuple(sorted(large, key=lambda number: number != self.main))


def pictures_in(path: Path, data: bytes, name: str) -> Pictures:
    """The pictures in the bytes of a file of the format `name`; one of unknown size for other formats.

    Of a TIFF the first full one is the main one, of a HEIC the primary one. A directory that cannot be
    followed ends the list: decoding says what is wrong. Animations (WebP, PNG) count as one picture.
    """
    pictures = Pictures(((0, 0),))
    try:
        if name == "TIFF":
            pictures = _in_tiff(data)
        elif name == "HEIF":
            file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
            pictures = Pictures(tuple(picture.size for picture in file), file.primary_index)
        elif name == "JPEG":
            pictures = _in_jpeg(data)
    except Exception as error:
        # Whatever a damaged header makes a parser stumble over; reading the picture names it.
        log.info("%s: pictures not counted: %s", path.name, error)
    return pictures


def left_out(pictures: Pictures, given: Sequence[int]) -> str:
    """In words, which pictures of a file are not among those `given`; "" where none is left out."""
    out = [number for number in range(len(pictures.sizes)) if number not in given]
    if not out:
        return ""
    words = [
        f"{number + 1} ({width} × {height} pixels)"
        for number, (width, height) in enumerate(pictures.sizes)
        if number in out
    ]
    shown = ", ".join(words[:8]) + (f" and {len(words) - 8} more" if len(words) > 8 else "")
    read = ", ".join(str(number + 1) for number in given[:8]) + (", …" if len(given) > 8 else "")
    return f"holds {len(pictures.sizes)} pictures; read: {read}; left out: {shown}"


def has_planes(data: bytes) -> bool:
    """Whether a TIFF with one directory may hold several pictures, as far as its first mebibyte tells."""
    return any(word in data[: 1 << 20] for word in (b"ImageJ=", b"<OME", b'"shape"'))


def tiff_stack(data: bytes) -> npt.NDArray[Any] | None:
    """The planes (N, H, W) or (N, H, W, 3) of a TIFF with one directory for several, as ImageJ writes it."""
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        if not tiff.series or len(tiff.pages) != 1:
            return None
        whole, page = tiff.series[0], tiff.pages[0].shape
        if len(whole.shape) <= len(page) or whole.size == 0:
            return None
        planes: npt.NDArray[Any] = whole.asarray(maxworkers=1)
        return planes.reshape((-1, *page))


def jpeg_picture(data: bytes, number: int) -> bytes:
    """The bytes of another picture of an MPO. Raises ValueError where it is not there."""
    spans = _spans(data)
    if not 0 < number < len(spans):
        raise ValueError(f"there is no picture {number + 1}")
    start, length = spans[number]
    return data[start : start + length]


def _in_tiff(data: bytes) -> Pictures:
    chain = list(tiff_tags.directories(data, inner=False))
    sizes = [
        (tiff_tags.first_value(each, tiff_tags.WIDTH, 0), tiff_tags.first_value(each, tiff_tags.HEIGHT, 0))
        for each in chain
    ]
    if len(chain) == 1 and has_planes(data):
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            whole, page = tiff.series[0], tiff.pages[0].shape
            if len(whole.shape) > len(page):
                planes = 1
                for length in whole.shape[: len(whole.shape) - len(page)]:
                    planes *= length
                return Pictures(tuple(sizes * min(planes, 1 << 16)))
    most = max((width * height for width, height in sizes), default=0)
    full = [
        number
        for number, (width, height) in enumerate(sizes)
        if width * height >= SMALL * most
        and not tiff_tags.first_value(chain[number], tiff_tags.NEW_SUBFILE_TYPE, 0) & 1
    ]
    return Pictures(tuple(sizes), full[0] if full else 0)


def _in_jpeg(data: bytes) -> Pictures:
    spans = _spans(data)
    if len(spans) < 2:
        return Pictures(((0, 0),))
    sizes = []
    for start, length in spans:
        with JpegImagePlugin.JpegImageFile(io.BytesIO(data[start : start + length])) as picture:
            sizes.append(picture.size)
    return Pictures(tuple(sizes))


def _spans(data: bytes) -> list[tuple[int, int]]:
    if MULTI_PICTURE not in data[: 1 << 20]:
        return [(0, len(data))]
    with JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as picture:
        index = JpegImagePlugin._getmp(picture)  # type: ignore[arg-type]
        if index is None:
            return [(0, len(data))]
        begin = picture.info["mpoffset"]
    spans = [(0, len(data))]
    for each in index[0xB002][1:]:
        start = begin + each["DataOffset"]
        if each["DataOffset"] and data[start : start + 2] == b"\xff\xd8":
            spans.append((start, each["Size"]))
    return spans
