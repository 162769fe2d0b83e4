"""The progress of a run, on standard error: series done, rate, time left, failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@dataclass(frozen=True)
class Tally:
    """Counts of a run. `series`: finished, of which `known` were read in an earlier run and `failed` failed
    wholly or in part; `photographs`: read in this run."""

    series: int = 0
    known: int = 0
    failed: int = 0
    photographs: int = 0

    def after(self, photographs: int, failed: bool) -> Tally:
        """After one more series was read."""
        return replace(
            self,
            series=self.series + 1,
            failed=self.failed + failed,
            photographs=self.photographs + photographs,
        )

    def after_known(self) -> Tally:
        """After one more series that was read in an earlier run."""
        return replace(self, series=self.series + 1, known=self.known + 1)


def rate_words(tally: Tally, seconds: float) -> str:
    """Rate and failures, for a person."""
    a_minute = 60 * tally.photographs / max(seconds, 1e-9)
    rate = f"{a_minute / 60:.1f} photographs a second" if a_minute >= 120 else f"{a_minute:.1f} a minute"
    parts = [rate] if tally.photographs else []
    if tally.failed:
        parts.append(f"{tally.failed} failed")
    if tally.known:
        parts.append(f"{tally.known} known")
    return ", ".join(parts)


def summary(tally: Tally, total: int, seconds: float) -> str:
    """One line at the end of a run."""
    done = f"{tally.series} of {total} series" if tally.series < total else f"{total} series"
    more = rate_words(tally, seconds)
    return f"{done}, {tally.photographs} photographs read in {seconds:.0f} s" + (f": {more}" if more else "")


@contextmanager
def progress_bar(total: int, shown: bool = True) -> Iterator[Callable[[Tally], None]]:
    """A bar on standard error while the block runs, if that is a terminal and the bar is to be `shown`; the
    function updates it."""
    columns = (
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not (shown and console.is_terminal)
    ) as bar:
        task = bar.add_task("series", total=total, words="")
        yield lambda tally: bar.update(
            task, completed=tally.series, words=rate_words(tally, time.monotonic() - began)
        )


@contextmanager
def counting_bar(total: int, shown: bool = True) -> Iterator[Callable[[int, bool], None]]:
    """The same bar, which counts by itself: its function is called after each series with the number of its
    photographs and whether it failed."""
    tally = Tally()
    with progress_bar(total, shown) as show:

        def advance(photographs: int, failed: bool) -> None:
            nonlocal tally
            tally = tally.after(photographs, failed)
            show(tally)

        yield advance
