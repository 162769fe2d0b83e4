"""Which format a file's bytes are in, which extensions belong to it, and whether the bytes are all there.

Told from the content alone: the extension is only compared with it. Nothing here decodes pixels.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import BinaryIO

from pipelines.photographs import tiff_tags

EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "WebP": (".webp",),
    "HEIF": (".heic", ".heif", ".hif"),
    "camera raw": (
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".raf", ".orf", ".rw2"),
        *(
            ".pef",
            ".srw",
            ".3fr",
            ".fff",
            ".iiq",
            ".erf",
            ".mef",
            ".mos",
            ".mrw",
            ".rwl",
            ".x3f",
            ".kdc",
            ".dcr",
        ),
    ),
    "video": (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".3gp", ".mts", ".m2ts", ".mpg", ".mpeg"),
    "GIF": (".gif",),
    "AVIF": (".avif",),
    "JPEG XL": (".jxl",),
    "JPEG 2000": (".jp2", ".j2k", ".jpx"),
    "Photoshop": (".psd", ".psb"),
    "PDF": (".pdf",),
}
"""The extensions of each format, the usual one first; also of formats recognised only to be named."""

PHOTO_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WebP", "HEIF", "camera raw")

HEAD = 4096
"""As many of a file's first bytes as tell its format, camera raw within TIFF apart."""

_FORMAT_OF = {extension: name for name, extensions in EXTENSIONS.items() for extension in extensions}

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"IIRO", "camera raw"),
    (b"IIRS", "camera raw"),
    (b"MMOR", "camera raw"),
    (b"IIU\x00", "camera raw"),
    (b"\x00MRM", "camera raw"),
    (b"FOVb", "camera raw"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"8BPS", "Photoshop"),
    (b"%PDF-", "PDF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\x00\x00\x01\xba", "video"),
)

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def extension_format(extension: str) -> str | None:
    """The format that an extension such as ".jpg" (any case) promises; None where it promises none."""
    return _FORMAT_OF.get(extension.lower())


def sniff(data: bytes) -> str | None:
    """The format of a file's bytes, a key of EXTENSIONS; None where they are of no known format.

    `data` may be the first 4096 bytes, but a camera raw file in a TIFF is then called a TIFF where its own
    directory lies further on.
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            if name == "TIFF" and (data[8:10] == b"CR" or tiff_tags.is_sensor_data(data)):
                return "camera raw"
            return name
    if data[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"AVI ": "video"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _iso_format(data)
    if data[4:8] in _QUICKTIME_BOXES or (len(data) > 376 and data[0] == data[188] == data[376] == 0x47):
        return "video"
    if (
        data[:2] == b"BM"
        and len(data) >= 18
        and struct.unpack_from("<I", data, 14)[0] in (12, 40, 52, 56, 64, 108, 124)
    ):
        return "BMP"
    return None


def lacks(data: bytes, name: str) -> str | None:
    """What a file of the format `name` lacks at its end, in words; None if nothing or it cannot be told.

    Not of a JPEG, of which only decoding tells.
    """
    if name == "WebP":
        return riff_lacks(data[:12], len(data))
    if name == "HEIF" or data[4:8] == b"ftyp":
        return boxes_lack(io.BytesIO(data), len(data))
    # Of raw files only DNG is a TIFF by the book; others' lengths are not always what their makers' tags say.
    checks = {"PNG": _png_lacks, "TIFF": _tiff_lacks, "BMP": _bmp_lacks}
    if name == "camera raw" and data[:4] in (b"II*\0", b"MM\0*") and tiff_tags.is_dng(data):
        return _tiff_lacks(data)
    check = checks.get(name)
    return check(data) if check else None


def boxes_lack(stream: BinaryIO, size: int) -> str | None:
    """What an ISO base media file (HEIF, MP4, QuickTime, CR3) of `size` bytes lacks at its end, in words."""
    at = 0
    while at < size:
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8:
            return "the last box's header"
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length == 0:
            return None
        if length < 8 or at + length > size:
            return f"{at + max(length, 8) - size} bytes of the box {head[4:8].decode('latin-1')!r}"
        at += length
    return None


def riff_lacks(head: bytes, size: int) -> str | None:
    """What a RIFF file (WebP, AVI) of `size` bytes, beginning with `head`, lacks at its end, in words."""
    if len(head) < 12:
        return "the file header"
    missing = 8 + struct.unpack_from("<I", head, 4)[0] - size
    return f"{missing} bytes" if missing > 0 else None


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP from its header, which its decoder reads only as it claims the memory."""
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X" and len(body) == 10:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and len(body) >= 5:
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(body) == 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _iso_format(data: bytes) -> str:
    end = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    major, brands = data[8:12], {data[8:12]} | {data[i : i + 4] for i in range(16, end, 4)}
    if major == b"crx ":
        return "camera raw"
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1") and b"avif" in brands):
        return "AVIF"
    return "HEIF" if major in _HEIF_BRANDS else "video"


def _png_lacks(data: bytes) -> str | None:
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return None
        at += 12 + length
    return "the end chunk"


def sound_png(data: bytes) -> tuple[bytes, str]:
    """A complete PNG with right checksums, and what is wrong with it in words ("" where nothing is).

    Chunks that carry only remarks or EXIF and whose checksum is wrong are left out without a word: damage
    there loses no pixel, but a decoder refuses the file. Where the checksum of a chunk that pixels depend on
    is wrong, the words say so, and it is put right so that what is left can be decoded.
    """
    kept, at, whole, wrong = [data[:8]], 8, True, ""
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        checksum = zlib.crc32(data[at + 4 : end])
        if checksum == int.from_bytes(data[end : end + 4], "big"):
            kept.append(data[at : end + 4])
        elif kind[0] & 0x20:
            whole = False
        else:
            whole = False
            wrong = wrong or f"the checksum of chunk {kind.decode('latin-1')!r} at byte {at} is wrong"
            kept.append(data[at:end] + checksum.to_bytes(4, "big"))
        if kind == b"IEND":
            break
        at = end + 4
    return (data if whole else b"".join(kept)), wrong


def _tiff_lacks(data: bytes) -> str | None:
    try:
        missing = max((tiff_tags.pixels_end(d) for d in tiff_tags.directories(data)), default=0) - len(data)
    except tiff_tags.CutShortError as error:
        return f"a directory or its values: {error}"
    return f"{missing} bytes of pixels" if missing > 0 else None


def _bmp_lacks(data: bytes) -> str | None:
    if len(data) < 26:
        return "the file header"
    start, header = struct.unpack_from("<II", data, 10)
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    elif len(data) < 34:
        return "the file header"
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    # Only uncompressed rows have a length that can be told without decoding.
    if compression not in (0, 3, 6):
        return None
    missing = start + (abs(width) * bits + 31) // 32 * 4 * abs(height) - len(data)
    return f"{missing} bytes of pixels" if missing > 0 else None
