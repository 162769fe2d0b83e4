"""The values that travel down the pipeline, all frozen, and the JSON of a proposal.

Coordinates are pixels, origin at the centre of the top-left pixel, x right, y down. "Stored" pixels are
those in the file before EXIF orientation; "upright" pixels have the EXIF orientation applied. Everything in
the JSON is stored pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.float32]
"""Float32 in [0, 1], (H, W) grey or (H, W, 3) RGB."""

Matrix = npt.NDArray[np.float64]
"""3×3 homography acting on column vectors (x, y, 1)."""

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Corners clockwise from the reading's top left: top left, top right, bottom right, bottom left."""

Region = tuple[float, float, float, float]
"""x0, y0, x1, y1 in stored pixels."""


@dataclass(frozen=True)
class DrawnBand:
    """A band that a person drew in one photograph, stored pixels. A row is read there, always.

    `places`: where its positions lie, in the order of reading, as (start, end) fractions of its length, 0..1;
    empty where the person marked none.
    """

    quad: Quad
    places: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Mark:
    """What a person said about where a marking lies in one photograph, stored pixels; None: not said.

    `rotate_cw`: degrees clockwise that turn it upright. A band says region and rotation as well. `mirrored`:
    whether a viewer shows it as in a mirror, as casts and tapes are.
    """

    region: Region | None = None
    rotate_cw: float | None = None
    band: DrawnBand | None = None
    mirrored: bool | None = None


PositionState = Literal["proposed", "alternatives", "unreadable", "no_character"]

SCHEMA = 1

CASE_OPEN = "open"
"""Of every proposal: small letters count for their capitals, since no reader of them was validated."""


@dataclass(frozen=True, eq=False)
class Photo:
    """One photograph as stored. Never written back.

    `pixels` (H, W) or (H, W, 3) RGB, uint8 or uint16, EXIF orientation not applied. `orientation` is the EXIF
    value 1..8. `sha256` is of the file's bytes; for a video frame, of the container, and `frame_time_s` is
    the frame's time in it. `exif` holds the EXIF tags by name, values as text; `taken` the EXIF capture time,
    None where the clock was never set, and `zone` its offset from UTC such as "+02:00", "" where none is
    said. `picture`: its number in a file of several pictures, from 0.
    `luminance_steps`: of a JPEG the 64 steps to which its encoder rounded the brightness, row by row.
    `notices`: what is odd about the file though it was read; one of kind "damaged" says that part of the
    picture is lost or wrong.
    """

    path: str
    sha256: str
    pixels: npt.NDArray[Any]
    format: str
    orientation: int = 1
    exif: Mapping[str, str] = field(default_factory=dict)
    taken: str | None = None
    frame_time_s: float | None = None
    notices: tuple[Failure, ...] = ()
    luminance_steps: tuple[int, ...] = ()
    zone: str = ""
    picture: int = 0


@dataclass(frozen=True)
class StepRecord:
    """One step as it was run: enough to run it again and to see that the result is the same."""

    name: str
    parameters: Mapping[str, Any]
    input_sha256: str
    output_sha256: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one reader sees along one strip: per slice and column, log-probabilities over glyph classes.

    `log_probs` (K, T, C) natural logarithms, each row sums to 1 as probabilities; class 0 is "between
    characters" (the CTC blank), class i > 0 is `GLYPHS[i - 1]`. `columns` (T,) gives each column's centre as
    a fraction 0..1 of the strip's width. `outside` (K, T) is the probability the reader gave to signs outside
    the glyph classes, before they were left out. `presence` (K, T) is the natural logarithm of the
    probability that a character is centred there, whichever it is; None where the reader does not say.
    `small` (K, T): the probability it gave to small letters whose shape is no capital's, which count for
    their capitals in `log_probs`; None likewise.
    """

    reader: str
    log_probs: npt.NDArray[np.float32]
    columns: npt.NDArray[np.float32]
    outside: npt.NDArray[np.float32]
    presence: npt.NDArray[np.float32] | None = None
    small: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Candidate:
    """A glyph class (`""`: no character) with its calibrated probability, 0..1."""

    glyph: str
    p: float


@dataclass(frozen=True)
class Position:
    """One place on the plate where a character is or may be. `candidates` best first, sum ≤ 1.

    `photos` says how much each photograph of the series supports the first candidate over the second
    (log-likelihood ratio, nats), as (index, nats). `candidate_set`: the glyphs that may stand here, likeliest
    first, 95 % of such sets hold the truth; `log10_likelihoods` of the candidates relative to the first:
    both from `pipelines.probability.candidate_sets`, empty in proposals of earlier versions. `other_sign`:
    the probability that a sign stands here that no glyph class covers, a small letter of a shape of its own
    among them; it is taken from every candidate's.
    """

    candidates: tuple[Candidate, ...]
    box: Quad
    state: PositionState
    photos: tuple[tuple[int, float], ...] = ()
    candidate_set: tuple[str, ...] = ()
    log10_likelihoods: tuple[tuple[str, float], ...] = ()
    other_sign: float = 0.0


@dataclass(frozen=True)
class Arc:
    """Where a line struck round a circle lies, in stored pixels: between the inner and the outer of `radii`.

    `start` and `end`: degrees clockwise from x in the order of reading; `end` is less than `start` where the
    line is read anticlockwise, and more than 360 where it crosses x.
    """

    centre: tuple[float, float]
    radii: tuple[float, float]
    start: float
    end: float


@dataclass(frozen=True)
class Direction:
    """Which way round a line is read. `p`: the probability of it; no character of the line is surer.
    `rotate_cw`: degrees clockwise, 0..360, by which the stored photograph is turned so that its characters
    stand upright (in a mirror still, where the line is `mirrored`). `known`: what a person said before
    anything was read, of "rotation", "drawn" (a band, likely but not certain to run as it is read) and
    "mirror"; where nothing is in it, what the photograph's EXIF orientation makes likely counted.
    """

    p: float = 1.0
    rotate_cw: float = 0.0
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineProposal:
    """One row of characters. `frame` is the index of the photograph that `quad` and the boxes refer to.

    `arc`: None where the line is straight; else `quad` is the least rectangle round its boxes. `mirrored`:
    read as in a mirror, as on a cast or a magnetic tape; the quads' corners follow the reading still.
    `at_places`: what is seen at the places that a person marked, in their order, each by itself; there
    `log10_likelihoods` holds every glyph class. `readings`: the likeliest texts of the line with their joint
    probabilities, from whichever side, see `pipelines/probability/line_readings.py`. `direction`: the way
    round that the line is read; candidates' probabilities hold it, sets and likelihood ratios suppose it.
    `other_ways`: the same place read the other ways that are possible, likeliest first; None and empty in
    proposals of earlier versions.
    """

    text: str
    best: str
    frame: int
    quad: Quad
    positions: tuple[Position, ...]
    by_reader: Mapping[str, str] = field(default_factory=dict)
    arc: Arc | None = None
    mirrored: bool = False
    readings: tuple[tuple[str, float], ...] = ()
    at_places: tuple[Position, ...] = ()
    direction: Direction | None = None
    other_ways: tuple[LineProposal, ...] = ()


@dataclass(frozen=True)
class Failure:
    """An error as it stands in the JSON."""

    kind: str
    message: str


@dataclass(frozen=True)
class PhotoEntry:
    """A photograph of the series in the JSON; `sha256` is None where the file could not be read at all.

    `aligned` is False where the photograph could not be registered to the frame; its evidence is left out
    then. `laid` says in words how it was registered, and how much of the picture agrees. `unlikeness`: how
    far its strips lie from those on which the readers were validated, above 1 outside; None where nothing
    was read, and in proposals of earlier versions. `notices`: what is odd about the file though it was read.
    `size`: width and height in stored pixels; None where the file could not be read, and in proposals of
    earlier versions.
    `picture`: its number in a file of several, from 0; None for the main one.
    """

    path: str
    sha256: str | None
    error: Failure | None = None
    orientation: int = 1
    frame_time_s: float | None = None
    aligned: bool = True
    laid: str = ""
    unlikeness: float | None = None
    notices: tuple[Failure, ...] = ()
    size: tuple[int, int] | None = None
    picture: int | None = None


@dataclass(frozen=True)
class Proposal:
    """What the machine proposes for one series: the JSON object that `examiner read` prints.

    `validation`: what its probabilities were validated on, in a sentence; empty until it is asked.
    `alphabet`: the one that the marking was said to be in; None where any was looked for.
    """

    series: str
    photos: tuple[PhotoEntry, ...]
    lines: tuple[LineProposal, ...]
    readers: Mapping[str, str]
    seconds: float
    error: Failure | None = None
    validation: str = ""
    alphabet: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's JSON object, plain lists and dicts."""
        return {"schema": SCHEMA, "letter_case": CASE_OPEN, **_plain(asdict(self))}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Proposal:
        """Inverse of `to_json`. Raises ValueError on another schema number, KeyError on a missing field."""
        if value["schema"] != SCHEMA:
            raise ValueError(f"proposal schema {value['schema']!r}: this version reads schema {SCHEMA}")
        return cls(
            series=value["series"],
            photos=tuple(
                PhotoEntry(
                    path=photo["path"],
                    sha256=photo["sha256"],
                    error=_failure(photo["error"]),
                    orientation=photo.get("orientation", 1),
                    frame_time_s=photo.get("frame_time_s"),
                    aligned=photo.get("aligned", True),
                    laid=photo.get("laid", ""),
                    unlikeness=photo.get("unlikeness"),
                    notices=tuple(Failure(n["kind"], n["message"]) for n in photo.get("notices", ())),
                    size=_size(photo.get("size")),
                    picture=photo.get("picture"),
                )
                for photo in value["photos"]
            ),
            lines=tuple(_line(line) for line in value["lines"]),
            readers=dict(value["readers"]),
            seconds=value["seconds"],
            error=_failure(value["error"]),
            validation=value.get("validation", ""),
            alphabet=value.get("alphabet"),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _failure(value: Mapping[str, str] | None) -> Failure | None:
    return None if value is None else Failure(value["kind"], value["message"])


def as_quad(value: Any) -> Quad:
    """Four (x, y) pairs as a Quad. Raises ValueError when there are not four pairs."""
    corners = tuple((float(x), float(y)) for x, y in value)
    if len(corners) != 4:
        raise ValueError(f"a quad has 4 corners, got {len(corners)}")
    return corners


def _line(value: Mapping[str, Any]) -> LineProposal:
    return LineProposal(
        text=value["text"],
        best=value["best"],
        frame=value["frame"],
        quad=as_quad(value["quad"]),
        positions=tuple(_position(position) for position in value["positions"]),
        by_reader=dict(value.get("by_reader", {})),
        arc=_arc(value.get("arc")),
        mirrored=bool(value.get("mirrored", False)),
        readings=tuple((str(text), float(p)) for text, p in value.get("readings", ())),
        at_places=tuple(_position(position) for position in value.get("at_places", ())),
        direction=_direction(value.get("direction")),
        other_ways=tuple(_line(line) for line in value.get("other_ways", ())),
    )


def _position(value: Mapping[str, Any]) -> Position:
    return Position(
        candidates=tuple(Candidate(c["glyph"], c["p"]) for c in value["candidates"]),
        box=as_quad(value["box"]),
        state=value["state"],
        photos=tuple((int(index), float(nats)) for index, nats in value.get("photos", ())),
        candidate_set=tuple(value.get("candidate_set", ())),
        log10_likelihoods=tuple(
            (str(glyph), float(log10)) for glyph, log10 in value.get("log10_likelihoods", ())
        ),
        other_sign=float(value.get("other_sign", 0.0)),
    )


def _direction(value: Mapping[str, Any] | None) -> Direction | None:
    return None if value is None else Direction(value["p"], value["rotate_cw"], tuple(value["known"]))


def _size(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    width, height = value
    return int(width), int(height)


def _arc(value: Mapping[str, Any] | None) -> Arc | None:
    if value is None:
        return None
    (x, y), (inner, outer) = value["centre"], value["radii"]
    return Arc((x, y), (inner, outer), value["start"], value["end"])
