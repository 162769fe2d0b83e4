"""Uploaded photographs on their way into the casebook: bytes untouched, under the names they came with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from examiner.casebook.originals import PhotoSource
from pipelines.errors import PhotoError
from pipelines.photographs.photo import read_photo
from pipelines.photographs.video import is_video, pick_frame_times

MOST_NAME_BYTES = 180


@dataclass(frozen=True)
class Incoming:
    """An uploaded file: where it lies and the name that its sender gave it."""

    path: Path
    name: str


def file_name(name: str) -> str:
    """The sender's name as the name of a file in one folder: no separators, nothing hidden, not too long."""
    plain = "".join("_" if c in "/\\\0" or not c.isprintable() else c for c in name).strip()
    plain = plain.lstrip(".") or "photograph"
    stem, dot, suffix = plain.rpartition(".")
    while len(plain.encode()) > MOST_NAME_BYTES:
        stem = stem[:-1]
        plain = (stem or "photograph") + dot + suffix[:12]
    return plain


@contextmanager
def under_own_names(incoming: Sequence[Incoming], folder: Path) -> Iterator[list[Path]]:
    """The files under their own names, one folder each; gone afterwards, and so are the uploads."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(dir=folder))
    paths = []
    try:
        for number, file in enumerate(incoming):
            path = room / str(number) / file_name(file.name)
            path.parent.mkdir(mode=0o700)
            shutil.move(file.path, path)
            paths.append(path)
        yield paths
    finally:
        shutil.rmtree(room, ignore_errors=True)


def readable(paths: Sequence[Path]) -> tuple[list[PhotoSource], list[str], list[str]]:
    """What can be looked at: photographs, and frames of videos; for each other file why not; and what is odd
    about those that can be. One that is damaged inside can be looked at; the readers do not read it."""
    good: list[PhotoSource] = []
    wrong: list[str] = []
    notices: list[str] = []
    for path in paths:
        try:
            if is_video(path):
                sources = [PhotoSource(path, time) for time in pick_frame_times(path)]
            else:
                photo = read_photo(path, damaged=True)
                notices += [_with_name(path, notice.message) for notice in photo.notices]
                sources = [PhotoSource(path)]
        except PhotoError as error:
            wrong.append(_with_name(path, str(error)))
        else:
            good += sources
    return good, wrong, notices


def _with_name(path: Path, message: str) -> str:
    text = message.replace(str(path), path.name)
    return text if path.name in text else f"{path.name}: {text}"
