"""The catalogue as pages for people: `python -m pipelines.enhance.pages > docs/enhancement-steps.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pipelines.enhance.catalogue import GROUPS, QUICK_MS, Entry, Measured, catalogue, measurements
from pipelines.enhance.step import ChoiceParameter, Corners, Flag, Number, Parameter

HEAD = """# The steps, one by one

This page is made from the steps' own descriptions and from the table that `benchmarks/enhance.py` measured
(version {version}; {machine}). What the figures mean:

- **evidence**: change of the mean natural logarithm of the probability that our own and the general reader
  give to the true character, with its 95 % interval. Both readers level a strip for themselves, so for them a
  photograph as taken is hard to better; what helps the eye need not help them.
- **contrast**: of the true strokes to the metal's noise, as a multiple of that in the photograph as taken.
- **false strokes**: on a blank plate, pieces of line at least half as strong as true strokes, a character of
  the row. As taken: {plain}.
- **on blanks**: share of blank plates on which a reader saw a character.
- **ms**: on two megapixels, grey / colour, one thread. *Slow* means above {quick} ms.

`tuning`: simulated plates by which steps and recipes were chosen. `foreign`: plates of a second simulator
that nothing was chosen by. All are simulated; real metal may differ.

![Every step and recipe on a marked plate and on the same plate without a marking](enhancement-steps.jpg)

Left a marked plate, right the same plate if nothing had ever been struck into it: all that looks like a
stroke there was made by the light, the grinding and the step. Made by `benchmarks/enhance_sheet.py`.
"""

FIGURES = ("evidence", "contrast", "false strokes", "on blanks")


def page() -> str:
    """The whole page in Markdown."""
    entries = catalogue()
    plain = next(entry for entry in entries if entry.name == "as_taken")
    said = [f"{name} {measured.false_strokes:.2f}" for name, measured in _sets(plain)]
    table = measurements()
    lines = [
        HEAD.format(
            version=table["version"], machine=table["machine"], plain=", ".join(said), quick=QUICK_MS
        ),
        "## Overview\n",
        *_overview([entry for entry in entries if entry.milliseconds is not None]),
    ]
    for group, title in GROUPS.items():
        lines.append(f"\n## {title}")
        for entry in entries:
            if entry.group == group:
                lines += ["", *_section(entry)]
    return "\n".join(lines) + "\n"


def _overview(entries: Sequence[Entry]) -> list[str]:
    names = [name for name in ("tuning", "foreign") if any(getattr(entry, name) for entry in entries)]
    heads = [f"{figure}, {name}" for figure in FIGURES for name in names]
    rows = [f"| | ms | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    for entry in entries:
        sets = [measured for _, measured in _sets(entry)]
        cells = [
            *(
                f"{measured.evidence:+.2f} ({measured.evidence_95[0]:+.2f} to {measured.evidence_95[1]:+.2f})"
                for measured in sets
            ),
            *(f"{measured.contrast:.2f}" for measured in sets),
            *(f"{measured.false_strokes:.2f}" for measured in sets),
            *(f"{measured.read_on_blanks:.3f}" for measured in sets),
        ]
        kind = "" if entry.group else "recipe "
        rows.append(f"| {kind}`{entry.name}` | {_cost(entry)} | {' | '.join(cells)} |")
    counts = [
        f"{name} {measured.plates}, {measured.twins} of them with a blank twin"
        for name, measured in _sets(entries[0])
    ]
    note = (
        "A plate without a twin counts for evidence and for what is read on blanks; only intact ones of the "
        "foreign plates have twins."
    )
    return [*rows, "", f"Plates: {'; '.join(counts)}. {note}"]


def _section(entry: Entry) -> list[str]:
    lines = [f"### `{entry.name}`", "", entry.summary, "", entry.text, "", entry.assumes, "", entry.lies, ""]
    lines += [f"- `{parameter.name}`: {_range(parameter)}" for parameter in entry.parameters]
    cost = f" Measured: {_cost(entry)} ms." if entry.milliseconds is not None else ""
    lines += ["" if entry.parameters else None, f"Cost: {entry.cost}{cost}"]  # type: ignore[list-item]
    if entry.reference:
        lines += ["", f"Reference: {entry.reference}"]
    return [line for line in lines if line is not None]


def _range(parameter: Parameter) -> str:
    kind, default = parameter.kind, parameter.default
    match kind:
        case Number():
            return f"{kind.low:g} to {kind.high:g} {kind.unit}, usually {default:g}; {kind.doc}."
        case ChoiceParameter():
            return f"{', '.join(kind.options)}; usually {default}; {kind.doc}."
        case Flag():
            return f"true or false, usually {str(default).lower()}; {kind.doc}."
        case Corners():
            return f"four points [x, y], clockwise from the top left, as fractions 0 to 1; {kind.doc}."


def _cost(entry: Entry) -> str:
    assert entry.milliseconds is not None
    grey, colour = entry.milliseconds
    return f"{grey} / {colour}{', *slow*' if entry.slow else ''}"


def _sets(entry: Entry) -> list[tuple[str, Measured]]:
    return [
        (name, measured)
        for name, measured in (("tuning", entry.tuning), ("foreign", entry.foreign))
        if measured
    ]


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
