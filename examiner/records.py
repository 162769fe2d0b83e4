"""What a person makes: readings, places on the plate and acts. One schema for page, command line and files.

Every type is frozen; `act_to_json` and `act_from_json` are inverse to each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from examiner.plain_values import coordinate, listed, sha256, whole_number, whole_numbers
from pipelines.errors import MarkingError
from pipelines.hand_points import Pair
from pipelines.types import Quad, as_quad

MAX_READING = 16
"""Characters of one reading: a glyph of any script with its marks, or the name of a symbol."""

MAX_REASON = 2000
"""Characters of a reason."""

MAX_ALTERNATIVES = 40
"""Alternatives of one reading."""

MAX_PAIRS = 40
"""Points by which one photograph is laid over another."""

MAX_CONDITION = 120
"""Characters of method, reagent, light or cycle."""


class RecordError(MarkingError):
    """A value from outside (browser, file) that is no valid record."""

    kind = "record"
    exit_code = 2


class OrderError(MarkingError):
    """An act that the order of work does not allow now."""

    kind = "order"
    exit_code = 2


class Mode(StrEnum):
    CASEWORK = "casework"
    """Blind first: the proposal is shown only after the examiner's own reading is locked."""
    TRAINING = "training"
    """Exercises and samples: the proposal may be seen at once."""


class Phase(StrEnum):
    OBSERVE = "observe"
    LOCKED = "locked"
    REVEALED = "revealed"
    SIGNED = "signed"


class State(StrEnum):
    """How sure the examiner is of one character."""

    DEFINITE = "definite"
    PROBABLE = "probable"
    ALTERNATIVES = "alternatives"
    TRACE_ONLY = "trace_only"
    UNREADABLE = "unreadable"
    NO_CHARACTER = "no_character"
    SYMBOL = "symbol"


@dataclass(frozen=True)
class Place:
    """Where on the plate: stored pixels of photograph `frame`, corners clockwise from the reading's start."""

    frame: int
    quad: Quad


@dataclass(frozen=True)
class CharacterReading:
    """What one person read at one position.

    `reading` is exactly what was typed (А and A stay apart); empty where nothing is read. `alternatives` are
    in the reader's order of belief. Raises RecordError when state and content do not fit together.
    """

    state: State
    reading: str = ""
    alternatives: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        reads = self.state in (State.DEFINITE, State.PROBABLE, State.SYMBOL)
        if bool(self.reading.strip()) != reads or bool(self.reading) != reads:
            needs = "needs a" if reads else "has no"
            raise RecordError(f"state {self.state.value!r} {needs} reading, got {self.reading[:40]!r}")
        several = 2 <= len(self.alternatives) == len(set(self.alternatives)) <= MAX_ALTERNATIVES
        if several != (self.state is State.ALTERNATIVES) or (self.alternatives and not several):
            raise RecordError(
                f"state 'alternatives', and no other, has 2 to {MAX_ALTERNATIVES} different alternatives; "
                f"got {self.state.value!r} with {len(self.alternatives)}"
            )
        if not all(text.strip() for text in self.alternatives):
            raise RecordError("an alternative is a character; none of them may be empty")
        for text in (self.reading, *self.alternatives):
            if len(text) > MAX_READING or not text.isprintable():
                raise RecordError(
                    f"a reading has at most {MAX_READING} printable characters, got {text[:40]!r}"
                )
        if len(self.reason) > MAX_REASON:
            raise RecordError(f"a reason has at most {MAX_REASON} characters, got {len(self.reason)}")
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in self.reason):
            raise RecordError("a reason is text in lines, without control characters")


class PhotoOrder(StrEnum):
    """How the photographs of a series are laid out."""

    TIME = "time"
    """By the EXIF time; those without one after the others, by name."""
    NAME = "name"
    OWN = "own"


@dataclass(frozen=True)
class Conditions:
    """How a photograph was taken, in the examiner's words; empty where nothing is said.

    `cycle` is the number of the etching cycle; `light` where the light came from (N, NE …, degrees, coaxial).
    In a DescribePhotos, None leaves a field as it was. Raises RecordError for text that is no such thing.
    """

    method: str | None = ""
    reagent: str | None = ""
    cycle: str | None = ""
    light: str | None = ""
    note: str | None = ""

    def __post_init__(self) -> None:
        for name, text in asdict(self).items():
            if text is None:
                continue
            longest = MAX_REASON if name == "note" else MAX_CONDITION
            if not isinstance(text, str) or len(text) > longest or not text.isprintable():
                raise RecordError(f"{name} is a line of at most {longest} printable characters")
        if self.cycle and not re.fullmatch("[0-9]{1,4}", self.cycle):
            raise RecordError(f"cycle is a whole number from 0 to 9999, got {self.cycle[:20]!r}")


@dataclass(frozen=True)
class Act:
    """Base of everything a person does in an examination. `kind` names the act in JSON and ledger."""


@dataclass(frozen=True)
class DrawLine(Act):
    """The examiner draws a band and says how many characters stand in it, evenly spaced to begin with."""

    place: Place
    count: int


@dataclass(frozen=True)
class InsertPosition(Act):
    """A position after `after` (a position's id) in the same line."""

    after: int


@dataclass(frozen=True)
class InsertBefore(Act):
    """A position before `before` (a position's id) in the same line."""

    before: int


@dataclass(frozen=True)
class DeletePosition(Act):
    position: int


@dataclass(frozen=True)
class SplitPosition(Act):
    """One position turns out to be two: its place is halved, readings of it are dropped."""

    position: int


@dataclass(frozen=True)
class MergePositions(Act):
    """A position and the next one in its line turn out to be one; readings of both are dropped."""

    position: int


@dataclass(frozen=True)
class Observe(Act):
    """The examiner's own reading of a position, made before the proposal is seen."""

    position: int
    reading: CharacterReading


@dataclass(frozen=True)
class Lock(Act):
    """Own readings are complete and can no longer change."""


@dataclass(frozen=True)
class ProposedPosition:
    """A position of the proposal as a reveal records it: where, and which position of which line it is."""

    line: int
    index: int
    place: Place


@dataclass(frozen=True)
class Reveal(Act):
    """The proposal is shown. Its hash and places are recorded; its positions join the examiner's by place."""

    proposal_sha256: str
    positions: tuple[ProposedPosition, ...]


@dataclass(frozen=True)
class Decide(Act):
    """The final reading of one position, made with the proposal in view."""

    position: int
    reading: CharacterReading


@dataclass(frozen=True)
class DescribePhotos(Act):
    """Says of these photographs (indices) how they were taken; fields that are None stay as they were."""

    photos: tuple[int, ...]
    conditions: Conditions


@dataclass(frozen=True)
class OrderPhotos(Act):
    """Lays the photographs out anew. `own`: indices in the examiner's own order, empty for the others."""

    by: PhotoOrder
    own: tuple[int, ...] = ()


@dataclass(frozen=True)
class LayPhoto(Act):
    """Lays photograph `photo` over photograph `other` (indices) by spots that both show: ((x, y), (x, y))
    each, in stored pixels of the one and of the other. No pairs takes back what was laid between the two."""

    photo: int
    other: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class AddedPhoto:
    """A photograph as the ledger names it, see `examiner.originals.entry`."""

    name: str
    sha256: str
    extension: str
    frame_time_s: float | None


@dataclass(frozen=True)
class AddPhotos(Act):
    """Photographs that were taken in join the series at its end."""

    added: tuple[AddedPhoto, ...]


@dataclass(frozen=True)
class Undo(Act):
    """Takes back the last act since the last lock or reveal. The ledger keeps both."""


@dataclass(frozen=True)
class Sign(Act):
    """The examination is finished; nothing follows."""


ACTS: dict[str, type[Act]] = {
    "draw_line": DrawLine,
    "insert_position": InsertPosition,
    "insert_before": InsertBefore,
    "delete_position": DeletePosition,
    "split_position": SplitPosition,
    "merge_positions": MergePositions,
    "observe": Observe,
    "lock": Lock,
    "reveal": Reveal,
    "decide": Decide,
    "describe_photos": DescribePhotos,
    "order_photos": OrderPhotos,
    "lay_photo": LayPhoto,
    "add_photos": AddPhotos,
    "undo": Undo,
    "sign": Sign,
}

KIND_OF = {act: kind for kind, act in ACTS.items()}


def act_to_json(act: Act) -> dict[str, Any]:
    """`{"act": kind, …fields}` of plain values."""
    return {"act": KIND_OF[type(act)], **asdict(act)}


def act_from_json(value: Mapping[str, Any]) -> Act:
    """Inverse of `act_to_json`. Raises RecordError on anything that is no act; trusts nothing."""
    try:
        name = value["act"]
        kind = ACTS[name] if isinstance(name, str) else None
        if kind is None:
            raise ValueError("an act is named by text")
        return kind(**{field.name: _field(field.name, value[field.name]) for field in fields(kind)})
    except RecordError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = f"{type(error).__name__}: {error}"[:200]
        raise RecordError(f"no act ({why}); acts are {', '.join(ACTS)}") from error


def _field(name: str, value: Any) -> Any:
    match name:
        case "place":
            return _place(value)
        case "reading":
            return reading_from_json(value)
        case "proposal_sha256":
            return sha256(value)
        case "positions":
            return tuple(
                ProposedPosition(whole_number(p["line"]), whole_number(p["index"]), _place(p["place"]))
                for p in listed(value)
            )
        case "photos" | "own":
            return whole_numbers(value)
        case "by":
            return PhotoOrder(value)
        case "conditions":
            return conditions_from_json(value)
        case "pairs":
            return tuple(_pair(pair) for pair in listed(value)[:MAX_PAIRS])
        case "added":
            return tuple(_added(photo) for photo in listed(value))
        case _:
            return whole_number(value)


def _added(value: Mapping[str, Any]) -> AddedPhoto:
    name, extension, time_s = value["name"], value["extension"], value["frame_time_s"]
    if not (isinstance(name, str) and isinstance(extension, str) and len(name) <= 1000):
        raise ValueError("a photograph has a name and an extension")
    # It becomes part of a path inside the casebook.
    if not re.fullmatch(r"(\.[a-z0-9]{1,10})?", extension):
        raise ValueError(f"no extension of an original: {extension[:20]!r}")
    if isinstance(time_s, bool) or not (time_s is None or isinstance(time_s, (int, float))):
        raise ValueError("the time of a frame is a number of seconds")
    return AddedPhoto(name, sha256(value["sha256"]), extension, None if time_s is None else float(time_s))


def _pair(value: Any) -> Pair:
    (x, y), (other_x, other_y) = ([coordinate(c) for c in listed(point)] for point in listed(value))
    return (x, y), (other_x, other_y)


def _place(value: Mapping[str, Any]) -> Place:
    corners = [[coordinate(c) for c in listed(corner)] for corner in listed(value["quad"])]
    return Place(whole_number(value["frame"]), as_quad(corners))


def reading_from_json(value: Mapping[str, Any]) -> CharacterReading:
    """A reading from plain values. Raises RecordError, KeyError, TypeError or ValueError where it is none."""
    alternatives = tuple(listed(value.get("alternatives", ())))
    reading, reason = value.get("reading", ""), value.get("reason", "")
    if not all(isinstance(text, str) for text in (reading, reason, *alternatives)):
        raise ValueError("reading, alternatives and reason are text")
    return CharacterReading(State(value["state"]), reading, alternatives, reason)


def conditions_from_json(value: Mapping[str, Any]) -> Conditions:
    """What is said of photographs; fields that are not named are None. Raises as `reading_from_json` does."""
    names = {field.name for field in fields(Conditions)}
    if not isinstance(value, Mapping) or not set(value) <= names:
        raise ValueError(f"conditions are {', '.join(sorted(names))}")
    return Conditions(**{name: value.get(name) for name in names})
