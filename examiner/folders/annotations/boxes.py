"""What of a proposal goes into files for other programs: photographs with their lines and characters.

Coordinates are those of the photograph as stored, before EXIF orientation, with the origin at the outer
corner of the top-left pixel: its centre is at 0.5, 0.5. Boxes are quads, clockwise from the reading's top
left; of a line read as in a mirror they run anticlockwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from examiner.folders.results.row import printable
from pipelines.types import LineProposal, PhotoEntry, Position, Proposal, Quad


@dataclass(frozen=True)
class CharacterBox:
    """A proposed character. `candidates`: glyphs with their probabilities, best first, "no character" left
    out."""

    candidates: tuple[tuple[str, float], ...]
    quad: Quad

    @property
    def glyph(self) -> str:
        return self.candidates[0][0]

    @property
    def p(self) -> float:
        return self.candidates[0][1]


@dataclass(frozen=True)
class LineBox:
    """A line with its characters. `readings`: texts of the whole line with their joint probabilities."""

    text: str
    readings: tuple[tuple[str, float], ...]
    quad: Quad
    characters: tuple[CharacterBox, ...]
    mirrored: bool

    @property
    def p(self) -> float:
        """The joint probability of `text`; 0 where the proposal does not say it."""
        return dict(self.readings).get(self.text, 0.0)


@dataclass(frozen=True)
class AnnotatedPhotograph:
    """A photograph of a series. `path` as it was named, with bytes that are not text as \\udc80."""

    series: str
    path: str
    sha256: str
    width: int
    height: int
    orientation: int
    lines: tuple[LineBox, ...]


def annotated_photographs(proposal: Proposal) -> Iterator[AnnotatedPhotograph]:
    """The photographs of a proposal in their order. A frame of a video and a further picture of a file of
    several are left out, since no file's name means them alone, and so is a photograph whose size the
    results do not say."""
    for index, photo in enumerate(proposal.photos):
        alone = photo.frame_time_s is None and photo.picture is None
        if photo.sha256 is None or photo.size is None or not alone:
            continue
        lines = tuple(_line(line, photo) for line in proposal.lines if line.frame == index)
        yield AnnotatedPhotograph(
            printable(proposal.series),
            printable(photo.path),
            photo.sha256,
            *photo.size,
            photo.orientation,
            lines,
        )


def left_out(proposal: Proposal) -> int:
    """Number of photographs that could be read and are not among `annotated_photographs`."""
    readable = [photo for photo in proposal.photos if photo.sha256 is not None]
    return len(readable) - len(list(annotated_photographs(proposal)))


def rectangle(quad: Quad) -> tuple[float, float, float, float]:
    """x, y, width and height of the least upright rectangle round a quad."""
    xs, ys = zip(*quad, strict=True)
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _line(line: LineProposal, photo: PhotoEntry) -> LineBox:
    characters = tuple(
        CharacterBox(candidates, _inside(position.box, photo))
        for position in line.positions
        if (candidates := _candidates(position))
    )
    return LineBox(line.best, line.readings, _inside(line.quad, photo), characters, line.mirrored)


def _candidates(position: Position) -> tuple[tuple[str, float], ...]:
    if not position.candidates or not position.candidates[0].glyph:
        return ()  # The reader says that nothing stands here.
    return tuple((candidate.glyph, candidate.p) for candidate in position.candidates if candidate.glyph)


def _inside(quad: Quad, photo: PhotoEntry) -> Quad:
    """From pixel centres to corners; no corner outside the picture, where schemas allow none."""
    assert photo.size is not None
    width, height = photo.size
    a, b, c, d = (
        (round(min(max(x + 0.5, 0.0), width), 2), round(min(max(y + 0.5, 0.0), height), 2)) for x, y in quad
    )
    return a, b, c, d
