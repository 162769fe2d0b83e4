"""Who may do what: one table over deed, whose reading it concerns, phase and role. Pure.

Every handler of the page names its deed, and every act in a casebook has one. `refusal` is asked before
anything is done: by the page for whoever sends a request, and by the casebook inside the transaction that
writes the act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from examiner.examination.acts import (
    Act,
    AddPhotos,
    Amend,
    Decide,
    DeletePosition,
    DescribePhotos,
    DrawLine,
    InsertBefore,
    InsertPosition,
    Lock,
    MergePositions,
    Mode,
    NoteContext,
    NothingSeen,
    Observe,
    OrderPhotos,
    OrientPhotos,
    Phase,
    RegisterByHand,
    Reveal,
    Settle,
    Sign,
    SplitPosition,
    TakeSecond,
    Undo,
)
from examiner.examination.roles import Role, Task, tasks_of


class Deed(StrEnum):
    """Everything that a person can ask of the program. What is no examination's comes first."""

    ENTER = "enter"
    """See the page and its lists."""
    BEGIN = "begin"
    """Begin an examination of new photographs."""
    FILE = "file"
    """See or file cases, items, markings and what was done to them."""
    SAVE_RECIPE = "save recipe"
    BATCH = "batch"
    """Have a folder read, and see what the readers made of it."""

    SEE = "see"
    """See the examination as it stands: its photographs, enhanced ones, positions and readings."""
    BEGIN_SECOND = "begin second"
    """Begin a second reading of it."""
    READ = "read"
    """An own reading, before the lock."""
    PLACE = "place"
    """Draw, insert, delete, split or merge positions."""
    DECIDE = "decide"
    UNDO = "undo"
    LOCK = "lock"
    REVEAL = "reveal"
    TAKE_SECOND = "take second"
    SETTLE = "settle"
    SIGN = "sign"
    AMEND = "amend"
    TELL = "tell"
    """Note what the examiner was told."""
    DESCRIBE = "describe"
    """Say how photographs were taken, order or register them."""
    ADD_PHOTOS = "add photos"
    NOTE = "note"
    """Keep measurements, arrows and words, or a comparison."""
    SUGGEST = "suggest"
    """See which recipes raise the readers' confidence."""
    GIVE_OUT = "give out"
    """Make or fetch a file of the examination."""
    ATTACH = "attach"
    """File the examination under a marking."""


class Whose(StrEnum):
    """How a person stands to an examination."""

    OWN = "own"
    """The person began it."""
    BESIDE = "beside"
    """The person's second reading lies beside it."""
    WAITING = "waiting"
    """The person's second reading of it is locked and waits to be set beside it."""
    BLIND = "blind"
    """The person is reading it as second examiner and has not locked that reading."""
    UNTAKEN = "untaken"
    """It is somebody else's second reading, which was not set beside the first yet."""
    OTHER = "other"
    """It is somebody else's."""


TASK_OF: Mapping[Mode, Task] = {
    Mode.CASEWORK: Task.EXAMINE,
    Mode.QUALITY_CONTROL: Task.EXAMINE,
    Mode.INFORMED: Task.EXAMINE,
    Mode.TRAINING: Task.TRAIN,
    Mode.SECOND: Task.REVIEW,
}
"""What a person's role must allow for an examination of each mode to be the person's own."""

_CASEWORK = frozenset((Task.EXAMINE, Task.REVIEW))

TASKS: Mapping[Deed, frozenset[Task]] = {
    Deed.ENTER: frozenset(Task),
    Deed.FILE: _CASEWORK,
    Deed.SAVE_RECIPE: frozenset((Task.EXAMINE, Task.REVIEW, Task.TRAIN)),
    Deed.BATCH: frozenset((Task.EXAMINE,)),
}
"""Of what concerns no examination: one of these tasks is needed. `BEGIN` goes by the mode."""

_AT_OBSERVE = frozenset((Phase.OBSERVE,))
_AT_REVEALED = frozenset((Phase.REVEALED,))
_AT_SETTLING = frozenset((Phase.SETTLING,))
_AT_SIGNED = frozenset((Phase.SIGNED,))
_LOCKED_OR_REVEALED = frozenset((Phase.LOCKED, Phase.REVEALED))
_UNSIGNED = frozenset(Phase) - _AT_SIGNED

TABLE: Mapping[Deed, Mapping[Whose, frozenset[Phase]]] = {
    Deed.SEE: {whose: frozenset(Phase) for whose in (Whose.OWN, Whose.BESIDE, Whose.WAITING, Whose.OTHER)},
    Deed.BEGIN_SECOND: {Whose.OTHER: _UNSIGNED - _AT_SETTLING},
    Deed.READ: {Whose.OWN: _AT_OBSERVE},
    Deed.PLACE: {Whose.OWN: _AT_OBSERVE | _AT_REVEALED},
    Deed.DECIDE: {Whose.OWN: _LOCKED_OR_REVEALED},
    Deed.UNDO: {Whose.OWN: _UNSIGNED, Whose.BESIDE: _AT_SETTLING},
    Deed.LOCK: {Whose.OWN: _AT_OBSERVE},
    Deed.REVEAL: {Whose.OWN: frozenset(Phase) - _AT_SETTLING},
    Deed.TAKE_SECOND: {Whose.OWN: _LOCKED_OR_REVEALED},
    Deed.SETTLE: {Whose.OWN: _AT_SETTLING, Whose.BESIDE: _AT_SETTLING},
    Deed.SIGN: {Whose.OWN: _LOCKED_OR_REVEALED | _AT_SETTLING, Whose.BESIDE: _AT_SETTLING},
    Deed.AMEND: {Whose.OWN: _AT_SIGNED, Whose.BESIDE: _AT_SIGNED},
    Deed.TELL: {Whose.OWN: _UNSIGNED, Whose.BESIDE: _AT_SETTLING},
    Deed.DESCRIBE: {Whose.OWN: _UNSIGNED, Whose.BESIDE: _AT_SETTLING},
    Deed.ADD_PHOTOS: {Whose.OWN: _AT_OBSERVE | _AT_REVEALED},
    Deed.NOTE: {Whose.OWN: _UNSIGNED, Whose.BESIDE: _AT_SETTLING},
    Deed.SUGGEST: {Whose.OWN: frozenset(Phase), Whose.BESIDE: _AT_SETTLING | _AT_SIGNED},
    Deed.GIVE_OUT: {Whose.OWN: _AT_SIGNED, Whose.BESIDE: _AT_SIGNED},
    Deed.ATTACH: {Whose.OWN: _UNSIGNED, Whose.BESIDE: _AT_SETTLING},
}
"""In which phases each deed is open, by whose reading it concerns; what is not in it is refused.

The order of work narrows this further for single acts: it knows what is read and decided already.
"""

SHOWS_THE_MACHINE = frozenset((Deed.REVEAL, Deed.SUGGEST))
"""Deeds that show what a program made, whether or not the examination holds such a thing yet."""

WHEN: Mapping[Deed, str] = {
    Deed.BEGIN_SECOND: "a second reading begins before another one was set beside the first, and before the "
    "signature",
    Deed.READ: "own readings are made before the lock",
    Deed.PLACE: "positions change before the lock, or after the reveal until the end of the decisions",
    Deed.DECIDE: "decisions are made after the reveal",
    Deed.UNDO: "an undo goes back to the last lock, reveal or signature",
    Deed.LOCK: "a lock ends the observation",
    Deed.REVEAL: "the proposal is shown after the own reading, until the second one lies beside it",
    Deed.TAKE_SECOND: "the second reading is set beside the decided one",
    Deed.SETTLE: "differences are settled after the second examiner's reading was taken in",
    Deed.SIGN: "the signature comes after the decisions",
    Deed.AMEND: "only a signed examination can be amended",
    Deed.TELL: "what you were told is noted before the signature",
    Deed.DESCRIBE: "photographs are described, ordered and registered before the signature",
    Deed.ADD_PHOTOS: "photographs join before the lock or after the reveal, not between and not later",
    Deed.NOTE: "measurements, words and comparisons are kept before the signature",
    Deed.SUGGEST: "recipes are ranked by the readers for the examiners of this examination",
    Deed.GIVE_OUT: "files are available after signing only",
    Deed.ATTACH: "photographs are filed under a marking before the signature",
}
"""When each deed may be done, as it is said where it is too early or too late."""

DEED_OF_ACT: Mapping[type[Act], Deed] = {
    DrawLine: Deed.PLACE,
    InsertPosition: Deed.PLACE,
    InsertBefore: Deed.PLACE,
    DeletePosition: Deed.PLACE,
    SplitPosition: Deed.PLACE,
    MergePositions: Deed.PLACE,
    Observe: Deed.READ,
    NothingSeen: Deed.READ,
    Lock: Deed.LOCK,
    Reveal: Deed.REVEAL,
    Decide: Deed.DECIDE,
    DescribePhotos: Deed.DESCRIBE,
    OrderPhotos: Deed.DESCRIBE,
    OrientPhotos: Deed.DESCRIBE,
    RegisterByHand: Deed.DESCRIBE,
    AddPhotos: Deed.ADD_PHOTOS,
    NoteContext: Deed.TELL,
    TakeSecond: Deed.TAKE_SECOND,
    Settle: Deed.SETTLE,
    Amend: Deed.AMEND,
    Undo: Deed.UNDO,
    Sign: Deed.SIGN,
}
"""The deed that each act is."""


@dataclass(frozen=True)
class Asking:
    """Who asks: name, and the roles that the person has now."""

    name: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Standing:
    """How a person stands to an examination now.

    `reader` began it. `held`: why it may not be seen at all, as it stands; `held_machine`: why nothing that a
    program makes of its photographs may be shown; both are empty where nothing stands against it, see
    `examiner.examination.gate`. `ended`: a second reading that lies beside the first, and is changed no more.
    """

    reader: str
    mode: Mode
    phase: Phase
    whose: Whose
    ended: bool = False
    held: str = ""
    held_machine: str = ""


EVERY_ROLE = frozenset(Role)


def begin_refusal(asking: Asking, mode: Mode) -> str:
    """Why the person may not begin an examination of this mode; empty where it may."""
    return _task_refusal(asking, frozenset((TASK_OF[mode],)))


def general_refusal(asking: Asking, deed: Deed) -> str:
    """Why the person may not do what concerns no examination; empty where it may."""
    return _task_refusal(asking, TASKS[deed])


def refusal(asking: Asking, deed: Deed, standing: Standing) -> str:
    """Why the person may not do this with the examination now; empty where it may."""
    wrong_role = _task_refusal(asking, _tasks(deed, standing))
    if wrong_role:
        return wrong_role
    phases = TABLE[deed].get(standing.whose)
    if phases is None:
        return _whose_refusal(deed, standing)
    if deed is Deed.BEGIN_SECOND and standing.mode in (Mode.SECOND, Mode.TRAINING):
        return "only casework has a second examiner, not an exercise or a second reading"
    if deed is not Deed.SEE and standing.ended:
        return "this second reading lies beside the first and stays as it was locked"
    if standing.phase not in phases:
        return f"{WHEN[deed]}; this examination is at {standing.phase.value!r}"
    # A second reading begins without any look at the first.
    if deed is Deed.BEGIN_SECOND:
        return ""
    return standing.held or (standing.held_machine if deed in SHOWS_THE_MACHINE else "")


def _tasks(deed: Deed, standing: Standing) -> frozenset[Task]:
    """One of these tasks is needed."""
    if deed is Deed.BEGIN_SECOND:
        return frozenset((Task.REVIEW,))
    match standing.whose:
        case Whose.OWN:
            return frozenset((TASK_OF[standing.mode],))
        case Whose.BESIDE | Whose.WAITING | Whose.BLIND:
            return frozenset((Task.REVIEW,))
    return frozenset((Task.TRAIN,)) if standing.mode is Mode.TRAINING else _CASEWORK


def _task_refusal(asking: Asking, tasks: frozenset[Task]) -> str:
    if tasks & tasks_of(asking.roles):
        return ""
    roles = ", ".join(sorted(asking.roles)) or "no role"
    needed = " or ".join(sorted(tasks))
    return f"{asking.name} ({roles}) may not {needed} here; an administrator grants roles"


def _whose_refusal(deed: Deed, standing: Standing) -> str:
    match standing.whose:
        case Whose.BLIND:
            return "you are the second examiner of this examination: lock your own reading first"
        case Whose.UNTAKEN:
            return f"this is the second reading of {standing.reader}; it can be seen after it was taken in"
        case Whose.WAITING:
            return (
                f"your second reading is locked; {standing.reader} sets it beside this one. Until then you "
                "may only look at it"
            )
        case Whose.OWN if deed is Deed.BEGIN_SECOND:
            return "you have read this examination; the second examiner is somebody who has not"
        case Whose.BESIDE:
            return f"this concerns the reading of {standing.reader}; yours lies beside it"
    return f"this examination belongs to {standing.reader}; you may only look at it"
