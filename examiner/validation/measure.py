"""A laboratory's own validation: its plates, its photographs, its truth, our figures.

FOLDER holds a folder of photographs per series; a table says what was struck: `series` (the folder below
FOLDER), `text` (lines apart by ` | `, empty for a blank plate) and any columns more (`method`, `metal`, …) by
which the figures are broken down. A series with its own regions.csv is read in its regions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from examiner.folders.run import read_all
from examiner.folders.series import Options, Series, series_in
from examiner.validation.table import ValidatedRow, method_of, readers_of
from pipelines.errors import TruthError
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import Figure, JudgedSeries, counts, figures, judge
from pipelines.probability.measures import bootstrap
from pipelines.spreadsheet import text_of
from pipelines.tables import changed_by_spreadsheet, read_table
from pipelines.types import Proposal

REQUIRED = ("series", "text")

LARGEST = 50_000_000
"""Bytes of a table of truths at most."""

MOST_VALUES = 12
"""A column of more different values than these is not broken down by: it names plates, not kinds."""

ROUNDS = 1000
SEED = 0


@dataclass(frozen=True)
class TruthRow:
    """What was struck in one series; `columns`: whatever else the laboratory notes about it."""

    series: str
    text: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One series of the table: `judged` is None where nothing could be read, and `problem` says why.

    `problem` may also name photographs that were left out of a series that was read.
    """

    row: TruthRow
    proposal: Proposal | None
    judged: JudgedSeries | None
    problem: str = ""


@dataclass(frozen=True)
class Group:
    """Series that share a value of a column, with their figures; column "" is all of them."""

    column: str
    value: str
    counts: Mapping[str, int]
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class GlyphFigures:
    """How one struck glyph fared: how often, share found with its interval, how often it was read where it
    does not stand, what it was taken for most ("": passed over), and how often."""

    glyph: str
    struck: int
    found: Figure
    wrongly_read: int
    taken_for: tuple[tuple[str, int], ...]


def read_truth(path: Path) -> tuple[list[TruthRow], list[str]]:
    """The rows and what is wrong with some of them. Raises TruthError where there is no usable row at all."""
    table = read_table(path, REQUIRED, " and any columns more", TruthError, LARGEST, strict=False)
    if not table.columns:
        raise TruthError(f"{path}: no column {' and no column '.join(REQUIRED)}; the table is empty")
    rows: dict[str, TruthRow] = {}
    problems = []
    for row in table.rows:
        name, text = _normal(text_of(row.cells["series"])), text_of(row.cells["text"])
        if not name:
            problems.append(f"{row.where}: names no series; write its folder into the column series")
        elif row.surplus:
            problems.append(row.surplus)
        elif "text" in row.lacks:
            problems.append(f"{row.where}: {name} has no cell for the text; a blank plate has an empty one")
        elif name in rows:
            problems.append(f"{row.where}: {name} stands in the table already; the first row counts")
        elif changed_by_spreadsheet(text):
            problems.append(
                f"{row.where}: the text {text!r} of {name} is what a spreadsheet makes of a number; write it "
                "anew, in a column of the kind Text"
            )
        else:
            columns = {key: text_of(cell) for key, cell in row.cells.items() if key not in REQUIRED}
            rows[name] = TruthRow(name, text, columns)
    if not rows:
        raise TruthError(
            f"{path}: no row names a series{''.join(f'; {problem}' for problem in problems[:3])}"
        )
    return list(rows.values()), problems


def _normal(name: str) -> str:
    return name.strip().replace("\\", "/").strip("/")


def without_truth(folder: Path, rows: Sequence[TruthRow]) -> list[str]:
    """Folders beside those of the table that no row names."""
    named = {row.series.split("/")[0] for row in rows}
    inside = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    return [name for name in inside if name not in named and not name.startswith(".")]


Read = Callable[[Sequence[Series], Options, int], Iterator[Proposal]]


def outcomes(
    folder: Path,
    rows: Sequence[TruthRow],
    readers: tuple[str, ...] | None,
    workers: int,
    read: Read = read_all,
) -> Iterator[Outcome]:
    """Every series of the table read and judged, in the order of the table."""
    options = Options(readers=readers)
    series_or_problem = [_series(folder, row, options) for row in rows]
    proposals = read([series for series in series_or_problem if isinstance(series, Series)], options, workers)
    for row, series in zip(rows, series_or_problem, strict=True):
        yield Outcome(row, None, None, series) if isinstance(series, str) else _judged(row, next(proposals))


def _series(folder: Path, row: TruthRow, options: Options) -> Series | str:
    path = folder / row.series
    if not path.resolve().is_relative_to(folder.resolve()):
        return f"{row.series}: lies outside {folder}"
    if not path.is_dir():
        return f"{row.series}: no such folder below {folder}{_without_zeros(folder, row.series)}"
    # Folders inside a series' folder are series of their own, with rows of their own.
    here = [series for series in series_in([path], False, options) if series.name == str(path)]
    return here[0] if here else f"{row.series}: no photograph in this folder, only folders"


def _without_zeros(folder: Path, series: str) -> str:
    """What to say where a spreadsheet took the zeros from the name of a folder."""
    if not series.isdecimal():
        return ""
    meant = [path.name for path in folder.iterdir() if path.name.lstrip("0") == series and path.is_dir()]
    return f"; a spreadsheet has taken the zeros of {meant[0]}, write them anew" if meant else ""


def _judged(row: TruthRow, proposal: Proposal) -> Outcome:
    left_out = [f"{photo.error.message}" for photo in proposal.photos if photo.error]
    if proposal.error is not None:
        return Outcome(row, proposal, None, "; ".join([f"{row.series}: {proposal.error.message}", *left_out]))
    judged = judge(proposal.lines, row.text, proposal.seconds)
    return Outcome(row, proposal, judged, "; ".join(left_out))


def groups(every_outcome: Sequence[Outcome]) -> tuple[list[Group], list[str]]:
    """All series, then each value of each column; and the columns that were not broken down."""
    read = [(outcome.row, outcome.judged) for outcome in every_outcome if outcome.judged is not None]
    every_group = [_group("", "all", [judged for _, judged in read])]
    passed_over = []
    for column in dict.fromkeys(name for outcome in every_outcome for name in outcome.row.columns):
        values = Counter(row.columns.get(column, "") for row, _ in read)
        if len(values) > MOST_VALUES:
            passed_over.append(f"{column}: {len(values)} different values")
            continue
        for value in sorted(values):
            chosen = [judged for row, judged in read if row.columns.get(column, "") == value]
            every_group.append(_group(column, value or "(empty)", chosen))
    return every_group, passed_over


def _group(column: str, value: str, series: Sequence[JudgedSeries]) -> Group:
    return Group(column, value, counts(series), figures(series, seed=SEED, rounds=ROUNDS))


def glyph_figures(every_outcome: Sequence[Outcome]) -> list[GlyphFigures]:
    """Every glyph that was struck or read, in the order of the alphabet."""
    series = [outcome.judged for outcome in every_outcome if outcome.judged is not None]
    pairs = Counter((p.truth, p.said) for judged in series for p in judged.positions)
    glyphs = sorted({c for judged in series for c in judged.truth} | {glyph for _, glyph in pairs} - {""})
    rows = []
    for glyph in glyphs:
        tallies = [
            (sum(p.truth == p.said == glyph for p in judged.positions), judged.truth.count(glyph))
            for judged in series
            if glyph in judged.truth
        ]
        struck, right = sum(n for _, n in tallies), sum(n for n, _ in tallies)
        others = Counter({answer: n for (truth, answer), n in pairs.items() if truth == glyph != answer})
        others[""] += struck - right - sum(others.values())
        rows.append(
            GlyphFigures(
                glyph,
                struck,
                Figure(_share(tallies), *bootstrap(tallies, _share, seed=SEED, rounds=ROUNDS)),
                sum(n for (truth, answer), n in pairs.items() if answer == glyph != truth),
                tuple((answer, n) for answer, n in sorted(others.items(), key=lambda o: (-o[1], o[0])) if n),
            )
        )
    return rows


def _share(tallies: Sequence[tuple[int, int]]) -> float:
    struck = sum(n for _, n in tallies)
    return sum(n for n, _ in tallies) / struck if struck else float("nan")


Combination = tuple[str, str]
"""The readers that worked, joined by +, and the marking method; "" where none is given."""


def by_combination(every_outcome: Sequence[Outcome]) -> dict[Combination, list[JudgedSeries]]:
    """The series that were read, by what they validate, in the order of names."""
    chosen: dict[Combination, list[JudgedSeries]] = {}
    for outcome in every_outcome:
        if outcome.judged is not None and outcome.proposal is not None:
            key = readers_of(outcome.proposal.readers), method_of(outcome.row.columns.get("method", ""))
            chosen.setdefault(key, []).append(outcome.judged)
    return dict(sorted(chosen.items()))


def validated_rows(every_outcome: Sequence[Outcome], today: date) -> list[ValidatedRow]:
    """A row for each combination of readers and marking method (column `method`) that was measured."""
    return [
        ValidatedRow(
            readers,
            fingerprint(),
            method,
            counts(series),
            figures(series, seed=SEED, rounds=ROUNDS),
            today.isoformat(),
        )
        for (readers, method), series in by_combination(every_outcome).items()
        if method
    ]
