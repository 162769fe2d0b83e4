"""The roles of persons in a laboratory, and the kinds of work that each role allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    EXAMINER = "examiner"
    REVIEWER = "reviewer"
    TRAINER = "trainer"
    ADMINISTRATOR = "administrator"


class Task(StrEnum):
    """What a role allows."""

    EXAMINE = "examine"
    REVIEW = "review"
    TRAIN = "train"
    ADMINISTER = "administer"


ALLOWED: Mapping[Role, frozenset[Task]] = {
    Role.EXAMINER: frozenset((Task.EXAMINE, Task.REVIEW, Task.TRAIN)),
    Role.REVIEWER: frozenset((Task.REVIEW, Task.TRAIN)),
    Role.TRAINER: frozenset((Task.TRAIN,)),
    Role.ADMINISTRATOR: frozenset((Task.ADMINISTER,)),
}


def tasks_of(roles: Iterable[Role]) -> frozenset[Task]:
    """Everything that one of these roles allows."""
    return frozenset(task for role in roles for task in ALLOWED[role])
