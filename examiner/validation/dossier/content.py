"""What stands in a dossier, as plain values: nothing of it depends on the day or on where a folder lies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import msgspec
import numpy as np

from examiner.casebook.versions import software_versions
from examiner.validation.dossier.verdict import Judgement, Kept, Verdict, judgements, widened
from examiner.validation.measure import ROUNDS, SEED, Group, Outcome, by_combination
from examiner.validation.plan import LESS_IS_BETTER, StatedPlan
from examiner.validation.report import Report
from examiner.validation.table import ValidatedRow
from pipelines.probability.calibration import calibration, fingerprint
from pipelines.probability.judging import ALARM, FIGURES, Figure, JudgedSeries
from pipelines.probability.measures import bootstrap

SCHEMA = 1

BINS = 10

SHOWN = ("cer", "exact", "missed", "ece", "brier", "cllr", "cllr_min", "coverage", "set_size", "false_alarms")
"""Figures of the tables; dossier.json has all."""

TITLES = {
    "cer": "character error rate",
    "exact": "plates read without error",
    "missed": "characters without a position",
    "ece": "calibration error (ECE)",
    "brier": "Brier score",
    "log_loss": "log-loss, nats",
    "base_log_loss": "log-loss of the base rate, nats",
    "glyph_loss": "log-loss of the glyph, nats",
    "base_glyph_loss": "log-loss of glyph frequency, nats",
    "cllr": "Cllr, bits",
    "cllr_min": "least Cllr, bits",
    "coverage": "candidate sets that hold the truth",
    "set_size": "glyphs in a candidate set",
    "unreadable": "sets too large to say anything",
    "false_alarms": "blank plates with a false alarm",
}


def dossier_value(report: Report, stated: StatedPlan) -> dict[str, Any]:
    """Everything that the dossier says; the same for the same photographs, truths, plan and versions."""
    judged = judgements(stated.plan, report.outcomes, report.rows)
    read = [outcome.judged for outcome in report.outcomes if outcome.judged is not None]
    return {
        "schema": SCHEMA,
        "plan": {
            **msgspec.to_builtins(stated.plan),
            "file": stated.file_name,
            "sha256": stated.sha256,
        },
        "verdict": overall(judged).value,
        "judgements": [_judgement(judgement) for judgement in judged],
        "material": _material(report),
        "figures": {name: {"title": TITLES[name], "said": said} for name, said in FIGURES.items()},
        "shown": list(SHOWN),
        "groups": [_group(group, _series_of(group, report.outcomes)) for group in report.groups],
        "glyphs": [
            {
                "glyph": glyph.glyph,
                "struck": glyph.struck,
                "right": _figure(glyph.found),
                "taken_for": [list(pair) for pair in glyph.taken_for],
                "wrongly_read": glyph.wrongly_read,
            }
            for glyph in report.glyphs
        ],
        "reliability": [
            {"name": name, "positions": sum(len(plate.positions) for plate in series), "bins": bins(series)}
            for name, series in _readings(report.outcomes)
        ],
        "confusion": confusion(read),
        "blanks": {
            "alarm": ALARM,
            "plates": [
                {"series": o.row.series, "boldest": o.judged.boldest, "alarm": o.judged.boldest >= ALARM}
                for o in report.outcomes
                if o.judged is not None and not o.judged.truth
            ],
        },
        "series": [_series(outcome) for outcome in report.outcomes],
        "problems": [_placeless(problem, report) for problem in report.problems],
        "notes": list(report.notes),
        "intervals": {"level": 0.95, "rounds": ROUNDS, "seed": SEED},
        "weights": fingerprint(),
        "released_on": calibration().validated_on,
        "versions": dict(software_versions()),
    }


def overall(judged: Sequence[Judgement]) -> Verdict:
    """Passed where every combination passed, no validation where each is none, else failed."""
    verdicts = {judgement.verdict for judgement in judged} or {Verdict.NONE}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.FAILED


def passed_rows(value: Mapping[str, Any], rows: Sequence[ValidatedRow]) -> list[ValidatedRow]:
    """The rows whose combination of readers and method has passed."""
    passed = {
        (judgement["readers"], judgement["method"])
        for judgement in value["judgements"]
        if judgement["verdict"] == Verdict.PASSED
    }
    return [row for row in rows if (row.readers, row.method) in passed]


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "readers": judgement.readers,
        "method": judgement.method,
        "plates": judgement.plates,
        "blanks": judgement.blanks,
        "left_out": list(judgement.left_out),
        "lacking": list(judgement.lacking),
        "limits": [_limit(kept) for kept in judgement.limits],
        "verdict": judgement.verdict.value,
    }


def _limit(kept: Kept) -> dict[str, Any]:
    limit = kept.limit
    below = limit.figure in LESS_IS_BETTER
    return {
        "figure": limit.figure,
        "bound": limit.at_most if below else limit.at_least,
        "from": "at most" if below else "at least",
        "by": limit.by,
        "measured": _figure(kept.figure),
        "kept": kept.kept,
    }


def _material(report: Report) -> dict[str, Any]:
    """How much was measured, and one hash over all photographs and truths."""
    read = [outcome for outcome in report.outcomes if outcome.judged is not None]
    lines = [
        f"{photo.sha256}  {outcome.row.series}/{PurePath(photo.path).name}"
        for outcome in report.outcomes
        if outcome.proposal is not None
        for photo in outcome.proposal.photos
    ]
    columns = {
        name: sorted(Counter(outcome.row.columns.get(name, "") or "(empty)" for outcome in read).items())
        for group in report.groups
        if (name := group.column)
    }
    return {
        "folder_rows": len(report.outcomes),
        "read": len(read),
        "marked": sum(bool(o.judged and o.judged.truth) for o in read),
        "blanks": sum(bool(o.judged and not o.judged.truth) for o in read),
        "characters": sum(len(o.judged.truth) for o in read if o.judged),
        "photographs": len(lines),
        "photographs_sha256": sha256("\n".join(sorted(lines)).encode("utf-8", "surrogateescape")).hexdigest(),
        "truth_file": report.truth.name,
        "truth_sha256": sha256(report.truth.read_bytes()).hexdigest(),
        "columns": {name: [list(pair) for pair in values] for name, values in columns.items()},
    }


def _series_of(group: Group, outcomes: Sequence[Outcome]) -> list[JudgedSeries]:
    value = "" if group.value == "(empty)" else group.value
    return [
        outcome.judged
        for outcome in outcomes
        if outcome.judged is not None
        and (not group.column or outcome.row.columns.get(group.column, "") == value)
    ]


def _group(group: Group, series: Sequence[JudgedSeries]) -> dict[str, Any]:
    figures = widened(group.figures, series)
    return {
        "column": group.column,
        "value": group.value,
        "counts": dict(group.counts),
        "figures": {name: _figure(figure) for name, figure in figures.items()},
    }


def _readings(outcomes: Sequence[Outcome]) -> list[tuple[str, list[JudgedSeries]]]:
    """All series, and those of each combination where there are several."""
    combinations = by_combination(outcomes)
    every = [plate for series in combinations.values() for plate in series]
    named = [
        (f"{method or 'method not given'}, {readers or 'no reader'}", series)
        for (readers, method), series in combinations.items()
    ]
    return [("all plates", every), *(named if len(named) > 1 else [])]


def bins(series: Sequence[JudgedSeries], most: int = BINS) -> list[dict[str, float]]:
    """Claims of nearly equal probability beside the share that was right, with its interval over plates.

    About as many claims in each; equal claims are in one bin, so that there may be fewer bins.
    """
    claims = np.array([p.p for plate in series for p in plate.positions], np.float64)
    if not len(claims):
        return []
    edges = np.unique(np.quantile(claims, np.linspace(0, 1, most + 1)[1:], method="inverted_cdf"))
    made = []
    for number in range(len(edges)):
        low = edges[number - 1] if number else -math.inf
        inside = [[p for p in plate.positions if low < p.p <= edges[number]] for plate in series]
        tallies = [(sum(p.said == p.truth for p in those), len(those)) for those in inside if those]
        ends = bootstrap(tallies, _share, seed=SEED, rounds=ROUNDS)
        chosen = [p.p for those in inside for p in those]
        made.append(
            {
                "p": round(float(np.mean(chosen)), 6),
                "right": round(_share(tallies), 6),
                "low": round(ends[0], 6),
                "high": round(ends[1], 6),
                "count": len(chosen),
            }
        )
    return made


def _share(tallies: Sequence[tuple[int, int]]) -> float:
    return sum(right for right, _ in tallies) / sum(of for _, of in tallies)


def confusion(series: Sequence[JudgedSeries]) -> dict[str, Any]:
    """Which glyph was read how often where which stands; "" for nothing struck, and nothing read."""
    pairs = Counter((p.truth, p.said) for plate in series for p in plate.positions)
    for plate in series:
        placed = Counter(p.truth for p in plate.positions)
        for glyph, times in (Counter(plate.truth) - placed).items():
            pairs[glyph, ""] += times
    del pairs["", ""]
    return {
        "struck": sorted({struck for struck, _ in pairs}, key=lambda glyph: (not glyph, glyph)),
        "read": sorted({read for _, read in pairs}, key=lambda glyph: (not glyph, glyph)),
        "counts": [[struck, read, times] for (struck, read), times in sorted(pairs.items())],
    }


def _series(outcome: Outcome) -> dict[str, Any]:
    judged = outcome.judged
    return {
        "series": outcome.row.series,
        "method": outcome.row.columns.get("method", ""),
        "text": outcome.row.text,
        "photographs": 0 if outcome.proposal is None else len(outcome.proposal.photos),
        "judged": judged is not None,
        "read": "" if judged is None else judged.read,
        "edits": None if judged is None else judged.edits,
        "boldest": None if judged is None else judged.boldest,
    }


def _placeless(problem: str, report: Report) -> str:
    """A problem without the folders above: the same plates elsewhere give the same dossier."""
    for outcome in report.outcomes:
        for photo in () if outcome.proposal is None else outcome.proposal.photos:
            problem = problem.replace(str(photo.path), PurePath(photo.path).name)
    return problem.replace(f"{report.truth.parent}/", "")


def _figure(figure: Figure) -> list[float | None]:
    """Value, low and high end, to six places; None where it is not defined."""
    return [None if math.isnan(end) else round(end, 6) for end in (figure.value, figure.low, figure.high)]
