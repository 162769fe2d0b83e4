"""Whose each uploaded file is: nobody moves or deletes another one's, and what nobody opens is removed."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from examiner.examination.readings import RecordError
from examiner.page.uploads import Incoming

KEPT_S = 3600.0
"""How long an upload waits to be opened."""


class UploadedFiles:
    """The files that came in over the page's upload and were not opened yet. Safe to use from threads.

    A file's place goes by its content and name, so two persons can own one path.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._owners: dict[Path, dict[str, float]] = {}
        self._lock = threading.Lock()

    def received(self, owner: str, paths: Sequence[str]) -> None:
        """Notes that a person uploaded these files; `owner` is empty where nobody signs in."""
        with self._lock:
            for path in paths:
                self._owners.setdefault(Path(path), {})[owner] = self._clock()

    @contextmanager
    def opened(self, owner: str, files: Sequence[Incoming], folder: Path) -> Iterator[list[Incoming]]:
        """A person's uploads, moved into a new folder below `folder`; gone afterwards, unless moved on.

        Raises RecordError, and touches nothing, where one of them is not the person's upload; and where the
        disk does not take them.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            room = Path(tempfile.mkdtemp(dir=folder))
        except OSError as error:
            raise _not_kept(error) from error
        try:
            yield self._taken(owner, files, room)
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def _taken(self, owner: str, files: Sequence[Incoming], room: Path) -> list[Incoming]:
        with self._lock:
            for file in files:
                if owner not in self._owners.get(file.path, ()) or not file.path.is_file():
                    raise RecordError(
                        "A file was named that you did not upload, or that waited too long. Upload it again."
                    )
            places: dict[Path, Path] = {}
            try:
                for number, path in enumerate(dict.fromkeys(file.path for file in files)):
                    places[path] = room / str(number)
                    self._moved(owner, path, places[path])
            except OSError as error:
                raise _not_kept(error) from error
        return [Incoming(places[file.path], file.name) for file in files]

    def _moved(self, owner: str, path: Path, target: Path) -> None:
        """A file that somebody else uploaded too, with the same name, stays for them."""
        others = {other: when for other, when in self._owners[path].items() if other != owner}
        if others:
            shutil.copyfile(path, target)
            self._owners[path] = others
        else:
            shutil.move(path, target)
            del self._owners[path]

    def sweep(self) -> int:
        """Removes what nobody opened in time; how many files."""
        removed = 0
        with self._lock:
            latest = self._clock() - KEPT_S
            for path, owners in list(self._owners.items()):
                if max(owners.values()) < latest:
                    path.unlink(missing_ok=True)
                    del self._owners[path]
                    removed += 1
        return removed


def _not_kept(error: OSError) -> RecordError:
    return RecordError(
        f"The uploaded files cannot be kept ({error.strerror or error}); make room on the disk."
    )
