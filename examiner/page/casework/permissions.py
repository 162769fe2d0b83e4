"""What a person may do on the page: by role, and by whose examination it is."""

from __future__ import annotations

from examiner.casebook.casebook import ExaminationEntry
from examiner.examination.acts import (
    Act,
    Amend,
    DescribePhotos,
    Mode,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    Phase,
    RegisterByHand,
    Settle,
    Sign,
)
from examiner.people import Person, Task

TASK_OF = {
    Mode.CASEWORK: Task.EXAMINE,
    Mode.QUALITY_CONTROL: Task.EXAMINE,
    Mode.INFORMED: Task.EXAMINE,
    Mode.TRAINING: Task.TRAIN,
    Mode.SECOND: Task.REVIEW,
}

_OF_BOTH = (Settle, Sign, Amend, DescribePhotos, OrderPhotos, OrientPhotos, RegisterByHand)
"""Acts of the second examiner too, once that reading lies beside the first."""


def refuse_task(person: Person, mode: Mode) -> None:
    """Raises OrderError where the person's roles do not allow an examination of this mode."""
    task = TASK_OF[mode]
    if not person.may(task):
        roles = ", ".join(sorted(person.roles))
        raise OrderError(f"{person.name} ({roles}) may not {task.value} here; an administrator grants roles")


def refuse_act(person: Person, entry: ExaminationEntry, second_reader: str, act: Act | None = None) -> None:
    """Raises OrderError where the examination is somebody else's. `act` None: a step that both may take."""
    if person.name == entry.reader:
        refuse_task(person, entry.mode)
        return
    if person.name == second_reader and (act is None or isinstance(act, _OF_BOTH)):
        refuse_task(person, Mode.SECOND)
        return
    raise OrderError(f"this examination belongs to {entry.reader}; you may only look at it")


def may_read_second(person: Person, entry: ExaminationEntry) -> bool:
    """Whether an examination may be offered for a second reading, as far as its entry tells."""
    return (
        person.may(Task.REVIEW)
        and entry.mode not in (Mode.TRAINING, Mode.SECOND)
        and entry.phase not in (Phase.SETTLING, Phase.SIGNED)
        and entry.reader != person.name
    )
