"""Acts to and from plain values. `act_to_json` and `act_from_json` are inverse to each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any

from examiner.examination.acts import (
    ACTS,
    KIND_OF,
    MAX_PAIRS,
    Act,
    AddedPhoto,
    Conditions,
    PhotoOrder,
    Place,
    ProposedPosition,
    SecondPosition,
    TakeSecond,
)
from examiner.examination.readings import MAX_REASON, RecordError, reading_from_json
from examiner.examination.untrusted_values import coordinate, listed, sha256, whole_number, whole_numbers
from pipelines.registration.hand_points import Pair
from pipelines.types import as_quad


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
        # Fields with a default came later than the act: ledgers of earlier versions do not name them.
        given = [f.name for f in fields(kind) if f.default is MISSING or f.name in value]
        return kind(**{name: _field(kind, name, value[name]) for name in given})
    except RecordError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = f"{type(error).__name__}: {error}"[:200]
        raise RecordError(f"no act ({why}); acts are {', '.join(ACTS)}") from error


def _field(kind: type[Act], name: str, value: Any) -> Any:
    match name:
        case "place":
            return _place(value)
        case "reading":
            return reading_from_json(value)
        case "proposal_sha256":
            return sha256(value)
        case "positions" if kind is TakeSecond:
            return tuple(
                SecondPosition(whole_number(p["id"]), _place(p["place"]), reading_from_json(p["reading"]))
                for p in listed(value)
            )
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
        case "reason" | "note" | "reader" | "signer" | "examination" | "key" | "signature":
            return _text(value)
        case "added":
            return tuple(added_photo(photo) for photo in listed(value))
        case _:
            return whole_number(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_REASON:
        raise ValueError(f"expected a text of at most {MAX_REASON} characters")
    return value


def added_photo(value: Mapping[str, Any]) -> AddedPhoto:
    """A photograph as the ledger names it. Raises KeyError, TypeError or ValueError where it is none."""
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


def conditions_from_json(value: Mapping[str, Any]) -> Conditions:
    """What is said of photographs; fields that are not named are None. Raises as `reading_from_json` does."""
    names = {field.name for field in fields(Conditions)}
    if not isinstance(value, Mapping) or not set(value) <= names:
        raise ValueError(f"conditions are {', '.join(sorted(names))}")
    return Conditions(**{name: value.get(name) for name in names})
