"""The originals of a casebook: files named by their SHA-256, taken in once and never written again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from examiner.examination.acts import AddedPhoto
from pipelines.errors import ExitCode, MarkingError, PhotoError
from pipelines.photographs.file_checks import file_sha256, regular_size, unreadable
from pipelines.types import Proposal

_CHUNK = 1 << 20

INCOMING = ".incoming-"
"""How the name of a copy begins that is not complete yet."""


@dataclass(frozen=True)
class PhotoSource:
    """A photograph to take in; with `frame_time_s`, the frame at that time of a video."""

    path: Path
    frame_time_s: float | None = None


@dataclass(frozen=True)
class StoredPhoto:
    """A photograph of an examination: the name it was given with, and its original inside the casebook."""

    name: str
    path: Path
    sha256: str
    frame_time_s: float | None = None


class OriginalsFolderError(MarkingError):
    """A photograph that cannot be kept: the disk is full, or the folder cannot be written to."""

    kind = "originals_folder"
    exit_code = ExitCode.RECORD


class OriginalChangedError(MarkingError):
    """An original in the casebook that is gone or no longer has the hash it was taken in with."""

    kind = "original_changed"
    exit_code = ExitCode.RECORD


def place_of(originals: Path, sha256: str, extension: str) -> Path:
    """Where an original lies: `ab/<sha256><extension>`."""
    return originals / sha256[:2] / f"{sha256}{extension}"


def extension_of(name: str) -> str:
    """The extension that a copy keeps: lower case, letters and digits only, else none."""
    suffix = Path(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,10}", suffix) else ""


def entry(source: PhotoSource, sha256: str) -> dict[str, Any]:
    """What the ledger records of a photograph taken in. Inverse: `stored`."""
    return {
        # A name on disk may hold bytes that are no text; the record shows them as escapes.
        "name": os.fsencode(source.path.name).decode("utf-8", "backslashreplace"),
        "sha256": sha256,
        "extension": extension_of(source.path.name),
        "frame_time_s": source.frame_time_s,
    }


def entry_of(photo: AddedPhoto) -> dict[str, Any]:
    """The ledger's entry of a photograph that an act or a file names."""
    return asdict(photo)


def stored(originals: Path, entry: Mapping[str, Any]) -> StoredPhoto:
    """The photograph that a ledger entry names."""
    path = place_of(originals, entry["sha256"], entry["extension"])
    return StoredPhoto(entry["name"], path, entry["sha256"], entry["frame_time_s"])


def wrong(photo: StoredPhoto) -> str | None:
    """What is wrong with a photograph's original, or None."""
    try:
        check(photo.path, photo.sha256)
    except OriginalChangedError as error:
        return f"{error} (given as {photo.name})"
    return None


def misfit(photos: Sequence[StoredPhoto], proposal: Proposal) -> str | None:
    """Why a proposal is not about these photographs in this order, or None."""
    if len(proposal.photos) != len(photos):
        return f"the proposal is about {len(proposal.photos)} photographs, the examination has {len(photos)}"
    for index, (named, kept) in enumerate(zip(proposal.photos, photos, strict=True)):
        if named.sha256 not in (None, kept.sha256):
            return (
                f"photograph {index} of the proposal has SHA-256 {named.sha256}, that of the examination "
                f"({kept.name}) {kept.sha256}"
            )
    for line in proposal.lines:
        if not 0 <= line.frame < len(photos):
            return f"the proposal names photograph {line.frame}, there are {len(photos)}"
    return None


def take_in(originals: Path, source: Path) -> str:
    """Copies a file in and returns its SHA-256; once it returns the copy is on the disk.

    The file is opened read-only and left as it is. A copy that is there already is checked and kept. Raises a
    PhotoError where the file cannot be read or changes while it is read, OriginalChangedError where the copy
    that is there already has been changed, OriginalsFolderError where it cannot be kept.
    """
    regular_size(source)
    incoming = originals / f"{INCOMING}{uuid.uuid4().hex}"
    try:
        sha256 = _copied(source, incoming)
        target = place_of(originals, sha256, extension_of(source.name))
        if target.exists():
            check(target, sha256)
        else:
            target.parent.mkdir(mode=0o700, exist_ok=True)
            incoming.replace(target)
            sync_folder(target.parent)
            sync_folder(originals)
    except OSError as error:
        raise OriginalsFolderError(
            f"{source.name}: cannot be kept in {originals} ({error.strerror or error}). Nothing was begun "
            "with it; make room on the disk or have the folder opened for writing, and try again"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            incoming.unlink(missing_ok=True)
    return sha256


def check(path: Path, sha256: str) -> None:
    """Raises OriginalChangedError unless the file is there with this SHA-256."""
    try:
        now = file_sha256(path)
    except PhotoError as error:
        raise OriginalChangedError(
            f"original {path.name}: cannot be read ({error.kind}); bring it back from a backup"
        ) from error
    if now != sha256:
        raise OriginalChangedError(
            f"original {path.name}: its content was changed, SHA-256 is {now}; bring it back from a backup"
        )


def _copied(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    try:
        stream = source.open("rb")
    except OSError as error:
        raise unreadable(source, error) from error
    with stream, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as copy:
        before = os.fstat(stream.fileno())
        while chunk := _read(stream, source):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
        after = os.fstat(stream.fileno())
    # A camera or a copy still under way: half a photograph must not become the original.
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise PhotoError(
            f"{source.name}: changed while it was taken in; wait until it is completely saved and try again."
        )
    return digest.hexdigest()


def _read(stream: BinaryIO, source: Path) -> bytes:
    """The next part of a file; what fails here is the file's fault, not the folder's."""
    try:
        return stream.read(_CHUNK)
    except OSError as error:
        raise unreadable(source, error) from error


def sync_folder(folder: Path) -> None:
    """Puts the folder's list of names on the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
