"""Case, item, marking and what was done to it: what the ledger's lines about them say. Frozen, checked.

A line holds the whole of what it is about; the last one with an id counts, the earlier ones stay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from examiner.casebook.laboratory import Laboratory, laboratory_from_json
from examiner.examination.acts import AddedPhoto
from examiner.examination.acts_json import added_photo
from examiner.examination.readings import MAX_REASON, RecordError

MAX_LINE = 200
"""Characters of a name, a reference or a word."""

MAX_LISTED = 60
"""Signs of alteration, ways of obliteration or photographs of one of them."""


class Origin(StrEnum):
    """How the item came to be."""

    UNKNOWN = "unknown"
    FACTORY = "factory-made"
    ARTISANAL = "artisanal"
    CONVERTED = "converted"
    MODIFIED = "modified"


class MarkingKind(StrEnum):
    SERIAL = "serial"
    PROOF = "proof"
    IMPORT = "import"
    FACTORY = "factory"
    SYMBOL = "symbol"
    OTHER = "other"


class Status(StrEnum):
    """What became of a marking."""

    UNKNOWN = "unknown"
    ORIGINAL = "original"
    OBLITERATED = "obliterated"
    RENUMBERED = "renumbered"
    NEVER_MARKED = "never marked"
    IMITATION = "craft-made imitation"


class StepKind(StrEnum):
    """What was done to the surface."""

    CLEAN = "clean"
    POLISH = "polish"
    MAGNETIC = "magnetic particles"
    ETCH = "etch"
    ELECTROLYTIC = "electrolytic"
    HEAT = "heat"
    LOOK = "look"
    STOP = "stop"


ETCHES = (StepKind.ETCH, StepKind.ELECTROLYTIC)


@dataclass(frozen=True)
class Case:
    """A case. `laboratory`: the words that were in force when it was opened."""

    id: str
    reference: str
    title: str
    laboratory: Laboratory


@dataclass(frozen=True)
class SignOfAlteration:
    """A sign that the item was altered, with photographs of it."""

    kind: str
    note: str = ""
    photos: tuple[AddedPhoto, ...] = ()


@dataclass(frozen=True)
class Item:
    """A thing with markings. `country`: of origin; `importer`, `import_mark` and `import_year` as trace
    requests ask for them."""

    id: str
    case: str
    name: str
    origin: Origin = Origin.UNKNOWN
    make: str = ""
    model: str = ""
    calibre: str = ""
    note: str = ""
    country: str = ""
    importer: str = ""
    import_mark: str = ""
    import_year: str = ""
    signs: tuple[SignOfAlteration, ...] = ()


@dataclass(frozen=True)
class Marking:
    """A marking of an item. `made`, `metal` and `obliterated` are words of the laboratory, or other ones."""

    id: str
    item: str
    name: str
    kind: MarkingKind = MarkingKind.SERIAL
    made: str = ""
    metal: str = ""
    status: Status = Status.UNKNOWN
    obliterated: tuple[str, ...] = ()
    place: str = ""
    note: str = ""


@dataclass(frozen=True)
class ProcedureStep:
    """One thing done to a marking's surface. `at` is when, in the examiner's words; numbers in seconds,
    volts, amperes and degrees Celsius; `why` says why it was stopped."""

    id: str
    marking: str
    kind: StepKind
    at: str = ""
    grit: str = ""
    reagent: str = ""
    lot: str = ""
    dwell_s: float | None = None
    cycle: float | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    magnetisation: str = ""
    temperature_c: float | None = None
    why: str = ""
    note: str = ""


Filed = Case | Item | Marking | ProcedureStep

KINDS: Mapping[str, type[Filed]] = {
    "case": Case,
    "item": Item,
    "marking": Marking,
    "procedure": ProcedureStep,
}
"""What the ledger's lines about the casebook's cases are, by their kind."""

_ENUMS = {(Item, "origin"): Origin, (Marking, "kind"): MarkingKind, (Marking, "status"): Status}
_ENUMS[ProcedureStep, "kind"] = StepKind
_NUMBERS = frozenset(("dwell_s", "cycle", "voltage_v", "current_a", "temperature_c"))


@dataclass(frozen=True)
class CaseFile:
    """Everything filed, by id."""

    cases: Mapping[str, Case] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    markings: Mapping[str, Marking] = field(default_factory=dict)
    procedure: Mapping[str, ProcedureStep] = field(default_factory=dict)
    series: Mapping[str, str] = field(default_factory=dict)
    """The marking of each examination that has one."""


def with_filed(file: CaseFile, filed: Filed) -> CaseFile:
    """The file with one more, or with a newer version of one. Raises RecordError where what it belongs to is
    not there, or it would move to another place."""
    match filed:
        case Case():
            return _put(file, "cases", filed, file.cases.get(filed.id))
        case Item(case=case):
            _there(case in file.cases, "case", case)
            _stays(file.items.get(filed.id), "case", case)
            return _put(file, "items", filed, None)
        case Marking(item=item):
            _there(item in file.items, "item", item)
            _stays(file.markings.get(filed.id), "item", item)
            return _put(file, "markings", filed, None)
        case ProcedureStep(marking=marking):
            _there(marking in file.markings, "marking", marking)
            _stays(file.procedure.get(filed.id), "marking", marking)
            return _put(file, "procedure", filed, None)


def with_series(file: CaseFile, examination: str, marking: str) -> CaseFile:
    """The file with an examination filed under a marking. Raises RecordError where there is none."""
    _there(marking in file.markings, "marking", marking)
    return _replaced(file, series={**file.series, examination: marking})


def warnings(file: CaseFile, marking: Marking, step: StepKind) -> list[str]:
    """What to consider before this is done to a marking: words to show, none where there is nothing."""
    laboratory = file.cases[file.items[marking.item].case].laboratory
    way = next((known for known in laboratory.made if known.word == marking.made), None)
    words = []
    if step in ETCHES and way is not None and way.etching_destroys:
        words.append(
            f"This marking is said to be made by {way.word}: etching destroys it and brings nothing back."
        )
    if step in ETCHES and way is None:
        words.append("It is not said how this marking was made; a laser engraving is destroyed by etching.")
    ferrous = "steel" in marking.metal
    if step is StepKind.MAGNETIC and marking.metal and not ferrous:
        words.append(f"Magnetic particles show nothing on a metal that is not magnetic ({marking.metal}).")
    return words


def filed_to_json(filed: Filed) -> dict[str, Any]:
    """Plain values; inverse: `filed_from_json`."""
    return {field.name: _plain(getattr(filed, field.name)) for field in fields(filed)}


def filed_from_json(kind: str, value: Any) -> Filed:
    """What a line of this kind says. Raises RecordError, naming what is wrong; trusts nothing."""
    kind_of_filed = KINDS.get(kind)
    if kind_of_filed is None or not isinstance(value, Mapping):
        raise RecordError(f"no {kind[:40]!r} to file; known are {', '.join(KINDS)}")
    names = {field.name for field in fields(kind_of_filed)}
    unknown = [str(name)[:40] for name in value if name not in names]
    if unknown:
        raise RecordError(f"a {kind} has no {unknown[0]!r}")
    try:
        return kind_of_filed(
            **{name: _field(kind_of_filed, name, value[name]) for name in names if name in value}
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecordError(f"no {kind} ({type(error).__name__}: {error})"[:300]) from error


def _field(kind_of_filed: type[Filed], name: str, value: Any) -> Any:
    if (kind_of_filed, name) in _ENUMS:
        return _ENUMS[kind_of_filed, name](value)
    if name in _NUMBERS:
        return _number(name, value)
    if name == "laboratory":
        return laboratory_from_json(value)
    if name == "obliterated":
        return tuple(_line(word) for word in _listed(value))
    if name == "signs":
        return tuple(_sign(sign) for sign in _listed(value))
    text = _line(value, MAX_REASON if name in ("note", "why") else MAX_LINE)
    if name in ("id", "case", "item", "marking", "name", "reference") and not text.strip():
        raise ValueError(f"{name} is empty")
    return text


def _listed(value: Any) -> Sequence[Any]:
    # A text is a sequence too, of its characters, and would pass unseen.
    if not isinstance(value, (list, tuple)) or len(value) > MAX_LISTED:
        raise ValueError(f"expected a list of at most {MAX_LISTED}")
    return value


def _sign(value: Mapping[str, Any]) -> SignOfAlteration:
    photos = tuple(added_photo(photo) for photo in _listed(value.get("photos", ())))
    return SignOfAlteration(_line(value["kind"]), _line(value.get("note", ""), MAX_REASON), photos)


def _line(value: Any, longest: int = MAX_LINE) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"expected a text of at most {longest} characters")
    if not all(c.isprintable() or c == "\n" for c in value):
        raise ValueError("expected printable characters")
    return value


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{name} is a number")
    if not -300 <= value <= 1e6:
        raise ValueError(f"{name} is a number from -300 to 1000000")
    return float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Laboratory):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (SignOfAlteration, AddedPhoto)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _put(file: CaseFile, shelf: str, filed: Filed, before: Case | None) -> CaseFile:
    if before is not None and isinstance(filed, Case) and before.laboratory != filed.laboratory:
        raise RecordError("the laboratory's words stay as they were when the case was opened")
    return _replaced(file, **{shelf: {**getattr(file, shelf), filed.id: filed}})


def _replaced(file: CaseFile, **shelf: Mapping[str, Any]) -> CaseFile:
    names = [field.name for field in fields(CaseFile)]
    return CaseFile(**{name: shelf.get(name, getattr(file, name)) for name in names})


def _there(known: bool, what: str, id: str) -> None:
    if not known:
        raise RecordError(f"there is no {what} {id[:40]!r}")


def _stays(before: Filed | None, name: str, now: str) -> None:
    if before is not None and getattr(before, name) != now:
        raise RecordError(f"what is filed cannot move to another {name}")
