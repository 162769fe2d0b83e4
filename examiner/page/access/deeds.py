"""Which deed of the table an event of the page is, by what the browser sends with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from examiner.examination.acts import ACTS
from examiner.examination.permissions import DEED_OF_ACT, Deed

Sent = Mapping[str, Any]

STEPS: Mapping[object, Deed] = {
    "lock": Deed.LOCK,
    "reveal": Deed.REVEAL,
    "take_second": Deed.TAKE_SECOND,
    "nothing_seen": Deed.READ,
    "sign": Deed.SIGN,
    "amend": Deed.AMEND,
    "context": Deed.TELL,
}
"""The deed of each step of the order of work."""


def seeing(_: Sent) -> Deed:
    """Looks at what is open."""
    return Deed.SEE


def entering(_: Sent) -> Deed:
    """The page and its lists; what is opened or begun from there is asked for by itself."""
    return Deed.ENTER


def acting(sent: Sent) -> Deed:
    """An act of the strip, the viewer or the time strip. What is no act is refused by who reads it."""
    act = sent.get("act")
    kind = ACTS.get(str(act.get("act"))) if isinstance(act, Mapping) else None
    return DEED_OF_ACT.get(kind, Deed.SEE) if kind is not None else Deed.SEE


def stepping(sent: Sent) -> Deed:
    """A step of the order of work."""
    step = sent.get("step")
    return STEPS.get(step, Deed.SEE) if isinstance(step, str) else Deed.SEE


def watching(sent: Sent) -> Deed:
    """Photographs of the watched folder join, or no longer do."""
    return Deed.ADD_PHOTOS if sent.get("on") is True else Deed.SEE


def noting(sent: Sent) -> Deed:
    """Measures or annotates, or asks what is kept."""
    return Deed.NOTE if "measured" in sent or "annotations" in sent else Deed.SEE


def keeping(_: Sent) -> Deed:
    """Keeps a comparison."""
    return Deed.NOTE


def suggesting_recipes(_: Sent) -> Deed:
    """Has the readers rank recipes."""
    return Deed.SUGGEST


def using(sent: Sent) -> Deed:
    """A chain of the bench becomes a recipe of the page, for everybody where it has a name."""
    return Deed.SAVE_RECIPE if sent.get("name") else Deed.SEE


def giving_out(_: Sent) -> Deed:
    """Makes a file."""
    return Deed.GIVE_OUT


def filing(sent: Sent) -> Deed:
    """Files a case, an item, a marking, what was done; or the open examination under a marking."""
    return Deed.ATTACH if sent.get("kind") == "series" else Deed.FILE


def asking_case(_: Sent) -> Deed:
    """Sees what is filed."""
    return Deed.FILE


def batching(_: Sent) -> Deed:
    """Anything about batches."""
    return Deed.BATCH
