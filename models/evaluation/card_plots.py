"""Pictures for the card: are probabilities right, and which glyphs are taken for which.

    python -m models.evaluation.card_plots DETAILS [--given region|whole] [--output FOLDER]

DETAILS: JSON lines of `benchmarks/readers.py`. Writes reliability.svg and confusion.svg, plain SVG with a
line of text for every number drawn, so that the card needs no drawing program. The same details give the
same bytes.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from pipelines.probability.judging import JudgedSeries
from pipelines.probability.measures import Bin, calibration_error, confusions, reliability

SIDE = 220
"""Pixels of one diagram's square."""

CELL = 17
"""Pixels of one cell of the matrix."""

INK, FAINT, HIT, MISS = "#1a1a1a", "#bbbbbb", "#2b6cb0", "#c05621"
NOTHING = "∅"
"""Stands for no character: inserted where it is the truth, passed over where it was read."""


def reliability_svg(tiers: Mapping[str, Sequence[JudgedSeries]], bins: int = 10) -> str:
    """A diagram per tier: mean probability of each equal-mass bin against the share that was right."""
    parts = []
    for number, (tier, series) in enumerate(tiers.items()):
        positions = [position for plate in series for position in plate.positions]
        p = [position.p for position in positions]
        right = [position.said == position.truth for position in positions]
        error = calibration_error(p, right, bins)
        title = f"{tier}: {len(p)} characters, ECE {error:.3f}"
        parts.append(_diagram(60 + number * (SIDE + 70), 40, title, reliability(p, right, bins)))
    return _document(60 + len(tiers) * (SIDE + 70), SIDE + 100, parts)


def _diagram(x: int, y: int, title: str, groups: Sequence[Bin]) -> str:
    parts = [
        f'<g transform="translate({x},{y})">',
        f'<text x="0" y="-12" font-weight="bold">{escape(title)}</text>',
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="{FAINT}"/>',
        f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="{FAINT}" stroke-dasharray="4 3"/>',
    ]
    for tick in (0.0, 0.5, 1.0):
        at = round(tick * SIDE)
        parts.append(f'<text x="{at}" y="{SIDE + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="-6" y="{SIDE - at + 4}" text-anchor="end">{tick:g}</text>')
    parts.append(f'<text x="{SIDE / 2:g}" y="{SIDE + 34}" text-anchor="middle">probability given</text>')
    parts.append(
        f'<text transform="translate(-32,{SIDE / 2:g}) rotate(-90)" text-anchor="middle">share right</text>'
    )
    points = [(group.p * SIDE, (1 - group.share) * SIDE, group) for group in groups]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{HIT}"/>')
    parts += [
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{HIT}"><title>{group.p:.3f} given, {group.share:.3f} '
        f"right, {group.count} characters</title></circle>"
        for a, b, group in points
    ]
    return "\n".join([*parts, "</g>"])


def pairs_of(series: Sequence[JudgedSeries]) -> Counter[tuple[str, str]]:
    """(truth, read) of every position, and of every character that has none as (truth, "")."""
    pairs = confusions((p.truth, p.said) for plate in series for p in plate.positions)
    for plate in series:
        placed = Counter(position.truth for position in plate.positions)
        for glyph, count in (Counter(plate.truth) - placed).items():
            pairs[glyph, ""] += count
    del pairs["", ""]
    return pairs


def confusion_svg(series: Sequence[JudgedSeries]) -> str:
    """Rows: what was struck; columns: what was read. Shade: share of the row; every cell names its count."""
    pairs = pairs_of(series)
    # No character last on both sides.
    order = sorted({glyph for pair in pairs for glyph in pair}, key=lambda glyph: (glyph == "", glyph))
    totals = Counter[str]()
    for (truth, _), count in pairs.items():
        totals[truth] += count
    left, top = 60, 60
    parts = [
        f'<text x="{left}" y="22" font-weight="bold">{sum(totals.values())} characters; rows: struck, '
        f"columns: read, {NOTHING}: no character</text>"
    ]
    for number, glyph in enumerate(order):
        at = number * CELL + CELL / 2
        name = escape(glyph or NOTHING)
        parts.append(f'<text x="{left + at:g}" y="{top - 6}" text-anchor="middle">{name}</text>')
        parts.append(f'<text x="{left - 8}" y="{top + at + 4:g}" text-anchor="end">{name}</text>')
    side = len(order) * CELL
    parts.append(f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" stroke="{FAINT}"/>')
    for row, truth in enumerate(order):
        for column, said in enumerate(order):
            count = pairs.get((truth, said), 0)
            if count:
                told = f"{truth or NOTHING} read as {said or NOTHING}: {count} of {totals[truth]}"
                parts.append(
                    f'<rect x="{left + column * CELL}" y="{top + row * CELL}" width="{CELL}" height="{CELL}" '
                    f'fill="{HIT if truth == said else MISS}" fill-opacity="{count / totals[truth]:.3f}">'
                    f"<title>{escape(told)}</title></rect>"
                )
    return _document(left + side + 20, top + side + 20, parts)


def _document(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" fill="{INK}">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def by_tier(details: Path, given: str) -> dict[str, list[JudgedSeries]]:
    """Our own judged series of each tier, in the order of their seeds; blank plates left out."""
    values = [json.loads(line) for line in details.read_text("utf-8").splitlines() if line.strip()]
    tiers: dict[str, list[JudgedSeries]] = {}
    for value in sorted(values, key=lambda value: value["seed"]):
        if not value["blank"]:
            judged = JudgedSeries.from_json(value["judged"]["ours"][given])
            tiers.setdefault(value["tier"], []).append(judged)
    names = [name for name in ("intact", "worn", "etched") if name in tiers]
    return {name: tiers[name] for name in (*names, *sorted(set(tiers) - set(names)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("details", type=Path)
    parser.add_argument("--given", choices=("region", "whole"), default="region")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    tiers = by_tier(arguments.details, arguments.given)
    (arguments.output / "reliability.svg").write_text(reliability_svg(tiers), encoding="utf-8")
    every = [plate for series in tiers.values() for plate in series]
    (arguments.output / "confusion.svg").write_text(confusion_svg(every), encoding="utf-8")


if __name__ == "__main__":
    main()
