"""One part of an archive, for one of several machines: which series belong to it.

A series belongs to the same part on every machine, whatever the order and whatever else is in the archive:
its part follows from the hash of its name below the folder that was named.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from examiner.folders.results.row import printable
from examiner.folders.series import Series

MOST = 10_000
"""Parts of one archive."""


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, 1..count."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse_shard(text: str) -> Shard:
    """A part as `3/50`. Raises ValueError, which says what was expected."""
    match = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text.strip())
    shard = Shard(int(match[1]), int(match[2])) if match else Shard(0, 0)
    if not 1 <= shard.number <= shard.count <= MOST:
        raise ValueError(f"expected a part of a whole such as 3/50, at most {MOST} parts; got {text!r}")
    return shard


def series_of_shard(series: Sequence[Series], paths: Sequence[Path], shard: Shard) -> list[Series]:
    """The series that belong to the part, in their order. `paths`: what was named on the command line."""
    return [entry for entry in series if _part(_name_below(entry.name, paths), shard.count) == shard.number]


def _part(name: str, count: int) -> int:
    """1..count. The name is normalised first, because macOS stores names in another form than Linux."""
    normal = unicodedata.normalize("NFC", printable(name))
    return int.from_bytes(hashlib.sha256(normal.encode()).digest()[:8], "big") % count + 1


def _name_below(name: str, paths: Sequence[Path]) -> str:
    """The name of a series below the deepest named folder that holds it, with / between its parts."""
    roots = [path for path in paths if Path(name).is_relative_to(path)]
    if not roots:
        return name
    root = max(roots, key=lambda path: len(path.parts))
    below = Path(name).relative_to(root).as_posix()
    return below if below != "." or root.is_dir() else root.name
