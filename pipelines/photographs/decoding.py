"""Decoding one photograph's bytes to pixels as stored, EXIF orientation and EXIF text."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
import rawpy
import tifffile
from PIL import BmpImagePlugin, ImageFile, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from PIL.Image import Image as PillowImage

from pipelines.errors import PhotoFormatError
from pipelines.photographs import formats, jpeg, tiff_tags
from pipelines.photographs.exif import exif_of_block, exif_of_raw, exif_text
from pipelines.photographs.file_checks import check_memory, check_pixels, damage, truncated
from pipelines.photographs.several_pictures import has_planes, jpeg_picture, tiff_stack
from pipelines.types import Failure

log = logging.getLogger(__name__)

# The classes themselves, not Image.open: its limit on pixels is a global of the process and below ours.
_PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
}

# None and deflate; for the others tifffile needs a package that is not among ours.
_TIFFFILE_COMPRESSIONS = frozenset({1, 8, 32946})

# LibRaw's flip: bit 4 swaps rows and columns, 2 turns top and bottom, 1 left and right.
_FLIP_ORIENTATION = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}

Pixels = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Decoded:
    """`pixels` as stored, (H, W) or (H, W, 3), uint8 or uint16; EXIF orientation; EXIF text; what is odd."""

    pixels: Pixels
    orientation: int
    exif: dict[str, str]
    notices: tuple[Failure, ...] = ()
    luminance_steps: tuple[int, ...] = ()
    alpha: Pixels | None = None


def decode(
    path: Path, data: bytes, name: str, grey: bool = False, damaged: bool = False, number: int = 0
) -> Decoded:
    """Picture `number`, from 0, of the bytes of a complete file of the format `name`; `path` is for messages
    only. With `grey` the decoder may leave out colour where that is quicker. With `damaged` what is left of a
    damaged picture is decoded, with a notice; without, such a picture is a PhotoDamagedError.

    Raises a PhotoError for what is recognised as wrong, and whatever the decoder raises for the rest.
    """
    if name == "HEIF":
        return _decode_heif(path, data, number)
    if name == "camera raw":
        return _decode_raw(path, data)
    if name == "TIFF":
        return _decode_tiff(path, data, number)
    if name == "JPEG" and number:
        data = jpeg_picture(data, number)
    return _decode_plain(path, data, name, grey, damaged)


def _decode_plain(path: Path, data: bytes, name: str, grey: bool, damaged: bool) -> Decoded:
    orientation = 1
    notices: list[Failure] = []
    if name == "WebP":
        check_pixels(path, *(formats.webp_size(data) or (0, 0)))
    if name == "PNG":
        data, wrong = formats.sound_png(data)
        if wrong:
            notices.append(damage(path, name, wrong, damaged))
    with _PLUGINS[name](io.BytesIO(data)) as picture:
        check_pixels(path, *picture.size)
        exif = _exif(picture)
        if re.fullmatch("[1-8]", exif.get("Orientation", "")):
            orientation = int(exif["Orientation"])
        if name == "PNG" and data[24] == 16 and data[25] != 0:
            check_memory(path, picture.size[0] * picture.size[1] * 8)
            picture.load()
            return _alpha_apart(_decode_16_bit_colour(data, {}), orientation, exif, tuple(notices))
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            return _decode_jpeg(path, data, picture, orientation, exif, grey, damaged)
        picture.load()
        pixels = _as_grey_or_rgb(path, picture)
        return Decoded(pixels, orientation, exif, tuple(notices), alpha=_alpha(picture))


def _decode_tiff(path: Path, data: bytes, number: int) -> Decoded:
    chain = list(tiff_tags.directories(data, inner=False))
    planes = tiff_stack(data) if len(chain) == 1 and has_planes(data) else None
    directory = chain[0 if planes is not None else number] if chain else {}
    _check_tiff(path, directory)
    orientation = tiff_tags.first_value(directory, tiff_tags.ORIENTATION, 1)
    for each in chain:
        data = tiff_tags.with_orientation_1(data, each)
    with _PLUGINS["TIFF"](io.BytesIO(data)) as picture:
        exif = _exif(picture)
        exif |= {"Orientation": str(orientation)} if tiff_tags.ORIENTATION in directory else {}
        if planes is not None:
            pixels = np.ascontiguousarray(planes[number])
            if pixels.dtype not in (np.uint8, np.uint16):
                raise ValueError(f"its pixels are {pixels.dtype}; export it as 8 or 16 bits")
            return Decoded(pixels, orientation, exif)
        if _has_16_bit_colour(directory):
            return _alpha_apart(_decode_16_bit_colour(data, directory, number), orientation, exif, ())
        picture.seek(number)
        picture.load()
        pixels, alpha = _as_grey_or_rgb(path, picture), _alpha(picture)
    if pixels.dtype == np.uint16 and tiff_tags.first_value(directory, tiff_tags.PHOTOMETRIC, 1) == 0:
        pixels = 65535 - pixels
    return Decoded(pixels, orientation, exif, alpha=alpha)


def _alpha(picture: PillowImage) -> Pixels | None:
    if picture.mode in ("RGBA", "LA", "PA") or (picture.mode == "P" and "transparency" in picture.info):
        return np.asarray(picture.convert("RGBA").getchannel("A"))
    return None


def _alpha_apart(
    pixels: Pixels, orientation: int, exif: dict[str, str], notices: tuple[Failure, ...]
) -> Decoded:
    alpha = pixels[..., -1] if pixels.ndim == 3 and pixels.shape[2] in (2, 4) else None
    plain = pixels if pixels.ndim == 2 else _without_alpha(pixels)
    return Decoded(plain, orientation, exif, notices, alpha=alpha)


def _decode_jpeg(
    path: Path,
    data: bytes,
    picture: JpegImagePlugin.JpegImageFile,
    orientation: int,
    exif: dict[str, str],
    grey: bool,
    damaged: bool,
) -> Decoded:
    notices: list[Failure] = []
    whole = jpeg.has_end(data)
    colours = {"L": "GRAY", "RGB": "GRAY" if grey else "RGB", "CMYK": "CMYK"}[picture.mode]
    pixels, wrong = jpeg.decoded(data if whole else data + jpeg.END, colours)
    if wrong and not whole and not damaged:
        raise truncated(path, "JPEG", "the end-of-image marker, and part of the picture")
    if wrong:
        notices.append(damage(path, "JPEG", wrong, damaged and pixels is not None))
    elif not whole:
        message = (
            f"{path.name}: the JPEG file has no end-of-image marker; every block of the picture is there"
        )
        notices.append(Failure("no_end_marker", message))
    if colours == "CMYK":
        # Only the warnings were wanted; which of the ways to write CMYK this is, Pillow knows.
        picture = JpegImagePlugin.JpegImageFile(io.BytesIO(data if whole else data + jpeg.END))
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels is not None
    steps = () if colours == "CMYK" else tuple(picture.quantization.get(picture.layer[0][3], ()))
    return Decoded(pixels, orientation, exif, tuple(notices), steps if len(steps) == 64 else ())


def _exif(picture: PillowImage) -> dict[str, str]:
    try:
        return exif_text(picture.getexif())
    except Exception as error:
        log.warning("EXIF left out: %s", error)
        return {}


def _check_tiff(path: Path, directory: tiff_tags.Directory) -> None:
    """Raises for what would be decoded wrongly: samples other than whole numbers of 1, 2, 4, 8, 16 bits."""
    width, height = (tiff_tags.first_value(directory, tag, 0) for tag in (tiff_tags.WIDTH, tiff_tags.HEIGHT))
    check_pixels(path, width, height)
    bits = tiff_tags.first_value(directory, tiff_tags.BITS, 1)
    kind = tiff_tags.first_value(directory, tiff_tags.SAMPLE_FORMAT, 1)
    if bits not in (1, 2, 4, 8, 16) or kind not in (1, 4):
        sort = {2: "signed", 3: "floating-point"}.get(kind, "unsigned")
        raise PhotoFormatError(
            f"{path.name}: a TIFF of {bits}-bit {sort} samples; expected unsigned whole numbers of 8 or 16 "
            "bits. Export it as such."
        )
    photometric = tiff_tags.first_value(directory, tiff_tags.PHOTOMETRIC, 1)
    if bits == 16 and photometric not in (0, 1, 2):
        raise PhotoFormatError(
            f"{path.name}: a 16-bit TIFF that is neither grey nor RGB (photometric interpretation "
            f"{photometric}). Export it as RGB."
        )


def _has_16_bit_colour(directory: tiff_tags.Directory) -> bool:
    """Whether it is of the kind that Pillow would cut down to 8 bits."""
    return (
        tiff_tags.first_value(directory, tiff_tags.BITS, 1) == 16
        and tiff_tags.first_value(directory, tiff_tags.SAMPLES, 1) >= 2
    )


def _decode_16_bit_colour(data: bytes, directory: tiff_tags.Directory, number: int = 0) -> Pixels:
    compression = tiff_tags.first_value(directory, tiff_tags.COMPRESSION, 1)
    separate = tiff_tags.first_value(directory, tiff_tags.PLANAR, 1) == 2
    pixels: Pixels | None
    if directory and compression in _TIFFFILE_COMPRESSIONS:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            pixels = tiff.pages[number].asarray(maxworkers=1)
        if separate:
            pixels = np.moveaxis(pixels, 0, 2)
    elif separate:
        # OpenCV takes the separate planes for pixels and gives a picture that only looks wrong.
        raise ValueError("its 16-bit channels are stored apart and compressed; export it uncompressed")
    else:
        pixels = _by_opencv(data, number)
        if pixels is not None and pixels.ndim == 3:
            pixels = pixels[..., [2, 1, 0, *range(3, pixels.shape[2])]]
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its 16-bit pixels cannot be decoded; export it uncompressed")
    return pixels


def _by_opencv(data: bytes, number: int) -> Pixels | None:
    content = np.frombuffer(data, np.uint8)
    if number == 0:
        return cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    done, pages = cv2.imdecodemulti(content, cv2.IMREAD_UNCHANGED, range=(number, number + 1))
    return pages[0] if done and pages else None


def _without_alpha(pixels: Pixels) -> Pixels:
    return pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., 0]


def _as_grey_or_rgb(path: Path, picture: PillowImage) -> Pixels:
    mode = picture.mode
    if mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if mode in ("F", "I"):
        raise PhotoFormatError(f"{path.name}: has 32-bit pixels; expected 8 or 16 bits. Export it as such.")
    if mode in ("1", "LA", "La"):
        picture = picture.convert("L")
    elif mode == "RGBa":
        picture = picture.convert("RGBA").convert("RGB")
    elif mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    return np.asarray(picture)


def _decode_heif(path: Path, data: bytes, number: int) -> Decoded:
    pictures = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    picture = pictures[number]
    check_pixels(path, *picture.size)
    block = picture.info.get("exif") or pictures.info.get("exif")
    exif = exif_text(exif_of_block(block)) if block else {}
    return _alpha_apart(np.asarray(picture), 1, exif, ())


def _decode_raw(path: Path, data: bytes) -> Decoded:
    with rawpy.imread(io.BytesIO(data)) as raw:
        check_pixels(path, raw.sizes.raw_width, raw.sizes.raw_height)
        orientation = _FLIP_ORIENTATION.get(raw.sizes.flip, 1)
        try:
            pixels = raw.postprocess(
                user_flip=0,
                output_bps=16,
                use_camera_wb=True,
                no_auto_bright=True,
                output_color=rawpy.ColorSpace.sRGB,
            )
        except rawpy.LibRawIOError as error:
            raise truncated(path, "camera raw", "part of the sensor's data") from error
    pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    return Decoded(pixels, orientation, exif_of_raw(data))
