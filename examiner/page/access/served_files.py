"""Files for the browser: each has an address under the examination that it was made for, and no other.

The cache holds a picture once, whoever looks at it. What may be fetched goes by the examination: only names
that a view of this examination gave out are served, only to who may see it at that moment, and each fetch is
a line of the ledger before the first byte leaves.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

NONE = "-"
"""In place of an examination: pictures of the bare plate of the bench."""

MOST_NAMES = 100_000
"""Names given out that are remembered, over all examinations; those given out longest ago are forgotten."""

PICTURES, EXPORTS = "pictures", "exports"
"""The two kinds of files, as the address names them."""

Address = Callable[[Path], str]
"""Makes the address of a file for one examination."""


class ServedFiles:
    """Which files were given out of which examination. Safe to use from threads."""

    def __init__(self) -> None:
        self._given: OrderedDict[tuple[str, str, str], Path] = OrderedDict()
        self._lock = threading.Lock()

    def pictures(self, examination: str) -> Address:
        """Makes addresses of pictures of an examination; an empty id is the bare plate."""
        return partial(self._address, examination or NONE, PICTURES)

    def exports(self, examination: str) -> Address:
        """Makes addresses of files that are given out."""
        return partial(self._address, examination, EXPORTS)

    def path(self, examination: str, kind: str, name: str) -> Path | None:
        """The file that was given out under this name, None where none was or it is gone."""
        with self._lock:
            path = self._given.get((examination, kind, name))
        if path is None or not path.is_file():
            return None
        # Files used longest ago are removed first.
        with contextlib.suppress(OSError):
            os.utime(path)
        return path

    def _address(self, examination: str, kind: str, path: Path) -> str:
        key = (examination, kind, path.name)
        with self._lock:
            self._given[key] = path
            self._given.move_to_end(key)
            while len(self._given) > MOST_NAMES:
                self._given.popitem(last=False)
        return f"/examination/{quote(examination)}/{kind}/{quote(path.name)}"
