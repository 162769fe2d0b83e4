"""The inside of one reading as pictures in a folder, to see where a reading went wrong.

    photograph_N.jpg            each photograph, with what the first search read and where the lines lie
    view.jpg                    the marking upright, with every band that was weighed there
    sheet_N.png                 the marking in photograph N, as taken and levelled: what strips are cut from
    line_K_strips.png           line K in every photograph, with what is proposed for each position
    line_K_evidence_READER_FORM.png
                                for each strip that a reader saw: the probability of each character along it

Photographs and lines are numbered from 1, in the order of the series and of the proposal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import ResultsError
from pipelines.glyphs import GLYPHS
from pipelines.photographs.photo import upright_matrix
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.pooling import Slice
from pipelines.registration.pairs import Alignment
from pipelines.search.first_search import Searched, region_quad
from pipelines.search.hypotheses import Hypothesis, carried
from pipelines.search.rings.unrolling import Unrolling
from pipelines.search.second_search import Framed
from pipelines.search.sheets import Sheet
from pipelines.strip import inverse, moved, part, straightened, unit
from pipelines.types import LineProposal, Matrix, Photo, Quad

Canvas = npt.NDArray[np.uint8]
"""(H, W, 3), blue, green, red: as OpenCV draws and writes."""

PHOTOGRAPH_SIDE = 1600
"""Pixels of the longer side of a photograph's picture."""

STRIP_WIDTH = 1200
"""Pixels: strips and evidence are drawn this wide, so that one place of a line is at one x in all."""

GLYPH_ROW = 14
"""Pixels of the row of one character in a picture of evidence."""

LEAST_SEEN = 0.05
"""Probability that a character reaches somewhere along a strip, below which it gets no row."""

MOST_ROWS = 16
"""Characters that get a row, those that become most probable first."""

TEXT = 15
"""Pixels: size of the letters."""

MARGIN = 6

WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (150, 150, 150)
ORANGE, BLUE, GREEN, YELLOW = (0, 120, 240), (220, 90, 0), (40, 160, 0), (0, 220, 255)


@dataclass(frozen=True, eq=False)
class ReadLine:
    """A line as it was read last. The quad of `line` is a band of `sheets`, the one with most evidence first;
    `ring`: what the sheets were unrolled from where the line is bent."""

    line: Hypothesis
    sheets: tuple[Sheet, ...]
    ring: Unrolling | None = None


@dataclass(frozen=True, eq=False)
class ReadingStages:
    """What a reading went through, by index into the series.

    `photos`: as they were read, so turned over where they are stored mirrored. `searched`: what the first
    search found, in stored pixels of each. `to_reference`: see `registration`; None in an alignment where a
    photograph does not fit. `framed`: the view of the reference that was searched again, None where nothing
    was found. `sheets`: the view in each photograph, the one with most evidence first. `screened`: every band
    weighed in the view, `in_full`: those read in full, both in its pixels. `lines`: as in the proposal.
    """

    photos: Mapping[int, Photo]
    searched: Sequence[Searched]
    alignments: Mapping[int, Alignment]
    reference: int
    framed: Framed | None
    sheets: Sequence[Sheet]
    screened: Sequence[Hypothesis]
    in_full: Sequence[Hypothesis]
    lines: Sequence[ReadLine]


def new_folder(folder: Path) -> None:
    """Makes the folder. Raises ResultsError where it cannot be made or has anything in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise ResultsError(f"{folder}: no pictures of the reading can be kept here: {error}") from error
    if filled:
        raise ResultsError(
            f"{folder}: there are files in this folder; name a new or an empty one for the pictures of the "
            "reading"
        )


def keep_intermediates(
    stages: ReadingStages, proposals: Sequence[LineProposal], folder: Path
) -> tuple[Path, ...]:
    """Writes the pictures of one reading into `folder`, see the head of this file, and returns their paths.

    `proposals`: the lines of the proposal, in the order of `stages.lines`. Raises ResultsError where a file
    cannot be written. About 0.2 s a photograph and a line on one core.
    """
    paths = []
    for name, canvas in pictures(stages, proposals):
        path = folder / name
        encoded, data = cv2.imencode(path.suffix, canvas)
        if not encoded:
            raise ResultsError(f"{path}: a picture of {canvas.shape} cannot be written as {path.suffix}")
        try:
            path.write_bytes(data.tobytes())
        except OSError as error:
            raise ResultsError(f"{path}: cannot be written: {error}") from error
        paths.append(path)
    return tuple(paths)


def pictures(stages: ReadingStages, proposals: Sequence[LineProposal]) -> Iterator[tuple[str, Canvas]]:
    """The pictures by their file names, one at a time."""
    for searched in sorted(stages.searched, key=lambda searched: searched.index):
        yield f"photograph_{searched.index + 1}.jpg", _photograph(stages, searched)
    if stages.framed is not None and stages.sheets:
        yield "view.jpg", _view(stages)
        for sheet in stages.sheets:
            yield f"sheet_{sheet.photo + 1}.png", _sheet(stages, sheet)
    for number, (read, proposal) in enumerate(zip(stages.lines, proposals, strict=True), 1):
        yield f"line_{number}_strips.png", _strips(stages, read, proposal)
        for (reader, form), slices in _by_reader_and_form(read.line.slices).items():
            canvas = _evidence(stages, read, slices)
            yield f"line_{number}_evidence_{reader}_{form.replace(', ', '_').replace(' ', '_')}.png", canvas


def _photograph(stages: ReadingStages, searched: Searched) -> Canvas:
    """Upright as the camera was held: the region, the first search, the view and the lines."""
    photo, alignment = searched.photo, stages.alignments[searched.index]
    canvas, to_canvas = _upright(photo)
    height, width = photo.pixels.shape[:2]
    if searched.region is not None:
        region = region_quad(searched.region, width, height, photo.path)
        _outline(canvas, moved(region, to_canvas), YELLOW)
    for h in searched.found:
        _band(canvas, carried([h.quad], to_canvas)[0], ORANGE, _read_as(h))
    if alignment.to_reference is not None:
        to_canvas = to_canvas @ inverse(alignment.to_reference)
        if stages.framed is not None:
            _outline(canvas, moved(stages.framed.view, to_canvas), BLUE)
        for outlines in (_outlines(read, stages.framed) for read in stages.lines):
            for outline in outlines:
                _outline(canvas, moved(outline, to_canvas), GREEN)
    return _titled(
        canvas,
        f"{_name(photo, searched.index)}: {alignment.words}",
        "orange: read by the first search, with its support; blue: the view; green: the lines and their "
        "positions; yellow: the marked region",
    )


def _outlines(read: ReadLine, framed: Framed | None) -> list[npt.NDArray[np.float64]]:
    """The line and its positions in the pixels of the reference."""
    quad = read.line.quad
    boxes = [part(quad, *cell) for cell in read.line.line.cells]
    if read.ring is not None:
        return [read.ring.outline(quad), *(np.array(box) for box in read.ring.quads_to_photo(boxes))]
    to_photo = np.eye(3) if framed is None else framed.to_photo
    return [moved(box, to_photo) for box in (quad, *boxes)]


def _view(stages: ReadingStages) -> Canvas:
    """The view in the photograph with most evidence, with what was weighed there."""
    sheet = stages.sheets[0]
    times = max(1, round(STRIP_WIDTH / sheet.plain.shape[1]))  # Enlarged, so that the texts find room.
    enlarged = np.array([[times, 0, (times - 1) / 2], [0, times, (times - 1) / 2], [0, 0, 1]], np.float64)
    canvas = cv2.resize(_canvas(sheet.plain), None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    for h in stages.screened:
        _outline(canvas, moved(h.quad, enlarged), GREY)
    for h in stages.in_full:
        _band(canvas, carried([h.quad], enlarged)[0], ORANGE, _read_as(h))
    for read in stages.lines:
        if read.ring is None:
            _band(canvas, carried([read.line.quad], enlarged)[0], GREEN, _read_as(read.line), below=True)
    return _titled(
        canvas,
        f"the view in {_name(stages.photos[sheet.photo], sheet.photo)}",
        f"grey: {len(stages.screened)} bands read quickly; orange: {len(stages.in_full)} read in full, with "
        "their support; green: the lines",
    )


def _sheet(stages: ReadingStages, sheet: Sheet) -> Canvas:
    canvas = np.concatenate([_canvas(image) for image in sheet.forms])
    return _titled(
        canvas, f"the view in {_name(stages.photos[sheet.photo], sheet.photo)}: as taken, below it levelled"
    )


def _strips(stages: ReadingStages, read: ReadLine, proposal: LineProposal) -> Canvas:
    """The line as taken and levelled in each photograph, its positions marked, over what is proposed."""
    parts = []
    for sheet in read.sheets:
        parts.append(_words(_name(stages.photos[sheet.photo], sheet.photo)))
        for image in sheet.forms:
            strip = _wide(straightened(image, read.line.quad)[0])
            _marks(strip, read.line.line.cells)
            parts.append(strip)
    parts.append(_candidates(read.line.line.cells, proposal))
    return _titled(
        np.concatenate(parts),
        f"{proposal.text}: each photograph as taken and levelled; at the bottom what is proposed",
    )


def _candidates(cells: Sequence[tuple[float, float]], proposal: LineProposal) -> Canvas:
    """The first three candidates of each position under it, with their calibrated probabilities in %."""
    canvas = _blank(3 * (TEXT + 3) + MARGIN, STRIP_WIDTH)
    for (start, end), position in zip(cells, proposal.positions, strict=True):
        for row, candidate in enumerate(position.candidates[:3]):
            text = f"{candidate.glyph or '(none)'} {100 * candidate.p:.0f}"
            left = round((start + end) / 2 * STRIP_WIDTH) - _width(text) // 2
            _write(canvas, text, left, (row + 1) * (TEXT + 3))
    return canvas


def _by_reader_and_form(slices: Sequence[Slice]) -> dict[tuple[str, str], list[Slice]]:
    groups: dict[tuple[str, str], list[Slice]] = {}
    for piece in slices:
        groups.setdefault((piece.reader, piece.form), []).append(piece)
    return groups


def _evidence(stages: ReadingStages, read: ReadLine, slices: Sequence[Slice]) -> Canvas:
    """For each strip that one reader saw in one form: the strip, and below it a row for each character,
    darker where it is more probable. The last row stands for "between characters"."""
    sheets = {sheet.photo: sheet for sheet in read.sheets}
    parts = []
    for piece in slices:
        seen_in = (
            "all photographs together"
            if piece.photo is None
            else _name(stages.photos[piece.photo], piece.photo)
        )
        text = text_of(beam_search(piece.columns, width=1)[0])
        silent = "" if piece.votes else ", without a vote"
        parts.append(_words(f"{seen_in}: reads {text or 'nothing'}, weight {piece.weight:.2f}{silent}"))
        sheet = read.sheets[0] if piece.photo is None else sheets[piece.photo]
        image = sheet.levelled if "levelled" in piece.form else sheet.plain
        strip = _wide(straightened(image, part(read.line.quad, piece.start, piece.end))[0])
        length = piece.end - piece.start
        cells = [tuple((edge - piece.start) / length for edge in cell) for cell in read.line.line.cells]
        _marks(strip, [(start, end) for start, end in cells])
        parts += [strip, _heat(piece)]
    first = slices[0]
    return _titled(
        np.concatenate(parts),
        f"{read.line.line.text}: evidence of the reader {first.reader}, form: {first.form}",
        "a row for each character: the darker, the more probable there; last row: between characters",
    )


def _heat(piece: Slice) -> Canvas:
    probabilities = np.exp(piece.columns.astype(np.float64))
    most = probabilities[:, 1:].max(axis=0)
    rows = [int(k) + 1 for k in np.argsort(-most, kind="stable")[:MOST_ROWS] if most[k] >= LEAST_SEEN]
    rows = [*sorted(rows), 0]
    edges = (piece.centres[1:] + piece.centres[:-1]) / 2 * STRIP_WIDTH
    columns = np.searchsorted(edges, np.arange(STRIP_WIDTH) + 0.5)
    shade = np.repeat(probabilities[columns][:, rows].T, GLYPH_ROW, axis=0)
    canvas = _canvas(np.asarray(1 - 0.85 * shade, np.float32))
    for number, glyph in enumerate(rows):
        base = (number + 1) * GLYPH_ROW
        cv2.line(canvas, (0, base - 1), (STRIP_WIDTH, base - 1), (225, 225, 225))
        _write(canvas, GLYPHS[glyph - 1] if glyph else "–", 2, base - 2, size=GLYPH_ROW - 2, halo=True)
    return canvas


def _upright(photo: Photo) -> tuple[Canvas, Matrix]:
    """The photograph upright, its longer side at most PHOTOGRAPH_SIDE, and the homography from its stored
    pixels to the picture's."""
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, PHOTOGRAPH_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    across, down = size[0] / width, size[1] / height
    smaller = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    turn = upright_matrix(Photo(photo.path, "", small, photo.format, photo.orientation))
    turned = (size[1], size[0]) if photo.orientation >= 5 else size
    upright = cv2.warpPerspective(small, turn, turned, flags=cv2.INTER_NEAREST)
    return _canvas(unit(upright)), turn @ smaller


def _canvas(image: npt.NDArray[Any]) -> Canvas:
    pixels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR if pixels.ndim == 2 else cv2.COLOR_RGB2BGR))


def _blank(height: int, width: int) -> Canvas:
    return np.full((height, width, 3), 255, np.uint8)


def _wide(strip: npt.NDArray[np.float32]) -> Canvas:
    """A strip stretched or shrunk along the line to STRIP_WIDTH, its height kept."""
    width = strip.shape[1]
    way = cv2.INTER_AREA if width > STRIP_WIDTH else cv2.INTER_CUBIC
    return _canvas(cv2.resize(strip, (STRIP_WIDTH, strip.shape[0]), interpolation=way))


def _marks(canvas: Canvas, cells: Sequence[tuple[float, float]]) -> None:
    """Ticks at the borders of the positions."""
    height, width = canvas.shape[:2]
    for x in {round(edge * width) for cell in cells for edge in cell}:
        for top, bottom in ((0, height // 8), (height - height // 8, height)):
            cv2.line(canvas, (x, top), (x, bottom), GREEN, 2)


def _band(canvas: Canvas, quad: Quad, colour: tuple[int, int, int], text: str, below: bool = False) -> None:
    """A band with a thicker first side, where its reading begins, and its text at that corner."""
    corners = np.array(quad)
    _outline(canvas, corners, colour)
    (x, y), (u, v) = np.round(corners[[0, 3]]).astype(int)
    cv2.line(canvas, (int(x), int(y)), (int(u), int(v)), colour, 5, cv2.LINE_AA)
    left, base = (int(u), int(v) + TEXT + 4) if below else (int(x), int(y) - 5)
    _write(canvas, text, left, base, colour, halo=True)


def _outline(canvas: Canvas, corners: npt.NDArray[np.float64], colour: tuple[int, int, int]) -> None:
    places = np.round(np.clip(corners, -30_000, 30_000) * 16).astype(np.int32)
    cv2.polylines(canvas, [places], True, colour, 1 if colour == GREY else 2, cv2.LINE_AA, shift=4)


def _titled(canvas: Canvas, *lines: str) -> Canvas:
    """The picture under lines of text, made wider where they need it."""
    width = max(canvas.shape[1], *(_width(line) + 2 * MARGIN for line in lines))
    body = cv2.copyMakeBorder(
        canvas, 0, 0, 0, width - canvas.shape[1], cv2.BORDER_CONSTANT, value=(255, 255, 255)
    )
    return np.concatenate([*(_words(line, width) for line in lines), body])


def _words(text: str, width: int = STRIP_WIDTH) -> Canvas:
    canvas = _blank(TEXT + 2 * MARGIN, width)
    _write(canvas, text, MARGIN, TEXT + MARGIN - 2)
    return canvas


def _write(
    canvas: Canvas,
    text: str,
    left: int,
    base: int,
    colour: tuple[int, int, int] = BLACK,
    size: int = TEXT,
    halo: bool = False,
) -> None:
    if halo:
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            cv2.putText(canvas, text, (left + x, base + y), WHITE, _font(), size)
    cv2.putText(canvas, text, (left, base), colour, _font(), size)


def _width(text: str) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), _font(), TEXT)[2])


def _font() -> Any:
    return cv2.FontFace("sans")


def _read_as(h: Hypothesis) -> str:
    return f"{h.line.text or 'nothing'}  {h.support:.1f}"


def _name(photo: Photo, index: int) -> str:
    """The photograph's number and file name, of which only what can be drawn."""
    name = "".join(letter if letter.isprintable() else "?" for letter in Path(photo.path).name)
    time = "" if photo.frame_time_s is None else f" at {photo.frame_time_s:.2f} s"
    return f"photograph {index + 1}, {name[:80]}{time}"
