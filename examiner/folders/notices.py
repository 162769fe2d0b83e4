"""Notices that are given before anything is read: links to folders, and files that are there twice."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from examiner.folders.results.row import printable
from examiner.folders.series import Series
from pipelines.errors import PhotoError
from pipelines.photographs import lights, regions
from pipelines.photographs.file_checks import file_sha256
from pipelines.photographs.photo import is_sidecar, is_storage
from pipelines.registration import hand_points
from pipelines.types import Failure


def links_in(paths: Sequence[Path]) -> list[Failure]:
    """A notice for each link to a folder below these paths; links are not followed."""
    return [failure for path in paths if path.is_dir() for failure in _links(path)]


def _links(folder: Path) -> Iterator[Failure]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_storage(Path(name)))
        for name in sorted([*folders, *files]):
            link = Path(here, name)
            if name.startswith(".") or not link.is_symlink():
                continue
            name_of_link = _printable_path(link)
            if not link.exists():
                if _endless(link):
                    yield Failure("link_loop", f"{name_of_link}: is a link to itself; it is left out")
            elif link.is_dir():
                target = link.resolve()
                to_folder = f"{name_of_link}: is a link to the folder {_printable_path(target)}"
                if Path(here).resolve().is_relative_to(target):
                    yield Failure("link_loop", f"{to_folder}, which contains it; it is left out")
                else:
                    yield Failure("link", f"{to_folder}, which is not followed; name that folder itself")


TABLES = frozenset((regions.FILE_NAME, hand_points.FILE_NAME, lights.FILE_NAME))
"""What lies beside photographs for this program to read."""


def storage_in(paths: Sequence[Path]) -> list[Failure]:
    """One notice of how many files below these paths are left out because a storage device or another program
    keeps them beside photographs; none where there are none. Hidden files and this program's own tables do
    not count."""
    folders = files = beside = 0
    for path in paths:
        if not path.is_dir():
            continue
        for here, inside, names in os.walk(path):
            storage = [name for name in inside if is_storage(Path(name)) and not name.startswith(".")]
            inside[:] = [name for name in inside if not is_storage(Path(name))]
            folders += len(storage)
            files += sum(len(content) for name in storage for _, _, content in os.walk(Path(here, name)))
            others = [name for name in names if name.casefold() not in TABLES and not name.startswith(".")]
            beside += sum(is_sidecar(Path(name)) for name in others)
    parts = []
    if beside:
        parts.append(f"{beside} {'file that lies' if beside == 1 else 'files that lie'} beside photographs")
    if folders:
        words = "1 folder" if folders == 1 else f"{folders} folders"
        parts.append(f"{words} of storage devices with {files} {'file' if files == 1 else 'files'}")
    return [Failure("left_out", f"left out: {' and '.join(parts)}")] if parts else []


def _endless(link: Path) -> bool:
    try:
        link.resolve(strict=True)
    except FileNotFoundError:
        return False
    except (OSError, RuntimeError):
        return True
    return False


def duplicates(series: Sequence[Series]) -> list[Failure]:
    """A notice for each file with the same content and the same marked regions as a file before it.

    In the order of the series. Only files of equal size are read for this. A path that is given twice counts
    once. Files that cannot be read get no notice here: reading them says why.
    """
    marked: dict[Path, list[object]] = defaultdict(list)
    for entry in series:
        for source in (source for sources in entry.sources for source in sources):
            marked[Path(source.path)].append((source.region, source.rotate_cw, source.band, source.mirrored))
    sizes: dict[int, list[Path]] = defaultdict(list)
    for path in marked:
        with suppress(OSError, ValueError):
            sizes[path.stat().st_size].append(path)
    first: dict[object, Path] = {}
    before: dict[Path, Path] = {}
    for size, paths in sizes.items():
        for path in paths if size and len(paths) > 1 else ():
            with suppress(PhotoError):
                before[path] = first.setdefault((file_sha256(path), frozenset(marked[path])), path)
    return [
        Failure(
            "duplicate",
            f"{_printable_path(path)}: is the same file as {_printable_path(before[path])}, byte for byte",
        )
        for path in marked
        if before.get(path, path) != path
    ]


def _printable_path(path: Path) -> str:
    return printable(str(path))
