"""How long a process has worked at its task, as patience counts it: not by the wall clock.

On a busy machine a sound worker gets little of the processor, and the wall clock would call it hung. So the
seconds are counted that the processor gave to it and to its children. Time in which it neither computes nor
waits for the processor counts as it passes: it waits for something that may never come.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psutil

IDLE = 0.01
"""Share of a core; a process that uses less, and is not waiting for the processor, does nothing."""

LEAST_S = 0.2
"""Seconds between two looks; the system counts what a process computes in hundredths of a second."""


def counted_s(
    computed_s: float, passed_s: float, threads: int, waits_for_processor: bool, idle: float = IDLE
) -> float:
    """Seconds that count of `passed_s`, in which all threads together computed for `computed_s`."""
    if computed_s < idle * passed_s:
        return 0.0 if waits_for_processor else passed_s
    return min(computed_s / threads, passed_s)


@dataclass
class WorkClock:
    """Counts the seconds of one process with `threads` threads; it must be asked every few seconds."""

    pid: int
    threads: int
    spent_s: float = 0.0
    _computed_s: float = field(default=0.0, init=False)
    _asked: float = field(default_factory=time.monotonic, init=False)

    def __post_init__(self) -> None:
        self._computed_s, _ = _state(self.pid)

    def restart(self) -> None:
        """Counts from now on."""
        self.spent_s = 0.0
        self._computed_s, _ = _state(self.pid)
        self._asked = time.monotonic()

    def now_s(self) -> float:
        """Seconds that count since the start."""
        now = time.monotonic()
        if now - self._asked < LEAST_S:
            return self.spent_s
        computed_s, waits = _state(self.pid)
        # What a child has computed is lost from the sum where nobody waited for its end.
        self.spent_s += counted_s(
            max(0.0, computed_s - self._computed_s), now - self._asked, self.threads, waits
        )
        self._computed_s, self._asked = computed_s, now
        return self.spent_s


def _state(pid: int) -> tuple[float, bool]:
    """Seconds that the process and its children have computed, and whether one waits for the processor."""
    computed_s, waits = 0.0, False
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0, False  # It has ended, which its pipe says.
    for number, member in enumerate(family):
        try:
            times = member.cpu_times()
            waits |= member.status() == psutil.STATUS_RUNNING
        except psutil.Error:
            continue
        computed_s += times.user + times.system
        if number == 0:
            computed_s += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return computed_s, waits
