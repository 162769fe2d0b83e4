"""What every enhancement step and recipe does for legibility, and how many strokes it invents, side by side.

    python benchmarks/enhance.py --details FILE [--plates N] [--seed S] [--sets SET,…] [--only NAME,…]
    python benchmarks/enhance.py --details FILE --table pipelines/enhance/measured.toml

Plates that bore a marking and, the same otherwise, their blank twins: `tuning` from models/plates, which
steps may be set and chosen by, `foreign` from models/foreign/plates.py, which nothing is set by. One
photograph of each, a third of them intact, a third worn, a third etched; steps and recipes with their
shipped parameters, sizes fitted to the character's height, on the whole photograph. Measured:

- evidence: mean natural logarithm of the probability that our own and the general reader give to the true
  glyph at each position, the rest of the row given; shown as the change from the photograph as taken.
- contrast to noise: mean change that the strokes make, over the deviation of the blank twin's detail finer
  than a character; shown as a multiple of that of the photograph as taken.
- false strokes: on the blank twin, pieces of line at least a third of a character long and at least half as
  strong as the median of the true strokes under the same step; per character of the row.
- read on blanks: share of blank twins on which those readers, uncalibrated, give a character 0.5 or more.

Only intact ones of the foreign plates have twins: the others count for evidence and for what is read on
blanks. The first form of the command adds a JSON line a plate to FILE and goes on where it was stopped; the
second writes the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import tomli_w

from models.foreign.plates import TIERS, ForeignPlate, foreign_plate
from models.plates.draw import random_spec
from models.plates.plate import photographs
from pipelines.enhance import STEPS
from pipelines.enhance.recipe import Recipe, fitted, make_recipe, run_recipe, shipped_recipes
from pipelines.enhance.strokes import oriented_strokes
from pipelines.glyphs import GLYPHS
from pipelines.photographs.photo import grey
from pipelines.reading.decode import string_of, substitutions
from pipelines.reading.pooling import pool
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.sheets import Panel, screened_slices, sheet
from pipelines.strip import grown, sides
from pipelines.types import Image, Quad, as_quad

SETS = ("tuning", "foreign")
FIRST_SEED = {"tuning": 800_000, "foreign": 40_000}
NOT_JUDGED = ("geometry",)
"""Groups of steps that only move pixels."""

STROKE = 0.15
"""Width of a stroke over a character's height, about."""

SEEN = 0.02
"""Change of brightness by the strokes below which a plate shows nothing that a step could bring out."""

ALARM = 0.5


@dataclass(frozen=True, eq=False)
class Case:
    """One photograph of a marked plate. `blank`: the same without the marking and as brightly exposed, None
    where there is no twin; `bare`: a blank photograph and the band that a row could stand in."""

    key: str
    glyphs: str
    image: Image
    band: Quad
    blank: Image | None
    bare: tuple[Image, Quad]


def tuning_case(seed: int, tier: str) -> Case | None:
    spec = random_spec(seed, tier)  # type: ignore[arg-type]
    spec = replace(spec, lines=spec.lines[:1])
    marked = photographs(spec, 1)
    glyphs = "".join(c.glyph for c in marked.characters)
    if len(glyphs) < 3 or not set(glyphs) <= set(GLYPHS):
        return None
    image = _unit(marked.photographs[0].pixels)
    blank = _unit(photographs(replace(spec, lines=()), 1).photographs[0].pixels)
    band = _band(marked.photographs[0].quads)
    return Case(f"tuning {tier} {seed}", glyphs, image, band, _as_bright(blank, image), (blank, band))


def foreign_case(seed: int, tier: str) -> Case | None:
    marked = foreign_plate(seed, tier, 1)  # type: ignore[arg-type]
    glyphs = "".join(marked.glyphs)
    if len(marked.text) != 1 or marked.rotate_cw or len(glyphs) < 3 or not set(glyphs) <= set(GLYPHS):
        return None
    bare = foreign_plate(seed, tier, 1, blank=True)  # type: ignore[arg-type]
    image, blank = _unit(marked.photographs[0]), _unit(bare.photographs[0])
    band = _band(marked.quads[0])
    matched = _as_bright(blank, image) if image.shape == blank.shape else None
    if matched is None or float(np.median(np.abs(image - matched))) > 0.01:
        return Case(f"foreign {tier} {seed}", glyphs, image, band, None, (blank, _region(bare)))
    return Case(f"foreign {tier} {seed}", glyphs, image, band, matched, (blank, band))


CASES = {"tuning": tuning_case, "foreign": foreign_case}


def _unit(pixels: npt.NDArray[np.uint8]) -> Image:
    return pixels.astype(np.float32) / np.float32(255)


def _as_bright(blank: Image, marked: Image) -> Image:
    """The blank as the camera would have taken it with the exposure of the marked plate: strokes change what
    the camera takes for the right exposure, and that is not theirs to be credited with."""
    factors = np.median(marked / np.maximum(blank, 0.02), axis=(0, 1)).astype(np.float32)
    return np.clip(blank * factors, 0, 1).astype(np.float32)


def _region(plate: ForeignPlate) -> Quad:
    x0, y0, x1, y1 = plate.region[0]
    return grown(as_quad([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), -0.2, -0.2)


def _band(quads: npt.NDArray[np.float64]) -> Quad:
    """The row's band: along the line from its first character to its last."""
    first, last = quads[0].mean(axis=0), quads[-1].mean(axis=0)
    along = (last - first) / np.linalg.norm(last - first)
    down = np.array([-along[1], along[0]])
    x, y = (quads - first) @ along, (quads - first) @ down
    height = float(np.median(y.max(axis=1) - y.min(axis=1)))
    top = float(np.median(y.mean(axis=1))) - 0.6 * height
    ends = float(x.min() - 0.1 * height), float(x.max() + 0.1 * height)
    corners = (ends[0], top), (ends[1], top), (ends[1], top + 1.2 * height), (ends[0], top + 1.2 * height)
    return as_quad([tuple(first + along * a + down * b) for a, b in corners])


def variants() -> dict[str, Recipe]:
    """As taken, every step that changes brightness by itself, every shipped recipe (`recipe NAME`)."""
    alone = {
        name: make_recipe(name, name, name, [(name, {})])
        for name, step in STEPS.items()
        if step.group not in NOT_JUDGED
    }
    recipes = {f"recipe {name}": recipe for name, recipe in shipped_recipes().items() if recipe.steps}
    return {"as_taken": shipped_recipes()["as_taken"], **alone, **recipes}


def evidence(panel: Panel, image: Image, band: Quad, glyphs: str) -> float:
    """Mean log-probability of the true glyphs, each with the rest of the row given."""
    string = string_of(glyphs)
    slices = [piece for piece in screened_slices(panel, [sheet(0, image)], [band])[0] if piece.votes]
    tables = [substitutions(piece.columns, string) for piece in slices]
    fits = [(table, piece) for table, piece in zip(tables, slices, strict=True) if np.isfinite(table).any()]
    if not fits:
        return -float(np.log(len(GLYPHS)))
    total = sum(piece.weight for _, piece in fits)
    table = sum(np.maximum(table, table.max() - 60) * (piece.weight / total) for table, piece in fits)
    logs = table - np.logaddexp.reduce(table, axis=1)[:, None]
    return float(np.mean([logs[i, glyph] for i, glyph in enumerate(string)]))


def read_on_blank(panel: Panel, image: Image, band: Quad) -> bool:
    line = pool(screened_slices(panel, [sheet(0, image)], [band])[0])
    return bool(line.string) and float(line.conditionals(1.0)[:, 1:].max()) >= ALARM


def strokes_of(case: Case) -> npt.NDArray[np.bool_] | None:
    """Where the strokes changed the photograph; None where there is no twin or nothing is to be seen."""
    if case.blank is None:
        return None
    change = np.abs(grey(case.image) - grey(case.blank)) * _inside(case)
    most = float(np.quantile(change[_inside(case)], 0.95))
    return None if most < SEEN else change > 0.5 * most


def _inside(case: Case) -> npt.NDArray[np.bool_]:
    mask = np.zeros(case.image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(case.band).astype(np.int32), 1)
    return mask.astype(bool)


def seen_strokes(
    case: Case, strokes: npt.NDArray[np.bool_], marked: Image, blank: Image
) -> tuple[float, float]:
    """Contrast to noise, and false strokes for each character, of a step's results with and without the
    marking."""
    inside, cap = _inside(case), sides(case.band)[1] / 1.2
    before, after = grey(blank), grey(marked)
    change = after - before
    change = np.abs(change - np.median(change[inside & ~strokes]))
    fine = (before - cv2.GaussianBlur(before, (0, 0), cap / 2))[inside]
    contrast = float(change[strokes].mean()) / max(float(fine.std()), 1e-4)
    width = min(15.0, max(0.05, 100 * STROKE * cap / min(after.shape)))
    lines = [
        np.abs(oriented_strokes(part, width=width, gain=0.5, keep=0.0) - 0.5) for part in (after, before)
    ]
    strong = (lines[1] > 0.5 * max(float(np.median(lines[0][strokes])), 1e-3)) & inside
    _, _, stats, _ = cv2.connectedComponentsWithStats(strong.astype(np.uint8), connectivity=8)
    lengths = np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    return contrast, float((lengths > cap / 3).sum()) / len(case.glyphs)


def measure(case: Case, panel: Panel, wanted: dict[str, Recipe]) -> dict[str, Any]:
    """Every variant's figures on one plate, as they stand in the details."""
    cap = sides(case.band)[1] / 1.2
    strokes = strokes_of(case)
    found: dict[str, Any] = {}
    for name, recipe in wanted.items():
        suited = fitted(recipe, cap, case.image.shape)
        marked, _ = run_recipe(suited, case.image)
        bare, _ = run_recipe(suited, case.bare[0])
        figures: dict[str, Any] = {
            "evidence": round(evidence(panel, marked, case.band, case.glyphs), 4),
            "blank": int(read_on_blank(panel, bare, case.bare[1])),
        }
        if strokes is not None:
            contrast, false = seen_strokes(case, strokes, marked, bare)
            figures |= {"contrast": round(contrast, 4), "false": round(false, 4)}
        found[name] = figures
    return {"key": case.key, "version": version("marking-examination-assistant"), "found": found}


def milliseconds(wanted: dict[str, Recipe]) -> dict[str, tuple[int, int]]:
    """CPU time of each variant on two megapixels, grey and colour: the better of two runs, one thread."""
    noise = np.random.default_rng(1).normal(0.5, 0.3, (1224, 1632)).astype(np.float32)
    plain = np.clip(cv2.GaussianBlur(noise, (0, 0), 1.5), 0, 1)
    colour = np.ascontiguousarray(np.stack([plain, 0.9 * plain, 0.8 * plain], axis=2), np.float32)
    cost = {}
    for name, recipe in wanted.items():
        best = []
        for image in (plain, colour):
            tries = []
            for _ in range(2):
                started = time.process_time()
                run_recipe(recipe, image)
                tries.append(time.process_time() - started)
            best.append(round(1000 * min(tries)))
        cost[name] = (best[0], best[1])
    return cost


def known(details: Path) -> dict[str, dict[str, Any]]:
    """Figures by plate and variant; lines of one plate add up, a line that was cut off is left out."""
    plates: dict[str, dict[str, Any]] = {}
    for line in details.read_text("utf-8").splitlines() if details.exists() else ():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        plates.setdefault(value["key"], {}).update(value["found"])
    return plates


def gains(plates: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """A variant's figures over the plates of one set, beside the photograph as taken on the same plates."""
    pairs = [
        (plate[name], plate["as_taken"]) for plate in plates.values() if name in plate and "as_taken" in plate
    ]
    seen = [(mine, plain) for mine, plain in pairs if "contrast" in mine]
    rises = np.array([mine["evidence"] - plain["evidence"] for mine, plain in pairs])
    rng = np.random.default_rng(1)
    means = rises[rng.integers(len(rises), size=(2000, len(rises)))].mean(axis=1)
    ratios = [np.log(max(mine["contrast"], 1e-3) / max(plain["contrast"], 1e-3)) for mine, plain in seen]
    return {
        "plates": len(pairs),
        "twins": len(seen),
        "evidence": round(float(rises.mean()), 2),
        "evidence_95": [round(float(value), 2) for value in np.quantile(means, (0.025, 0.975))],
        "contrast": round(float(np.exp(np.mean(ratios))), 2),
        "false_strokes": round(float(np.mean([mine["false"] for mine, _ in seen])), 2),
        "read_on_blanks": round(float(np.mean([mine["blank"] for mine, _ in pairs])), 3),
    }


def table(details: Path) -> str:
    """The table that the catalogue shows, as TOML; says how it was measured."""
    plates, wanted = known(details), variants()
    cost = milliseconds(wanted)
    machine = f"{platform.machine()} {platform.system()}, Python {platform.python_version()}"
    content: dict[str, Any] = {
        "version": version("marking-examination-assistant"),
        "machine": f"{machine}, OpenCV {cv2.__version__}, numpy {np.__version__}, one thread",
        "seeds": {"tuning": FIRST_SEED["tuning"], "foreign": FIRST_SEED["foreign"]},
    }
    for name in wanted:
        content[name] = {"milliseconds": {"grey": cost[name][0], "colour": cost[name][1]}}
        for group in SETS:
            measured = {
                key: value for key, value in plates.items() if key.startswith(group) and name in value
            }
            if measured:
                content[name][group] = gains(measured, name)
    return "# Made by benchmarks/enhance.py; not edited by hand.\n" + tomli_w.dumps(content)


def cases(group: str, count: int, seed: int, done: set[str]) -> Iterator[Case]:
    """Plates of a set, tier by tier in turn; `done` are not made again."""
    for number in range(seed, seed + count):
        tier = TIERS[(number - seed) % len(TIERS)]
        if f"{group} {tier} {number}" in done:
            continue
        case = CASES[group](number, tier)
        if case is not None:
            yield case


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--details", type=Path, required=True)
    parser.add_argument("--plates", type=int, default=60, help="seeds tried in each set")
    parser.add_argument("--seed", type=int, default=0, help="added to the first seed of each set")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--only", help="steps and recipes; all by default")
    parser.add_argument(
        "--table", type=Path, help="write the table of what is in the details, measure nothing"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.table is not None:
        arguments.table.write_text(table(arguments.details), encoding="utf-8")
        return
    wanted = variants()
    if arguments.only:
        wanted = {name: wanted[name] for name in ("as_taken", *arguments.only.split(","))}
    panel = Panel(GeneralReader(), MarksReader())
    plates = known(arguments.details)
    done = {key for key, figures in plates.items() if set(wanted) <= set(figures)}
    for group in arguments.sets.split(","):
        for case in cases(group, arguments.plates, FIRST_SEED[group] + arguments.seed, done):
            line = json.dumps(measure(case, panel, wanted))
            with arguments.details.open("a", encoding="utf-8") as output:
                output.write(line + "\n")
            print(f"\r{case.key}    ", end="", file=sys.stderr)
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
