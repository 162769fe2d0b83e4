"""A laboratory's plan of a validation: what it is for, and the limits of acceptance, stated before."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from examiner.validation.table import method_of
from pipelines.errors import ExitCode, MarkingError
from pipelines.probability.judging import FIGURES

LEAST_PLATES = 20
"""Marked plates of a marking method below which nothing is called a validation, whatever the plan says."""

LARGEST = 1 << 20
"""Bytes of a plan at most."""


class PlanError(MarkingError):
    """A plan that cannot be used."""

    kind = "plan"
    exit_code = ExitCode.USAGE


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One limit of acceptance, for each marking method or for the one that is named.

    `by`: whether the unfavourable end of the figure's 95 % interval has to keep to it, or the figure itself.
    """

    figure: str
    at_most: float | None = None
    at_least: float | None = None
    by: Literal["interval", "estimate"] = "interval"
    method: str = ""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says; `purpose`, `material` and `how` are paragraphs."""

    title: str
    reference: str
    stated: date
    stated_by: str
    limit: tuple[Limit, ...]
    laboratory: str = ""
    purpose: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ("carried out by", "checked by", "approved by")
    paper: Literal["a4", "letter"] = "a4"
    least_plates: int = LEAST_PLATES
    least_blanks: int = 0
    most_left_out: int = 0


@dataclass(frozen=True)
class StatedPlan:
    """A plan with the hash of the file that states it."""

    plan: Plan
    file_name: str
    sha256: str


def read_plan(path: Path, today: date) -> StatedPlan:
    """Raises PlanError, which names what is wrong; a plan stated after `today` was not stated before."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes")
        plan = msgspec.convert(tomllib.loads(content.decode("utf-8")), Plan)
        _check(plan, today)
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{path}: no plan of a validation ({error}); docs/validation.md shows one") from error
    return StatedPlan(plan, path.name, sha256(content).hexdigest())


def _check(plan: Plan, today: date) -> None:
    if not (plan.title.strip() and plan.reference.strip() and plan.stated_by.strip()):
        raise ValueError("title, reference and stated_by say something")
    if plan.stated > today:
        raise ValueError(f"stated on {plan.stated}, after today; a plan is stated before it is carried out")
    if plan.least_plates < LEAST_PLATES:
        raise ValueError(f"least_plates is {plan.least_plates}; fewer than {LEAST_PLATES} validate nothing")
    if plan.least_blanks < 0 or plan.most_left_out < 0:
        raise ValueError("least_blanks and most_left_out are 0 or more")
    if not plan.limit:
        raise ValueError("no [[limit]]: what is accepted is stated before it is measured")
    for limit in plan.limit:
        if limit.figure not in FIGURES:
            raise ValueError(f"there is no figure {limit.figure!r}; there are {', '.join(FIGURES)}")
        if (limit.at_most is None) == (limit.at_least is None):
            raise ValueError(f"the limit of {limit.figure} has either at_most or at_least")
        if (limit.at_most is not None) != (limit.figure in LESS_IS_BETTER):
            expected = "at_most" if limit.figure in LESS_IS_BETTER else "at_least"
            raise ValueError(f"the limit of {limit.figure} is given by {expected}")
        bound = limit.at_most if limit.at_most is not None else limit.at_least
        if not 0 <= (bound or 0) < float("inf"):
            raise ValueError(f"the limit of {limit.figure} is a number from 0")


LESS_IS_BETTER = frozenset(FIGURES) - {"exact", "coverage"}
"""Figures that a limit holds from above; the others from below."""


def applies(limit: Limit, method: str) -> bool:
    """Whether a limit is for this marking method."""
    return not limit.method or method_of(limit.method) == method
