"""JPEG decoded by a decoder whose warnings of damage are heard.

libjpeg goes on over damage: it fills blocks that are missing and puts those that follow in the wrong places,
and the picture looks whole. Only its warnings tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import simplejpeg

END = b"\xff\xd9"

MOST_SCANS = 100
"""Scans of a progressive JPEG; each costs the time of a whole picture, and usual files have about 10."""

_WHOLE_BLOCK = range(64)
_PROGRESSIVE = (0xC2, 0xCA)

# In entropy-coded data a 0xFF is followed by 0x00 or a restart marker; anything else ends it.
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker's number, with the bytes of its segment, up to and with the end marker where there is one.

    Markers within segments, such as those of a thumbnail in EXIF, are passed over.
    """
    at = 2
    while (marker := _MARKER.search(data, at)) is not None:
        number, at = marker[1][0], marker.end()
        if number in (0x01, 0xD8, 0xD9):
            yield number, b""
            if number == 0xD9:
                return
            continue
        length = max(2, int.from_bytes(data[at : at + 2], "big"))
        yield number, data[at + 2 : at + length]
        at += length
        if at > len(data):
            return


def has_end(data: bytes) -> bool:
    """Whether the end-of-image marker is there."""
    return any(number == 0xD9 for number, _ in segments(data))


def scans_lack(data: bytes) -> str:
    """What the scans of a progressive JPEG leave out, in words; "" where every coefficient is given.

    A file that ends between two scans decodes without a warning, but only coarsely.
    Raises ValueError for more than MOST_SCANS scans.
    """
    left: dict[tuple[int, int], int] = {}
    scans = 0
    for number, body in segments(data):
        if number in _PROGRESSIVE and len(body) >= 6:
            left = {(body[6 + 3 * i], k): 1 for i in range((len(body) - 6) // 3) for k in _WHOLE_BLOCK}
        elif number == 0xDA and body:
            scans += 1
            if scans > MOST_SCANS:
                raise ValueError(f"more than {MOST_SCANS} scans, which no camera writes")
            if not left or len(body) < 4 + 2 * body[0]:
                continue
            first, last, bits = body[1 + 2 * body[0] : 4 + 2 * body[0]]
            for i in range(body[0]):
                for k in range(first, min(last, 63) + 1):
                    left[body[1 + 2 * i], k] = bits & 15
    return "its last scans, which hold the fine detail" if any(left.values()) else ""


def decoded(data: bytes, colours: str) -> tuple[npt.NDArray[Any] | None, str]:
    """Pixels uint8, (H, W) for `colours` "GRAY", (H, W, 3) for "RGB" and (H, W, 4) for "CMYK", and what is
    wrong inside, in the words of libjpeg ("" where nothing is). None where nothing can be decoded.

    Raises ValueError for more than MOST_SCANS scans.
    """
    lacking = scans_lack(data)
    try:
        pixels = simplejpeg.decode_jpeg(data, colours)
        wrong = f"it lacks {lacking}" if lacking else ""
    except ValueError as warning:
        wrong = str(warning)
        try:
            pixels = simplejpeg.decode_jpeg(data, colours, strict=False)
        except ValueError as error:
            return None, str(error)
    return np.asarray(pixels[..., 0] if colours == "GRAY" else pixels), wrong
