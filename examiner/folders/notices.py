"""What is named before anything is read: links to folders that are not followed, and files given twice."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from examiner.folders.results.row import printable
from examiner.folders.series import Series
from pipelines.errors import PhotoError
from pipelines.photographs.file_checks import file_sha256
from pipelines.types import Failure


def links_in(paths: Sequence[Path]) -> list[Failure]:
    """Each link to a folder below these paths, and whether following it would never end."""
    return [failure for path in paths if path.is_dir() for failure in _links(path)]


def _links(folder: Path) -> Iterator[Failure]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*folders, *files]):
            link = Path(here, name)
            if name.startswith(".") or not link.is_symlink():
                continue
            if not link.exists():
                if _endless(link):
                    yield Failure("link_loop", f"{_said(link)}: is a link that leads to itself; left out")
            elif link.is_dir():
                target = link.resolve()
                if Path(here).resolve().is_relative_to(target):
                    yield Failure(
                        "link_loop", f"{_said(link)}: links to {_said(target)}, in which it lies; left out"
                    )
                else:
                    yield Failure(
                        "link",
                        f"{_said(link)}: is a link to the folder {_said(target)}, which is not followed; "
                        "name that folder itself",
                    )


def _endless(link: Path) -> bool:
    try:
        link.resolve(strict=True)
    except FileNotFoundError:
        return False
    except (OSError, RuntimeError):
        return True
    return False


def doubled(series: Sequence[Series]) -> list[Failure]:
    """Each file whose content came before with the same marked regions, with the first that has it.

    In the order given. Only files of equal size are read for that. The same path named twice is no second
    file. Those that cannot be read are left to reading, which says why.
    """
    marked: dict[Path, list[object]] = defaultdict(list)
    for one in series:
        for source in (source for sources in one.sources for source in sources):
            marked[Path(source.path)].append((source.region, source.rotate_cw, source.band))
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
        Failure("duplicate", f"{_said(path)}: is the same file as {_said(before[path])}, byte for byte")
        for path in marked
        if before.get(path, path) != path
    ]


def _said(path: Path) -> str:
    return printable(str(path))
