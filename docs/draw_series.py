"""Draws `docs/series-read.svg`: an etched series with its truth, what each photograph and what all give.

    python docs/draw_series.py

The plate is simulated (`models/foreign/plates.py`), since no photograph of others is in this repository. It
is the first from seed 31 on with one row of five to eight Latin glyphs; it was not chosen by how it is read.
Each photograph is read alone, then all together, each time with its region. Two minutes on one core.
"""

from __future__ import annotations

import base64
from html import escape
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.plates import ForeignPlate, foreign_plate
from pipelines.glyphs import DIGITS, LATIN
from pipelines.probability.calibration import COMMITTED
from pipelines.propose import Source, propose_series
from pipelines.strip import inverse, moved
from pipelines.types import Proposal

FIRST_SEED = 31

WIDE, HIGH = 440, 80
"""Pixels of a drawn row."""

LEFT, TOP = 20, 58

INK, FAINT, SURE = "#1a1a1a", "#777777", "#2b6cb0"


def chosen() -> ForeignPlate:
    for seed in count(FIRST_SEED):
        plate = foreign_plate(seed, "etched")
        if len(plate.text) == 1 and 5 <= len(plate.glyphs) <= 8 and set(plate.glyphs) <= set(DIGITS + LATIN):
            return plate
    raise AssertionError("unreachable: seeds do not end")


def band(plate: ForeignPlate) -> npt.NDArray[np.float64]:
    """(4, 2) corners of the row and a little metal, in the plate's own plane."""
    boxes = moved(plate.quads[0].reshape(-1, 2), inverse(plate.views[0]))
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    edge = 0.25 * (high[1] - low[1])
    (left, top), (right, bottom) = low - edge, high + edge
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def row_pixels(plate: ForeignPlate, photograph: int) -> npt.NDArray[np.uint8]:
    """(HIGH, WIDE) grey: the row upright, cut out by the true view, stretched to the picture's size."""
    there = np.asarray(moved(band(plate), plate.views[photograph]), np.float32)
    here = np.array([(0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)], np.float32)
    grey = cv2.cvtColor(plate.photographs[photograph], cv2.COLOR_RGB2GRAY)
    matrix = cv2.getPerspectiveTransform(there, here)
    return np.asarray(cv2.warpPerspective(grey, matrix, (WIDE, HIGH), flags=cv2.INTER_AREA), np.uint8)


def proposals(plate: ForeignPlate) -> tuple[list[Proposal], Proposal]:
    """Of each photograph alone, and of all together."""
    with TemporaryDirectory() as folder:
        sources = []
        for number, (content, region) in enumerate(zip(plate.files, plate.region, strict=True)):
            path = Path(folder) / f"{number}.jpg"
            path.write_bytes(content)
            sources.append(Source(path, region, plate.rotate_cw))
        return [propose_series([source]) for source in sources], propose_series(sources)


def image(pixels: npt.NDArray[np.uint8], x: int, y: int) -> str:
    """A row in the drawing, light and dark stretched to what it holds."""
    low, high = np.percentile(pixels, (1, 99))
    stretched = np.clip((pixels - low) * (255 / max(high - low, 1)), 0, 255).astype(np.uint8)
    content = cv2.imencode(".jpg", stretched, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
    data = base64.b64encode(content).decode()
    return f'<image x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" href="data:image/jpeg;base64,{data}"/>'


def text(x: float, y: float, words: str, size: int = 14, colour: str = INK, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}"{anchor}>{escape(words)}</text>'


def read_row(plate: ForeignPlate, proposal: Proposal, photograph: int, x: int, y: int) -> list[str]:
    """Glyphs with their probabilities where the proposal has them; ∅: no character. `photograph`: the one to
    which the proposal's first belongs."""
    corners = band(plate)
    parts = []
    for line in proposal.lines:
        for position in line.positions:
            box = moved(np.array(position.box), inverse(plate.views[photograph + line.frame]))
            share = (box[:, 0].mean() - corners[0, 0]) / (corners[1, 0] - corners[0, 0])
            first = position.candidates[0]
            colour = SURE if first.p >= COMMITTED and first.glyph else FAINT
            place = x + WIDE * float(share)
            parts.append(text(place, y, first.glyph or "∅", 17, colour, middle=True))
            parts.append(text(place, y + 14, f"{first.p:.2f}", 10, FAINT, middle=True))
    return parts or [text(x, y, "no row", 14, FAINT)]


def drawing(plate: ForeignPlate) -> str:
    alone, together = proposals(plate)
    rows = [row_pixels(plate, number) for number in range(len(plate.files))]
    right = LEFT + WIDE + 40
    parts = [
        text(LEFT, 24, f"1 · The series. Struck: {plate.text[0]}", 16),
        text(right, 24, "2 · What each photograph alone gives", 16),
        text(right, 42, "Blue: p ≥ 0.8. Grey: less. ∅: no character. Below: its probability.", 11, FAINT),
    ]
    for number, (pixels, proposal) in enumerate(zip(rows, alone, strict=True)):
        y = TOP + number * (HIGH + 14)
        parts.append(image(pixels, LEFT, y))
        parts.append(text(LEFT + 4, y + 14, str(number + 1), 12, "#ffffff"))
        parts += read_row(plate, proposal, number, right, y + HIGH // 2)
    y = TOP + len(rows) * (HIGH + 14) + 20
    parts.append(text(right, y, "3 · What all together give", 16))
    parts += read_row(plate, together, 0, right, y + 36)
    height = y + 80
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right + WIDE + LEFT}" height="{height}" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    (Path(__file__).parent / "series-read.svg").write_text(drawing(chosen()), encoding="utf-8")
