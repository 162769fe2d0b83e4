"""What a served page leaves on the disk, kept within bounds while it runs."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from time import time

from examiner.page.access.uploaded_files import UploadedFiles

log = logging.getLogger(__name__)

EVERY_S = 600.0
MOST_BYTES = 4 << 30
"""Of pictures that were made: each can be made again."""

YOUNG_S = 600.0
"""A picture used so lately is left."""


class Housekeeping:
    """Removes uploads that nobody opened, and pictures beyond the bound, until it is stopped."""

    def __init__(self, uploads: UploadedFiles, pictures: Path) -> None:
        self._uploads = uploads
        self._pictures = pictures
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="housekeeping", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it; what is being removed is removed first."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(EVERY_S):
            try:
                self._uploads.sweep()
                bounded(self._pictures, MOST_BYTES, time() - YOUNG_S)
            except OSError as error:
                log.warning("files of the page cannot be removed: %s", error)


def bounded(folder: Path, most_bytes: int, used_before: float) -> int:
    """Removes files of a folder until the rest has at most so many bytes: those used longest ago first, and
    none that was used after a time. Returns how many it removed."""
    if not folder.exists():
        return 0
    files = sorted(
        (stat.st_mtime, path, stat.st_size)
        for path in folder.iterdir()
        if path.is_file() and (stat := path.stat())
    )
    total, removed = sum(size for _, _, size in files), 0
    for used, path, size in files:
        if total <= most_bytes or used >= used_before:
            break
        path.unlink(missing_ok=True)
        total -= size
        removed += 1
    return removed
