"""The watched folder of the page: what a tethered camera saves there joins the open examination's series."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts import Phase
from examiner.page.time_strip.view import WatchedFolderState
from examiner.photographs.watched_folder import (
    LeftAlone,
    Watched,
    all_taken,
    follow,
    listing_of,
    own_copy,
    pause_s,
)
from pipelines.errors import MarkingError
from pipelines.photographs.photo import read_photo
from pipelines.types import Proposal

log = logging.getLogger(__name__)

SHOWN = 4
"""Messages shown, the newest last."""


class Live:
    """Watches one folder for one examination at a time. Files that are there when it begins are left alone:
    they may be of another item, and what has joined a series stays in it.

    `joined` is called with the examination and its new photographs, on the watching thread.
    """

    def __init__(
        self,
        folder: Path | None,
        casebook: Casebook,
        actor: str,
        room: Path,
        joined: Callable[[str, Sequence[StoredPhoto]], None],
    ) -> None:
        self._folder = folder
        self._casebook = casebook
        self._actor = actor
        self._room = room
        self._joined = joined
        self._lock = threading.Lock()
        self._ended: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._examination = ""
        self._said: list[str] = []
        self._hint = ""

    def state_for(self, examination: str) -> WatchedFolderState:
        """What the browser is told, of this examination."""
        if self._folder is None:
            return WatchedFolderState()
        with self._lock:
            on = self._examination == examination and self._ended is not None
            if self._examination != examination:
                return WatchedFolderState(str(self._folder))
            return WatchedFolderState(str(self._folder), on, tuple(self._said[-SHOWN:]), self._hint)

    def start(self, examination: str) -> None:
        """Begins to watch for this examination; ends what was watched for before."""
        self.stop()
        folder = self._folder
        if folder is None:
            return
        ended = threading.Event()
        before = listing_of(folder)
        with self._lock:
            self._examination, self._ended = examination, ended
            self._said = [f"Not used: {len(before)} files that were already here."] if before else []
            self._hint = ""
        self._thread = threading.Thread(
            target=self._work, args=(folder, examination, all_taken(before), ended), name="live", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the watching; a photograph that is being taken in joins still."""
        with self._lock:
            ended, self._ended = self._ended, None
        if ended is not None:
            ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def hint(self, examination: str, words: str) -> None:
        """What the proposal says of the newest photograph. Only what has passed the gate may come here."""
        with self._lock:
            if examination == self._examination:
                self._hint = words

    def _work(self, folder: Path, examination: str, known: Watched, ended: threading.Event) -> None:
        def take(path: Path) -> None:
            with own_copy(path, self._room) as copy:
                read_photo(copy)
                _, stored = self._casebook.add_photos(examination, [copy], self._actor)
            if not stored:
                self._say(f"{path.name}: this photograph is already in the series.")
                return
            self._joined(examination, stored)

        def wait(now: Watched) -> bool:
            signed = self._casebook.examination(examination).phase is Phase.SIGNED
            return not signed and not ended.wait(pause_s(now))

        try:
            for left in follow(folder, take, wait, watched=known):
                self._say(_words(left))
        except (MarkingError, OSError) as error:
            self._say(f"Live has stopped: {error}")
        finally:
            with self._lock:
                if self._ended is ended:
                    self._ended = None

    def _say(self, text: str) -> None:
        with self._lock:
            self._said.append(text)


def _words(left: LeftAlone) -> str:
    return f"{left.name} {left.why}." if left.name else f"{left.why[0].upper()}{left.why[1:]}."


class ReadAnew:
    """Has a series read once more whenever photographs have joined; one reading at a time, the last counts.

    `order` begins a reading of the examination as it is now, or returns None where none is due; `done` is
    called with what came of it.
    """

    def __init__(
        self, order: Callable[[str], Future[Proposal] | None], done: Callable[[str, Proposal], None]
    ) -> None:
        self._order = order
        self._done = done
        self._lock = threading.Lock()
        self._reading = False
        self._again = ""

    def ask(self, examination: str) -> None:
        """Returns at once."""
        with self._lock:
            if self._reading:
                self._again = examination
                return
            self._reading = True
        future = self._order(examination)
        if future is None:
            self._ended()
        else:
            future.add_done_callback(lambda finished: self._finished(examination, finished))

    def _finished(self, examination: str, future: Future[Proposal]) -> None:
        try:
            self._done(examination, future.result())
        except MarkingError as error:
            log.warning("the series was not read anew: %s", error)
        finally:
            self._ended()

    def _ended(self) -> None:
        with self._lock:
            self._reading = False
            again, self._again = self._again, ""
        if again:
            self.ask(again)
