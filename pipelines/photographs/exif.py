"""EXIF as text. Damage in it never costs the photograph: what can be read is kept, the rest is left out."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image, JpegImagePlugin

log = logging.getLogger(__name__)

LONGEST_VALUE = 400
"""Characters kept of one value; longer ones end in "…"."""

_POINTERS = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop, ExifTags.IFD.MakerNote})


def exif_text(exif: Image.Exif) -> dict[str, str]:
    """The tags of the main, the Exif and the GPS directory by name, values as text.

    Rationals are written as numbers, several values with commas between, unreadable bytes as their number. A
    tag without a known name is written in hexadecimal. Maker notes are left out.
    """
    texts: dict[str, str] = {}
    for group, names in (
        (None, ExifTags.TAGS),
        (ExifTags.IFD.Exif, ExifTags.TAGS),
        (ExifTags.IFD.GPSInfo, ExifTags.GPSTAGS),
    ):
        # Pillow's parser raises whatever a damaged directory makes it stumble over, of no promised class.
        try:
            tags: Mapping[int, Any] = dict(exif) if group is None else exif.get_ifd(group)
        except Exception as error:
            log.warning("EXIF directory %s left out: %s", group or "main", error)
            continue
        for tag, value in tags.items():
            if tag not in _POINTERS:
                texts[names.get(tag, f"0x{tag:04X}")] = _value_text(value)
    return texts


def exif_of_block(block: bytes) -> Image.Exif:
    """EXIF from the bytes of an Exif block or of a whole TIFF; empty where they cannot be parsed."""
    exif = Image.Exif()
    try:
        exif.load(block)
    except Exception as error:
        log.warning("EXIF left out: %s", error)
        return Image.Exif()
    return exif


def exif_of_raw(data: bytes) -> dict[str, str]:
    """EXIF text of a camera raw file; empty where the maker's container is not one of those known here.

    TIFF-built files (DNG, CR2, NEF, ARW, PEF, SRW, ORF, RW2), CR3 and RAF.
    """
    if data[:2] in (b"II", b"MM"):
        # Olympus and Panasonic put their own number where TIFF has 42.
        forty_two = b"*\x00" if data[:2] == b"II" else b"\x00*"
        return exif_text(exif_of_block(data[:2] + forty_two + data[4:]))
    if data[8:12] == b"crx ":
        texts: dict[str, str] = {}
        for box in (b"CMT1", b"CMT2"):
            at = data.find(box, 0, 1 << 16)
            if at >= 4:
                length = int.from_bytes(data[at - 4 : at], "big") - 8
                texts |= exif_text(exif_of_block(data[at + 4 : at + 4 + max(length, 0)]))
        return texts
    if data.startswith(b"FUJIFILMCCD-RAW") and len(data) > 92:
        at, length = int.from_bytes(data[84:88], "big"), int.from_bytes(data[88:92], "big")
        try:
            preview = JpegImagePlugin.JpegImageFile(io.BytesIO(data[at : at + length]))
            return exif_text(preview.getexif())
        except Exception as error:
            log.warning("EXIF of the preview left out: %s", error)
    return {}


def _value_text(value: Any) -> str:
    if isinstance(value, bytes):
        stripped = value.strip(b"\x00 ")
        if not all(32 <= byte < 127 for byte in stripped):
            return f"({len(value)} bytes)"
        value = stripped.decode("ascii")
    if isinstance(value, (tuple, list)):
        value = ", ".join(_value_text(item) for item in value[:64])
    text = "".join(character for character in str(value) if character.isprintable()).strip()
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
