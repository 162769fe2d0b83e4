"""Whether a validation kept to the limits of its plan, for each combination of readers and method."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from examiner.validation.measure import Combination, Outcome, by_combination
from examiner.validation.plan import Limit, Plan, applies
from examiner.validation.table import ValidatedRow, method_of
from pipelines.probability.judging import ALARM, FIGURES, Figure, JudgedSeries

LEVEL = 0.95

UNKNOWN = dict.fromkeys(FIGURES, Figure(math.nan, math.nan, math.nan))
"""Figures of what was not measured."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NONE = "no validation"


@dataclass(frozen=True)
class Kept:
    """One limit beside what was measured; `kept` is False where the figure is not defined."""

    limit: Limit
    figure: Figure
    kept: bool


@dataclass(frozen=True)
class Judgement:
    """What the plan says of one combination. `lacking`: why it is no validation; `left_out`: series of the
    method that could not be read."""

    readers: str
    method: str
    plates: int
    blanks: int
    left_out: tuple[str, ...]
    lacking: tuple[str, ...]
    limits: tuple[Kept, ...]
    figures: Mapping[str, Figure]
    verdict: Verdict


def judgements(plan: Plan, every_outcome: Sequence[Outcome], rows: Sequence[ValidatedRow]) -> list[Judgement]:
    """A judgement for each combination that was measured, and for each method of the plan that was not.
    `rows`: what was measured of each combination with a method."""
    twice = repeated(every_outcome)
    known = {(row.readers, row.method): row.figures for row in rows}
    made = [
        _judgement(plan, (readers, method), series, every_outcome, twice, known)
        for (readers, method), series in by_combination(every_outcome).items()
    ]
    measured = {judgement.method for judgement in made}
    wanted = {method_of(limit.method) for limit in plan.limit} | {
        method_of(outcome.row.columns.get("method", "")) for outcome in every_outcome
    }
    return made + [
        _judgement(plan, ("", method), (), every_outcome, twice, known)
        for method in sorted(wanted - measured)
        if method
    ]


def _judgement(
    plan: Plan,
    combination: Combination,
    series: Sequence[JudgedSeries],
    every_outcome: Sequence[Outcome],
    twice: Sequence[str],
    known: Mapping[Combination, Mapping[str, Figure]],
) -> Judgement:
    readers, method = combination
    blanks = sum(not plate.truth for plate in series)
    plates = len(series) - blanks
    left_out = tuple(
        outcome.row.series
        for outcome in every_outcome
        if outcome.judged is None and method_of(outcome.row.columns.get("method", "")) == method
    )
    lacking = list(twice)
    if not method:
        lacking.append("the marking method of these plates is not given")
    if plates < plan.least_plates:
        lacking.append(f"{plates} marked plates, at least {plan.least_plates} are needed")
    if blanks < plan.least_blanks:
        lacking.append(f"{blanks} blank plates, at least {plan.least_blanks} are needed")
    figures = widened(known.get(combination, UNKNOWN), series)
    limits = tuple(_kept(limit, figures) for limit in plan.limit if applies(limit, method))
    if not limits:
        lacking.append("the plan states no limit for this method")
    kept = all(limit.kept for limit in limits) and len(left_out) <= plan.most_left_out
    verdict = Verdict.NONE if lacking else Verdict.PASSED if kept else Verdict.FAILED
    return Judgement(readers, method, plates, blanks, left_out, tuple(lacking), limits, figures, verdict)


def _kept(limit: Limit, figures: Mapping[str, Figure]) -> Kept:
    figure = figures[limit.figure]
    if limit.at_most is not None:
        kept = (figure.high if limit.by == "interval" else figure.value) <= limit.at_most
    else:
        kept = (figure.low if limit.by == "interval" else figure.value) >= (limit.at_least or 0.0)
    return Kept(limit, figure, kept)


def repeated(every_outcome: Sequence[Outcome]) -> list[str]:
    """Why there are fewer plates than series: a plate, or a photograph, that several of them show."""
    plates = Counter(
        plate for o in every_outcome if o.judged is not None and (plate := o.row.columns.get("plate", ""))
    )
    words = [
        f"plate {plate} is {times} series; put its photographs into one folder"
        for plate, times in sorted(plates.items())
        if times > 1
    ]
    shown: dict[str, list[str]] = {}
    for outcome in every_outcome:
        if outcome.judged is not None and outcome.proposal is not None:
            for photo in {photo.sha256 for photo in outcome.proposal.photos if photo.sha256}:
                shown.setdefault(photo, []).append(outcome.row.series)
    pairs = sorted({tuple(series) for series in shown.values() if len(series) > 1})
    return words + [f"the same photograph is in {' and '.join(series)}" for series in pairs]


def widened(figures: Mapping[str, Figure], series: Sequence[JudgedSeries]) -> dict[str, Figure]:
    """The figures with intervals that few plates cannot make too narrow.

    Shares of plates (`exact`, `false_alarms`) get the exact interval of Clopper and Pearson
    (doi:10.1093/biomet/26.4.404). Where all plates are alike, drawing them again gives an interval without
    any width: then a share of characters or sets gets the end that it would have with as many plates, one of
    which could go wrong altogether.
    """
    marked = [plate for plate in series if plate.truth]
    blank = [plate for plate in series if not plate.truth]
    wide = dict(figures)
    if marked:
        wide["exact"] = share(sum(not plate.edits for plate in marked), len(marked))
        for name in ("cer", "missed"):
            wide[name] = _with_ends(figures[name], len(marked))
    if blank:
        wide["false_alarms"] = share(sum(plate.boldest >= ALARM for plate in blank), len(blank))
    for name in ("coverage", "unreadable"):
        wide[name] = _with_ends(figures[name], len(series))
    return wide


def _with_ends(figure: Figure, plates: int) -> Figure:
    if figure.low != figure.high or figure.value not in (0.0, 1.0):
        return figure
    return share(round(figure.value * plates), plates)


def share(right: int, of: int) -> Figure:
    """A share of independent plates with its exact 95 % interval (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    if not of:
        return Figure(math.nan, math.nan, math.nan)
    rest = (1 - LEVEL) / 2
    low = 0.0 if right == 0 else float(beta.ppf(rest, right, of - right + 1))
    high = 1.0 if right == of else float(beta.ppf(1 - rest, right + 1, of - right))
    return Figure(right / of, low, high)
