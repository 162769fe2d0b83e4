"""What is wrong with a file before a pixel of it is decoded, one error class per cause."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from pipelines.errors import (
    PhotoDamagedError,
    PhotoEmptyError,
    PhotoError,
    PhotoFormatError,
    PhotoMissingError,
    PhotoPermissionError,
    PhotoRenamedError,
    PhotoTooLargeError,
    PhotoTruncatedError,
)
from pipelines.photographs import formats
from pipelines.types import Failure

MOST_PIXELS = 200_000_000

MOST_DECODED_BYTES = 1 << 30
"""Bytes that a picture of 16-bit colour may take once it is decoded, told from its header."""


def regular_size(path: Path) -> int:
    """The bytes in an ordinary, non-empty file; raises the PhotoError that says what it is instead."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise PhotoFormatError(f"{path.name}: is a folder; give a photograph in it, or read it as a series.")
    if not stat.S_ISREG(status.st_mode):
        raise PhotoFormatError(f"{path.name}: is not an ordinary file; copy the photograph to a disk first.")
    if status.st_size == 0:
        raise PhotoEmptyError(f"{path.name}: is empty (0 bytes). Copy it again from the camera or its card.")
    return status.st_size


def file_sha256(path: Path) -> str:
    """SHA-256 of an ordinary, non-empty file, read a piece at a time. Raises a PhotoError."""
    regular_size(path)
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def check_format(path: Path, name: str | None, wanted: tuple[str, ...]) -> str:
    """The content's format `name`; raises where it is not one `wanted`, or a video is not called one."""
    said = formats.extension_format(path.suffix)
    if name is None:
        what = f"that of a {said} file" if said else "a photograph or a video"
        raise PhotoFormatError(
            f"{path.name}: its content is not {what}. Expected {', '.join(formats.PHOTO_FORMATS)}, video; "
            "open it where it came from and export it as TIFF, PNG or JPEG, or take it out of the folder."
        )
    if said is not None and said != name and (name not in wanted or name == "video"):
        raise PhotoRenamedError(
            f"{path.name}: the extension {path.suffix} says {said}, but the content is {name}. "
            f"Rename a copy to {path.stem}{formats.EXTENSIONS[name][0]}, or as the camera had named it."
        )
    if name not in wanted:
        advice = "read its frames as a video" if name == "video" else "export it as TIFF, PNG or JPEG"
        if name in formats.PHOTO_FORMATS:
            advice = "read it as a photograph"
        raise PhotoFormatError(f"{path.name}: is {name}, expected {' or '.join(wanted)}; {advice}.")
    return name


def suffix_notice(path: Path, name: str) -> Failure | None:
    """The notice that the extension says another format than the content, `name`."""
    said = formats.extension_format(path.suffix)
    if said in (None, name):
        return None
    return Failure(
        "renamed",
        f"{path.name}: the extension {path.suffix} says {said}, but the content is {name}, and read as such",
    )


def damage(path: Path, name: str, wrong: str, may_be_read: bool) -> Failure:
    """The notice for a file that is damaged inside; raised as PhotoDamagedError unless it may be read."""
    what = f"{path.name}: damaged {name} file ({wrong}); part of the picture is lost or in the wrong place."
    if may_be_read:
        return Failure("damaged", f"{what} What is left is used; trust no character of it alone.")
    raise PhotoDamagedError(
        f"{what} Copy it again from the camera or its card. What is left can be looked at; it is read only "
        "when asked, with --damaged."
    )


def truncated(path: Path, name: str, lacking: str) -> PhotoTruncatedError:
    """The error for a file of the format `name` that ends too early; `lacking` says what is not there."""
    return PhotoTruncatedError(
        f"{path.name}: the {name} file is cut short; it lacks {lacking}. "
        "Copy it again from the camera or its card."
    )


def check_pixels(path: Path, width: int, height: int) -> None:
    """Raises where a picture is larger than 200 megapixels or has no pixels."""
    if width <= 0 or height <= 0:
        raise PhotoFormatError(
            f"{path.name}: its header says {width} × {height} pixels. "
            "Copy it again from the camera or its card."
        )
    if width * height > MOST_PIXELS:
        raise PhotoTooLargeError(
            f"{path.name}: {width} × {height} pixels are {width * height / 1e6:.0f} megapixels, at most "
            f"{MOST_PIXELS // 1_000_000} are read. Cut the part with the marking out of a copy."
        )


def check_memory(path: Path, decoded_bytes: int) -> None:
    """Raises where decoding would take more memory than MOST_DECODED_BYTES."""
    if decoded_bytes > MOST_DECODED_BYTES:
        raise PhotoTooLargeError(
            f"{path.name}: its pixels take {decoded_bytes / 2**30:.1f} GiB once decoded, at most "
            f"{MOST_DECODED_BYTES >> 30} GiB are read. Cut the part with the marking out of a copy."
        )


def unreadable(path: Path, error: Exception) -> PhotoError:
    """The PhotoError for a file that the system could not open or read."""
    if isinstance(error, PermissionError):
        return PhotoPermissionError(
            f"{path.name}: no permission to read it. Change its permissions ({path})."
        )
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        return PhotoMissingError(
            f"{path.name}: there is no such file ({path}). Check the path, or take it out."
        )
    return PhotoError(f"{path.name}: cannot be read: {reason} ({path}). Check the disk and the path.")
