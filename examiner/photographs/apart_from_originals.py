"""Whether a file or folder that a command is to write lies among the originals that it reads.

Folders are compared as the system knows them (device and file number), not by how they are spelled: links,
`..`, another case on a file system that ignores it, and composed letters all come out right.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_Number = tuple[int, int]


def folder_of_originals(output: Path, originals: Iterable[Path]) -> Path | None:
    """The folder of originals in which `output` lies or would lie at any depth, as it was named; None where
    it lies elsewhere.

    `originals`: files and folders; folders count with all that is below them, files with the folder that
    holds them. A link to a file counts where it lies and where it leads, also a link below a folder. What
    does not exist holds no originals. Walks every folder of originals once; reads no file.
    """
    places = {_number(folder): folder for path in originals for folder in _folders(path)}
    places.pop(None, None)
    if not places:
        return None
    real = Path(os.path.realpath(output))
    for place in (real, *real.parents):
        number = _number(place)
        if number in places:
            return places[number]
    return None


def _folders(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield path
        yield from _led_to(path)
    elif path.exists():
        yield path.parent
        yield Path(os.path.realpath(path)).parent


def _led_to(folder: Path) -> Iterator[Path]:
    """The folders that hold the files to which links below this folder lead."""
    for here, _, names in os.walk(folder):
        for name in names:
            link = Path(here, name)
            if link.is_symlink() and link.is_file():
                yield Path(os.path.realpath(link)).parent


def _number(path: Path) -> _Number | None:
    with suppress(OSError, ValueError):
        state = path.stat()
        return state.st_dev, state.st_ino
    return None
