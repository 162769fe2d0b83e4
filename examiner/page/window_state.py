"""What each browser window looks at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from examiner.page.pictures.fused import FusedView
from examiner.page.shared import AS_TAKEN

KEPT = 200
"""Windows whose last look is remembered."""


@dataclass(frozen=True)
class Opened:
    """What one browser window looks at: examination, photograph and recipe."""

    examination: str = ""
    photo: int = 0
    recipe: str = AS_TAKEN
    fused: FusedView | None = None
    """Shown in place of the recipe."""
    choice: str = ""
    """The selector's entry by which it was opened, where that is a sample."""
    window: str = ""
    """Tells one window from another, as long as it is open."""


class Windows:
    """The last look of each window: what works for long meanwhile must not turn it back."""

    def __init__(self) -> None:
        self._latest: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def now(self, opened: Opened) -> Opened:
        """Notes what a window looks at from now on."""
        with self._lock:
            self._latest[opened.window] = opened
            self._latest.move_to_end(opened.window)
            while len(self._latest) > KEPT:
                self._latest.popitem(last=False)
        return opened

    def as_of_now(self, opened: Opened) -> Opened | None:
        """What the window looks at now, None where it has another examination open."""
        with self._lock:
            latest = self._latest.get(opened.window, opened)
        return latest if latest.examination == opened.examination else None


class WindowLooks:
    """What each window sent its last event from. Gradio forgets the state of windows beyond a number; such a
    window goes on with what it shows. Safe to use from threads."""

    def __init__(self, kept: int = 10_000) -> None:
        self._kept = kept
        self._looks: OrderedDict[tuple[str | None, str | None], Opened] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, person: str | None, session: str | None, state: Opened, examination: object) -> Opened:
        """The state that Gradio holds; where that is forgotten, the last one of this window and person, if it
        is of the examination that the window says it shows."""
        key = (person, session)
        with self._lock:
            if state.examination:
                self._looks[key] = state
                self._looks.move_to_end(key)
                while len(self._looks) > self._kept:
                    self._looks.popitem(last=False)
                return state
            last = self._looks.get(key)
        return last if last is not None and last.examination == examination else state
