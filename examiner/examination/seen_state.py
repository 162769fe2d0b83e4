"""The state of an examination that the author of an act saw. An act names it, and is refused where another
one stands: what was done in a second window or by the second examiner is not overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from examiner.examination.acts import (
    Act,
    AddPhotos,
    Amend,
    DescribePhotos,
    Lock,
    NoteInformed,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    RegisterByHand,
    Reveal,
    Sign,
    TakeSecond,
)
from examiner.examination.readings import RecordError

ON_PHOTOGRAPHS = (DescribePhotos, OrderPhotos, OrientPhotos, RegisterByHand, AddPhotos, NoteInformed)
"""Acts that concern the photographs and no reading."""

STEPS = (Lock, Reveal, TakeSecond, Sign, Amend)
"""Acts that end something: who takes such a step has seen everything."""


class StaleError(OrderError):
    """An act whose author saw another state of the examination."""

    kind = "stale"


@dataclass(frozen=True)
class SeenState:
    """Numbers of ledger lines: the last act on `readings`, on `photographs`, and of a `second` reading that
    was begun or locked; 0 where there is none."""

    readings: int
    photographs: int
    second: int

    def to_json(self) -> dict[str, int]:
        """Plain values for the browser."""
        return asdict(self)


NOTHING_SEEN_YET = SeenState(0, 0, 0)


def seen_state(value: Any) -> SeenState:
    """What a browser says that its window shows. Raises RecordError where it is no such thing."""
    names = ("readings", "photographs", "second")
    if not isinstance(value, Mapping) or not all(type(value.get(name)) is int for name in names):
        raise RecordError("an act names the state of the examination that the window shows")
    return SeenState(*(value[name] for name in names))


def missed(act: Act, seen: SeenState, now: SeenState) -> str:
    """Which of readings, photographs and second reading the author has not seen as it is now, of what matters
    for the act; empty where nothing is missed."""
    if isinstance(act, ON_PHOTOGRAPHS):
        names: tuple[str, ...] = ("photographs",)
    elif isinstance(act, STEPS):
        names = ("readings", "photographs", "second")
    else:
        names = ("readings",)
    return next((name for name in names if getattr(seen, name) != getattr(now, name)), "")
