"""Arrows and notes that a person puts on a photograph: plain data beside it, never in its pixels.

Places are stored pixels of the photograph, origin at the centre of the top-left pixel, x right, y down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MOST = 200
"""Annotations of one photograph."""

MOST_LETTERS = 200
FARTHEST = 1_000_000.0

Point = tuple[float, float]


class AnnotationError(ValueError):
    """An annotation that is not what it should be; the message says which and what was expected."""


@dataclass(frozen=True)
class Arrow:
    """From `tail` to its `head`, with a word beside the tail or none."""

    tail: Point
    head: Point
    text: str = ""


@dataclass(frozen=True)
class Note:
    """Words at a place."""

    at: Point
    text: str


Annotation = Arrow | Note

_FIELDS = {"arrow": {"tail", "head", "text"}, "note": {"at", "text"}}


def to_json(annotations: Sequence[Annotation]) -> list[dict[str, Any]]:
    """A list of objects with `kind` and the fields of that kind."""
    return [{"kind": type(annotation).__name__.lower(), **asdict(annotation)} for annotation in annotations]


def from_json(value: Any) -> tuple[Annotation, ...]:
    """Inverse of `to_json`; checks everything. Raises AnnotationError for the first that is wrong."""
    if not isinstance(value, list):
        raise AnnotationError(f"annotations are a list, got {type(value).__name__}")
    if len(value) > MOST:
        raise AnnotationError(f"a photograph has at most {MOST} annotations, got {len(value)}")
    return tuple(_annotation(number, entry) for number, entry in enumerate(value, 1))


def _annotation(number: int, value: Any) -> Annotation:
    where = f"annotation {number}"
    if not isinstance(value, Mapping) or value.get("kind") not in tuple(_FIELDS):
        raise AnnotationError(f"{where}: expected an object whose kind is one of {', '.join(_FIELDS)}")
    fields = {key: part for key, part in value.items() if key != "kind"}
    wanted = _FIELDS[value["kind"]]
    if set(fields) != wanted:
        raise AnnotationError(f"{where}: expected the fields {', '.join(sorted(wanted))}")
    text = fields["text"]
    if not isinstance(text, str) or len(text) > MOST_LETTERS or not text.isprintable():
        raise AnnotationError(f"{where}: text is one line of at most {MOST_LETTERS} characters")
    if value["kind"] == "note":
        if not text.strip():
            raise AnnotationError(f"{where}: a note without words says nothing")
        return Note(_point(where, fields["at"]), text)
    return Arrow(_point(where, fields["tail"]), _point(where, fields["head"]), text)


def _point(where: str, value: Any) -> Point:
    if isinstance(value, (list, tuple)) and len(value) == 2:
        x, y = value
        if all(_is_place(part) for part in (x, y)):
            return float(x), float(y)
    raise AnnotationError(f"{where}: expected a place [x, y] in pixels")


def _is_place(part: Any) -> bool:
    return isinstance(part, (int, float)) and not isinstance(part, bool) and abs(part) <= FARTHEST
