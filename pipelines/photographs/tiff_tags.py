"""The tags of a TIFF, read without decoding a pixel.

Camera raw files are TIFFs as well, so this says which of the two a file is; it also says how long a complete
file must be, which the decoders do not check.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NEW_SUBFILE_TYPE = 254
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_LENGTHS, PLANAR = 273, 274, 277, 279, 284
TILE_OFFSETS, TILE_LENGTHS, SUB_DIRECTORIES, SAMPLE_FORMAT = 324, 325, 330, 339
DNG_VERSION = 50706

SENSOR_PHOTOMETRICS = frozenset({32803, 34892})
"""Colour filter array and linear raw: what only a camera's raw file holds."""

MOST_DIRECTORIES = 64
MOST_VALUES = 1 << 22

_KINDS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_SIZES = {1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8}


class CutShortError(Exception):
    """A directory or a value lies beyond the end of the bytes."""


@dataclass(frozen=True)
class Tag:
    """Unsigned integer values of one tag, and where in the file the first of them stands."""

    values: tuple[int, ...]
    offset: int


Directory = Mapping[int, Tag]


def directories(data: bytes, inner: bool = True) -> Iterator[Directory]:
    """Each directory, first directory first, with its sub-directories where `inner`; integer tags only.

    Classic TIFF and BigTIFF of either byte order. At most 64 directories, each once. Raises CutShortError
    where one lies beyond the end of `data`.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = _unpack(order + "H", data, 2)[0] == 43
    first = _unpack(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    waiting, seen = [first], set[int]()
    while waiting and len(seen) < MOST_DIRECTORIES:
        at = waiting.pop(0)
        if at == 0 or at in seen:
            continue
        seen.add(at)
        directory, following = _directory(data, at, order, big)
        yield directory
        below = directory.get(SUB_DIRECTORIES) if inner else None
        waiting.extend(below.values[:MOST_DIRECTORIES] if below else ())
        waiting.append(following)


def first_value(directory: Directory, tag: int, default: int) -> int:
    """The first value of a tag, or what the TIFF standard says where it is absent."""
    entry = directory.get(tag)
    return entry.values[0] if entry and entry.values else default


def is_sensor_data(data: bytes) -> bool:
    """Whether a TIFF is a camera raw file: a DNG, or one with pixels of a colour filter array.

    A directory beyond the end of the bytes ends the search; what was found up to there counts.
    """
    try:
        for directory in directories(data):
            if DNG_VERSION in directory or first_value(directory, PHOTOMETRIC, -1) in SENSOR_PHOTOMETRICS:
                return True
    except CutShortError:
        return False
    return False


def is_dng(data: bytes) -> bool:
    """Whether the first directory of a TIFF carries the version tag of a DNG."""
    try:
        return DNG_VERSION in next(directories(data), {})
    except CutShortError:
        return False


def pixels_end(directory: Directory) -> int:
    """The offset one past the last byte of a directory's pixels, 0 where it names none."""
    end = 0
    for offsets, lengths in ((STRIP_OFFSETS, STRIP_LENGTHS), (TILE_OFFSETS, TILE_LENGTHS)):
        if offsets in directory and lengths in directory:
            pairs = zip(directory[offsets].values, directory[lengths].values, strict=False)
            end = max((end, *(offset + length for offset, length in pairs)))
    return end


def with_orientation_1(data: bytes, directory: Directory) -> bytes:
    """The file's bytes with the orientation tag of `directory` set to 1.

    OpenCV and Pillow turn a TIFF as they decode it; pixels as stored need the tag out of their sight.
    """
    tag = directory.get(ORIENTATION)
    if tag is None or tag.values[:1] in ((), (1,)):
        return data
    one = b"\x01\x00" if data[:2] == b"II" else b"\x00\x01"
    return data[: tag.offset] + one + data[tag.offset + 2 :]


def _directory(data: bytes, at: int, order: str, big: bool) -> tuple[Directory, int]:
    count = _unpack(order + ("Q" if big else "H"), data, at)[0]
    start, entry_size, inline, value_at = (at + 8, 20, 8, 12) if big else (at + 2, 12, 4, 8)
    tags: dict[int, Tag] = {}
    for index in range(min(count, 1 << 16)):
        entry = start + index * entry_size
        tag, kind = _unpack(order + "HH", data, entry)
        number = _unpack(order + ("Q" if big else "I"), data, entry + 4)[0]
        if kind not in _KINDS or number > MOST_VALUES:
            continue
        offset = entry + value_at
        if number * _SIZES[kind] > inline:
            offset = _unpack(order + ("Q" if big else "I"), data, offset)[0]
        tags[tag] = Tag(_unpack(f"{order}{number}{_KINDS[kind]}", data, offset), offset)
    end = start + count * entry_size
    # The last directory's link is missing in some cameras' files; nothing follows it, so it is no loss.
    if end + (8 if big else 4) > len(data):
        return tags, 0
    return tags, _unpack(order + ("Q" if big else "I"), data, end)[0]


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except (struct.error, OverflowError) as error:
        raise CutShortError(f"bytes {at} and on are missing") from error
