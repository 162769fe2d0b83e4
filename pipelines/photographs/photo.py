"""Reading photographs: pixels as stored, hash, EXIF; one error class per cause. Nothing is ever written.

A file is opened once, read-only; its hash and its pixels come from the same bytes. What it is, is told from
its content: the extension is only compared with it.

"As stored" means before EXIF orientation. Two formats have no such thing as plain stored pixels:

- HEIF: the container's own rotation, mirroring and cropping are part of decoding and are applied; the EXIF
  orientation, which the standard says to ignore beside them, counts as 1.
- Camera raw: the demosaiced sensor image, 16 bits, camera white balance, sRGB, no automatic brightening, in
  the sensor's own orientation; LibRaw's flip becomes `orientation`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import PhotoDamagedError, PhotoError, PhotoFormatError, PhotoTooLargeError
from pipelines.photographs import formats
from pipelines.photographs.capture_time import capture_time
from pipelines.photographs.decoding import decode
from pipelines.photographs.file_checks import check_format, regular_size, suffix_notice, truncated, unreadable
from pipelines.photographs.several_pictures import MULTI_PICTURE, left_out, pictures_in
from pipelines.types import Failure, Image, Matrix, Photo

MOST_BYTES = 2 << 30

SIDECARS = frozenset(
    (
        *(".csv", ".tsv", ".txt", ".json", ".toml", ".yaml", ".yml", ".xml", ".xmp", ".md", ".pdf", ".html"),
        *(".htm", ".jsonl", ".log", ".ini", ".db", ".sqlite", ".zip", ".sha256", ".docx", ".xlsx"),
        *(".parquet", ".sqlite-journal", ".part"),
        *(".thm", ".aae", ".wav", ".m4a", ".mp3", ".lrv", ".pp3", ".dop", ".cos", ".cot", ".on1", ".onphoto"),
        *(".nksc", ".nka", ".vrd", ".dr4", ".arp", ".acr", ".rpp", ".spd", ".lnk", ".url", ".tmp", ".bak"),
    )
)
"""Extensions of files that lie beside photographs and are not meant as such."""


def read_photo(
    path: str | Path, *, in_grey: bool = False, damaged: bool = False, picture: int | None = None
) -> Photo:
    """One photograph: JPEG, PNG, TIFF, BMP, WebP (8 bits; PNG and TIFF also 16), HEIF, camera raw.

    `pixels` uint8, or uint16 where the file has more than 8 bits a channel (HEIF's 10 or 12 bits are scaled
    to 16); (H, W) where the file is grey, else (H, W, 3) RGB; read-only. Palette, CMYK, YCbCr and Lab become
    RGB; alpha is dropped, not composited, so that pixels are those stored. Colour profiles are not applied.
    Of a file with several pictures, the first (HEIF: the primary one) is read and a warning is logged.

    `in_grey`: (H, W) whatever the file has, as `grey_photo` gives it up to rounding and colours out of range;
    a JPEG then takes less than half the time.

    `damaged`: a JPEG or PNG that is damaged inside, or a JPEG that ends too early, gives what is left of the
    picture, where its decoder gives something, and a notice of kind "damaged".

    `picture`: its number in a file of several, from 0; the main one where None: the first full picture of a
    TIFF, the primary one of a HEIC. What is left out is named in a notice. Values that fill at most 12 of 16
    bits are multiplied by a power of two, with a notice (`few_bits`); transparency has one (`alpha`).

    Raises a PhotoError: PhotoMissingError, PhotoPermissionError, PhotoEmptyError, PhotoTruncatedError,
    PhotoDamagedError (a decoder that warns or fails, a wrong checksum), PhotoTooLargeError (over 200
    megapixels, told from the header, or 2 GiB), PhotoRenamedError (of a format that is not read, and another
    than the extension says), PhotoFormatError (anything else that is no photograph).
    """
    path = Path(path)
    data = _read_bytes(path)
    name = check_format(path, formats.sniff(data), formats.PHOTO_FORMATS)
    lacking = formats.lacks(data, name)
    if lacking:
        raise truncated(path, name, lacking)
    pictures = pictures_in(path, data, name)
    number = pictures.main if picture is None else picture
    if not 0 <= number < len(pictures.sizes):
        raise PhotoFormatError(f"{path.name}: has no picture {number + 1}, it holds {len(pictures.sizes)}.")
    # Decoders raise classes of their own, of libraries below and of the language, for bytes that are hostile
    # enough: whatever it is, the file cannot be used and the others can.
    try:
        decoded = decode(path, data, name, in_grey, damaged, number)
    except PhotoError:
        raise
    except Exception as error:
        if "truncated" in str(error).lower() or isinstance(error, EOFError):
            raise truncated(path, name, str(error)) from error
        raise PhotoDamagedError(
            f"{path.name}: damaged {name} file ({str(error) or type(error).__name__}). "
            "Copy it again from the camera or its card."
        ) from error
    suffix = suffix_notice(path, name)
    notices = [*((suffix,) if suffix else ()), *decoded.notices]
    out = left_out(pictures, [number] if picture is None else pictures.full)
    if out and number == pictures.main:
        notices.append(Failure("several_pictures", f"{path.name}: {out}"))
    pixels, words = (decoded.pixels, "") if name == "camera raw" else _stretched(decoded.pixels)
    notices += [Failure("few_bits", f"{path.name}: {words}")] if words else []
    words = "" if decoded.alpha is None else _alpha_words(decoded.pixels, decoded.alpha)
    notices += [Failure("alpha", f"{path.name}: {words}")] if words else []
    pixels = np.ascontiguousarray(pixels)
    taken, zone = capture_time(decoded.exif)
    pixels.setflags(write=False)
    photo = Photo(
        path=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        pixels=pixels,
        format=name,
        orientation=decoded.orientation if decoded.orientation in range(1, 9) else 1,
        exif=decoded.exif,
        taken=taken or None,
        zone=zone,
        luminance_steps=decoded.luminance_steps,
        notices=tuple(notices),
        picture=number,
    )
    return grey_photo(photo) if in_grey else photo


def picture_numbers(path: str | Path) -> tuple[int, ...]:
    """The numbers of the full pictures in a file, the main one first; (0,) for what cannot be read.

    Decodes nothing."""
    path = Path(path)
    try:
        regular_size(path)  # Opening a pipe would wait for ever.
        with path.open("rb") as stream:
            name = formats.sniff(stream.read(formats.HEAD))
        if name not in ("TIFF", "HEIF", "JPEG"):
            return (0,)
        data = _read_bytes(path)
    except (PhotoError, OSError, ValueError):
        return (0,)
    if name == "JPEG" and MULTI_PICTURE not in data[: 1 << 20]:
        return (0,)
    return pictures_in(path, data, name).full or (0,)


def _stretched(pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], str]:
    """16-bit pixels whose values fill at most 12 bits, brought to the top of the range, and words for it."""
    if pixels.dtype != np.uint16:
        return pixels, ""
    bits = int(pixels.max()).bit_length()
    if bits == 0 or bits > 12:
        return pixels, ""
    return (
        pixels << (16 - bits),
        f"its values fill only {bits} of 16 bits; they are multiplied by {1 << (16 - bits)}",
    )


def _alpha_words(pixels: npt.NDArray[Any], alpha: npt.NDArray[Any]) -> str:
    """What is to be said of transparency, "" where all is opaque."""
    if alpha.min() == alpha.max() == np.iinfo(alpha.dtype).max:
        return ""
    visible = pixels[alpha > 0]
    plain = visible.size == 0 or bool(np.all(visible == visible[:1]))
    if plain and alpha.min() != alpha.max():
        return (
            "the picture is in its alpha channel (transparency) and its colours are one plain surface; "
            "export it without transparency"
        )
    return "some of its pixels are transparent; the colours stored under them are used"


def grey_photo(photo: Photo) -> Photo:
    """The photograph without its colour: see `grey`."""
    pixels = grey(photo.pixels)
    pixels.setflags(write=False)
    return replace(photo, pixels=pixels)


def upright_image(photo: Photo) -> Image:
    """The photograph with its EXIF orientation applied, float32 in [0, 1]; grey stays (H, W). A new array."""
    full = np.float32(np.iinfo(photo.pixels.dtype).max)
    return np.ascontiguousarray(np.divide(upright_pixels(photo), full, dtype=np.float32))


def upright_pixels(photo: Photo) -> npt.NDArray[Any]:
    """The stored pixels with the EXIF orientation applied, in their own type."""
    pixels = photo.pixels
    if photo.orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if photo.orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if photo.orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def upright_matrix(photo: Photo) -> Matrix:
    """3×3 homography from stored to upright pixel coordinates, centres of pixels at whole numbers."""
    height, width = photo.pixels.shape[:2]
    right, bottom = float(width - 1), float(height - 1)
    rows = {
        1: ((1, 0, 0), (0, 1, 0)),
        2: ((-1, 0, right), (0, 1, 0)),
        3: ((-1, 0, right), (0, -1, bottom)),
        4: ((1, 0, 0), (0, -1, bottom)),
        5: ((0, 1, 0), (1, 0, 0)),
        6: ((0, -1, bottom), (1, 0, 0)),
        7: ((0, -1, bottom), (-1, 0, right)),
        8: ((0, 1, 0), (-1, 0, right)),
    }[photo.orientation]
    return np.array([*rows, (0, 0, 1)], dtype=np.float64)


def grey(image: Image) -> Image:
    """Luminance 0.299 R + 0.587 G + 0.114 B of the values as they are (Rec. 601 luma), (H, W) float32.

    A grey image is returned as it is, not copied.
    """
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def photo_paths(folder: str | Path) -> list[Path]:
    """The files of a folder that are photographs or videos or may be meant as such, in natural order.

    Left out: hidden files, sub-folders and files that lie beside photographs (SIDECARS). A file that only
    looks like a photograph is listed, so that reading it says what is wrong. "2.jpg" comes before "10.jpg".
    Raises PhotoMissingError, PhotoPermissionError, or PhotoFormatError for a file in place of a folder.
    """
    folder = Path(folder)
    try:
        entries = [entry for entry in folder.iterdir() if not entry.is_dir()]
    except NotADirectoryError as error:
        raise PhotoFormatError(f"{folder.name}: is a file; give the folder that it lies in.") from error
    except OSError as error:
        raise unreadable(folder, error) from error
    photos = [entry for entry in entries if not is_sidecar(entry)]
    return sorted(photos, key=lambda entry: natural_order(entry.name))


_SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"))


def is_sidecar(path: Path) -> bool:
    """Whether a file lies beside photographs and is not meant as one."""
    name = path.name.casefold()
    return name.startswith((".", "~$")) or path.suffix.lower() in SIDECARS or name in _SYSTEM_FILES


STORAGE_FOLDERS = frozenset(
    (
        *("@eadir", "#recycle", "@recycle", "#snapshot", "@recently-snapshot", "@sharesnap", "$recycle.bin"),
        *("recycler", "recycled", "system volume information", "lost+found", "__macosx", "~snapshot"),
        *("found.000", "lost.dir", "captureone", "lightroom previews"),
    )
)
"""Folders, in small letters, that storage devices and raw developers make: previews, deleted files."""


def is_storage(folder: Path) -> bool:
    """Whether a folder is one that a storage device or a program keeps for itself, with nothing to read."""
    name = folder.name.casefold()
    return name in STORAGE_FOLDERS or name.startswith((".", "@gmt-")) or name.endswith((".lrdata", ".lrcat"))


def natural_order(name: str) -> tuple[Any, ...]:
    """A sort key that takes runs of digits as numbers and ignores case; the name itself breaks ties."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return (
        *((part, 0) if index % 2 == 0 else ("", int(part)) for index, part in enumerate(parts)),
        (name, 0),
    )


def _read_bytes(path: Path) -> bytes:
    size = regular_size(path)
    if size > MOST_BYTES:
        # A video may be longer than any photograph; whoever sent it here is told so.
        raise PhotoTooLargeError(
            f"{path.name}: {size / 2**30:.1f} GiB, a photograph of at most {MOST_BYTES >> 30} GiB is read. "
            "If it is a video, read its frames; else save a copy that is smaller."
        )
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
