"""The report of a validation: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.table import Table

from examiner.validation.measure import (
    ROUNDS,
    SEED,
    GlyphFigures,
    Group,
    Outcome,
    glyph_figures,
    groups,
    validated_rows,
)
from examiner.validation.table import FILE_NAME, ValidatedRow, joined, read_table, write_table
from pipelines.probability.calibration import calibration, fingerprint
from pipelines.probability.judging import FIGURES, Figure
from pipelines.spreadsheet import csv_text

SCHEMA = 1

FILES = ("validation.json", "figures.csv", "glyphs.csv", "series.csv")
"""What a report replaces in its folder; the table of what is validated is added to."""

SHOWN = {
    "cer": "CER",
    "exact": "exact",
    "ece": "ECE",
    "log_loss": "log-loss",
    "base_log_loss": "(base)",
    "cllr": "Cllr",
    "cllr_min": "least",
    "coverage": "sets cover",
    "set_size": "set size",
    "false_alarms": "false alarms",
}
"""Figures that the printed table shows; the files have all of them."""


@dataclass(frozen=True)
class Report:
    """Everything that a validation found. `problems` name what was left out, `notes` what was not asked."""

    truth: Path
    outcomes: tuple[Outcome, ...]
    groups: tuple[Group, ...]
    glyphs: tuple[GlyphFigures, ...]
    rows: tuple[ValidatedRow, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    made: date


def report_of(truth: Path, every_outcome: Sequence[Outcome], problems: Sequence[str]) -> Report:
    every_group, passed_over = groups(every_outcome)
    today = date.today()
    rows = validated_rows(every_outcome, today)
    notes = [f"not broken down by {column}" for column in passed_over]
    if not rows:
        notes.append("no column `method` with values: nothing can join the table of what is validated")
    return Report(
        truth,
        tuple(every_outcome),
        tuple(every_group),
        tuple(glyph_figures(every_outcome)),
        tuple(rows),
        (*problems, *(outcome.problem for outcome in every_outcome if outcome.problem)),
        tuple(notes),
        today,
    )


def figures_table(every_group: Sequence[Group]) -> Table:
    table = Table(title="Figures with 95 % intervals over series", title_justify="left", show_lines=True)
    table.add_column("", no_wrap=True)
    for name in ("series", "characters", "blanks"):
        table.add_column(name, justify="right")
    for title in SHOWN.values():
        table.add_column(title, justify="right")
    for group in every_group:
        name = f"{group.column}: {group.value}" if group.column else group.value
        numbers = (str(group.counts[key]) for key in ("series", "characters", "blanks"))
        table.add_row(name, *numbers, *(_cell(group.figures[key]) for key in SHOWN))
    return table


def glyphs_table(glyphs: Sequence[GlyphFigures]) -> Table:
    table = Table(title="Glyphs", title_justify="left")
    for name, side in (("struck", "left"), ("times", "right"), ("found", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    table.add_column("taken for")
    table.add_column("wrongly read", justify="right")
    for glyph in glyphs:
        taken_for = ", ".join(f"{answer or 'nothing'} {n}" for answer, n in glyph.taken_for[:4])
        table.add_row(glyph.glyph, str(glyph.struck), _cell(glyph.found), taken_for, str(glyph.wrongly_read))
    return table


def _cell(figure: Figure) -> str:
    if math.isnan(figure.value):
        return "–"
    if math.isnan(figure.low):
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f}\n{figure.low:.2f}–{figure.high:.2f}"


def write(report: Report, folder: Path, passed: Sequence[ValidatedRow] = ()) -> list[Path]:
    """The files of a report; the table "validated for" that lies there already is widened by what has passed,
    not replaced.

    Raises TruthError where that table cannot be understood, OSError where nothing can be written.
    """
    table = folder / FILE_NAME
    rows = joined(read_table(table) if table.is_file() else [], passed)
    written = [folder / name for name in FILES]
    written[0].write_text(
        json.dumps(_finite(to_json(report)), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    _write_csv(written[1], ("column", "value", "figure", "estimate", "low", "high"), _figure_rows(report))
    _write_csv(
        written[2],
        ("glyph", "struck", "found", "low", "high", "wrongly_read", "taken_for"),
        (
            (
                g.glyph,
                g.struck,
                *_ends(g.found),
                g.wrongly_read,
                " ".join(f"{s or '∅'}:{n}" for s, n in g.taken_for),
            )
            for g in report.glyphs
        ),
    )
    _write_csv(
        written[3],
        ("series", "truth", "read", "edits", "boldest_p", "seconds", "problem"),
        (
            (o.row.series, o.row.text)
            + (
                ("", "", "", "")
                if o.judged is None
                else (o.judged.read, o.judged.edits, o.judged.boldest, o.judged.seconds)
            )
            + (o.problem,)
            for o in report.outcomes
        ),
    )
    if passed:
        write_table(table, rows)
        written.append(table)
    return written


def to_json(report: Report) -> dict[str, Any]:
    """The whole report as plain values; a figure that is not defined is null."""
    return {
        "schema": SCHEMA,
        "made": report.made.isoformat(),
        "program": version("marking-examination-assistant"),
        "weights": fingerprint(),
        "released_calibration_validated_on": calibration().validated_on,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "truth": {"path": str(report.truth), "sha256": sha256(report.truth.read_bytes()).hexdigest()},
        "intervals": {"over": "series", "level": 0.95, "rounds": ROUNDS, "seed": SEED},
        "what_figures_say": dict(FIGURES),
        "problems": list(report.problems),
        "notes": list(report.notes),
        "groups": [asdict(group) for group in report.groups],
        "glyphs": [asdict(glyph) for glyph in report.glyphs],
        "series": [
            {
                "series": outcome.row.series,
                "text": outcome.row.text,
                "columns": dict(outcome.row.columns),
                "judged": None if outcome.judged is None else outcome.judged.to_json(),
                "readers": None if outcome.proposal is None else dict(outcome.proposal.readers),
                "photos": []
                if outcome.proposal is None
                else [{"path": p.path, "sha256": p.sha256} for p in outcome.proposal.photos],
                "problem": outcome.problem,
            }
            for outcome in report.outcomes
        ],
    }


def _figure_rows(report: Report) -> Iterable[tuple[object, ...]]:
    for group in report.groups:
        for name, count in group.counts.items():
            yield group.column, group.value, name, count, "", ""
        for name, figure in group.figures.items():
            yield group.column, group.value, name, *_ends(figure)


def _ends(figure: Figure) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    low, value, high = (
        None if math.isnan(end) else Decimal(f"{end:.6f}") for end in (figure.low, figure.value, figure.high)
    )
    return value, low, high


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.write_text(csv_text(names, rows), "utf-8-sig", newline="")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
