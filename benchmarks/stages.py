"""Where the time of a proposal goes: processor seconds and calls of each stage, and runs of each network."""

from __future__ import annotations

import functools
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.photographs.photo import read_photo
from pipelines.reading.lines import read_line
from pipelines.reading.pooling import filled, pool
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.reading.readers.tesseract import TesseractReader
from pipelines.registration.alignments import alignments
from pipelines.search.locators.general import heat_of
from pipelines.search.locators.rows import heat_of_rows
from pipelines.search.rings.arcs import arc_lines
from pipelines.search.sheets import cut, sheet

FUNCTIONS: dict[Callable[..., Any], str] = {
    read_photo: "decode the files",
    heat_of: "search: general locator",
    heat_of_rows: "search: our own locator",
    arc_lines: "search: rings, without what is named here",
    alignments: "register",
    sheet: "views and strips",
    cut: "views and strips",
    pool: "decoder",
    filled: "decoder",
    read_line: "decoder",
}

METHODS: tuple[tuple[type[Any], str, str], ...] = (
    (MarksReader, "read_pooled", "reader: marks"),
    (MarksReader, "read_together", "reader: marks"),
    (GeneralReader, "read", "reader: general"),
    (TesseractReader, "read", "reader: tesseract"),
)

REST = "all else"


def processor_seconds() -> float:
    """Of this process and of the programs that it ran."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Stages:
    """Seconds of each stage without those of the stages inside it, calls, and network runs by file name."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.runs: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    def _turn(self) -> None:
        now = processor_seconds()
        self.seconds[self._running[-1] if self._running else REST] += now - self._since
        self._since = now

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            self._turn()
            # A stage that calls itself is called once.
            self.calls[stage] += stage not in self._running
            self._running.append(stage)
            try:
                return function(*arguments, **named)
            finally:
                self._turn()
                self._running.pop()

        return run

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every stage that is called inside is counted."""
        put_back: list[tuple[Any, str, Any]] = []

        def replace(owner: Any, name: str, value: Any) -> None:
            put_back.append((owner, name, getattr(owner, name)))
            setattr(owner, name, value)

        for function, stage in FUNCTIONS.items():
            timed = self.timed(function, stage)
            for module in [m for name, m in sys.modules.items() if name.startswith("pipelines")]:
                for name in [name for name, value in vars(module).items() if value is function]:
                    replace(module, name, timed)
        for kind, name, stage in METHODS:
            replace(kind, name, self.timed(getattr(kind, name), stage))
        # Loaded by the readers: only `pipelines.networks` imports it.
        session_class: Any = sys.modules["onnxruntime"].InferenceSession
        run = session_class.run

        def counted(session: Any, *arguments: Any, **named: Any) -> Any:
            self.runs[Path(str(session._model_path)).name] += 1
            return run(session, *arguments, **named)

        replace(session_class, "run", counted)
        self._since = processor_seconds()
        try:
            yield
        finally:
            self._turn()
            for owner, name, value in reversed(put_back):
                setattr(owner, name, value)
