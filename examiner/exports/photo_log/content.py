"""The photographs of a case or an examination with all that the record says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from examiner.casebook.case_file import Item, Marking
from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto, check, entry_of, stored
from examiner.examination.state import Examination
from pipelines.errors import ExitCode, MarkingError

NO_CONDITIONS: Mapping[str, str] = dict.fromkeys(("method", "reagent", "cycle", "light", "note"), "")


class PhotoLogError(MarkingError):
    """A case that has no photo log: there is none of that name, or several."""

    kind = "photo_log"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class LoggedPhoto:
    """One photograph of the log. `about`: item, marking and examination, or sign of alteration. `scale` in
    words, empty where nobody measured it. `used`: what for, by the record; empty for nothing."""

    photo: StoredPhoto
    about: str
    conditions: Mapping[str, str]
    scale: str
    used: tuple[str, ...]


@dataclass(frozen=True)
class Logged:
    """What a log is of. `examinations`: their ids, those that the export is recorded for."""

    title: str
    examinations: tuple[str, ...]
    photographs: tuple[LoggedPhoto, ...]


def photographs_of_case(casebook: Casebook, reference: str) -> Logged:
    """Every photograph of a case's examinations, in the order in which these were begun, and of the signs of
    alteration of its items. Raises PhotoLogError for no such case, OriginalChangedError."""
    file = casebook.cases.file()
    cases = [case for case in file.cases.values() if case.reference == reference]
    if len(cases) != 1:
        known = ", ".join(sorted(case.reference for case in file.cases.values())) or "none"
        raise PhotoLogError(f"{len(cases)} cases have the reference {reference!r}; there are: {known}"[:500])
    items = [item for item in file.items.values() if item.case == cases[0].id]
    markings = {marking.id for marking in file.markings.values() if marking.item in {i.id for i in items}}
    entries = sorted(casebook.examinations(), key=lambda entry: (entry.begun, entry.id))
    # A second reading is of the same photographs.
    ids = [e.id for e in entries if file.series.get(e.id) in markings and not e.second_of]
    photographs = [photo for id in ids for photo in _of_examination(casebook, id)]
    photographs += [photo for item in items for photo in _of_signs(casebook, item)]
    title = f"{reference}: {cases[0].title}" if cases[0].title else reference
    return Logged(title, tuple(ids), tuple(photographs))


def photographs_of_examination(casebook: Casebook, id: str) -> Logged:
    """Every photograph of an examination, and of the signs of alteration of its item. Raises
    OriginalChangedError."""
    item, marking = _filed(casebook, id)
    signs = [] if item is None else _of_signs(casebook, item)
    title = " – ".join(part.name for part in (item, marking) if part is not None)
    return Logged(title or _title(casebook, id), (id,), (*_of_examination(casebook, id), *signs))


def _of_examination(casebook: Casebook, id: str) -> list[LoggedPhoto]:
    examination = casebook.examination(id)
    parts = _filed(casebook, id)
    place = parts[1].place if parts[1] is not None else ""
    names = [part.name for part in parts if part is not None] or [_title(casebook, id)]
    about = ", ".join([*filter(None, [*names, place]), f"examination {id[:8]}"])
    scales, uses = _scales(casebook, id), _uses(casebook, id, examination)
    return [
        LoggedPhoto(
            photo,
            about,
            {name: text or "" for name, text in asdict(conditions).items()},
            scales.get(number, ""),
            tuple(uses.get(number, ())),
        )
        for number, (photo, conditions) in enumerate(
            zip(casebook.photos(id, check=True), examination.series.conditions, strict=True)
        )
    ]


def _of_signs(casebook: Casebook, item: Item) -> list[LoggedPhoto]:
    photographs = []
    for sign in item.signs:
        for added in sign.photos:
            photo = stored(casebook.folder / "originals", entry_of(added))
            check(photo.path, photo.sha256)
            about = f"{item.name}, sign of alteration: {sign.kind}"
            conditions = {**NO_CONDITIONS, "note": sign.note}
            photographs.append(LoggedPhoto(photo, about, conditions, "", ("sign of alteration",)))
    return photographs


def _filed(casebook: Casebook, id: str) -> tuple[Item | None, Marking | None]:
    file = casebook.cases.file()
    marking = file.markings.get(file.series.get(id, ""))
    return (None, None) if marking is None else (file.items[marking.item], marking)


def _title(casebook: Casebook, id: str) -> str:
    return next(entry.title for entry in casebook.examinations() if entry.id == id)


def _scales(casebook: Casebook, id: str) -> dict[int, str]:
    """The scale measured last on each photograph, by a person on a ruler."""
    scales = {}
    for content in _views(casebook, id, "measurement"):
        if content["measured"] == "scale":
            scale = content["scale"]
            pixels, share = 1 / scale["mm_per_px"], 100 * scale["deviation"]
            scales[content["photo"]] = f"1 mm is {pixels:.4g} pixels ± {share:.2g} %"
    return scales


def _uses(casebook: Casebook, id: str, examination: Examination) -> dict[int, list[str]]:
    uses: dict[int, list[str]] = {}
    marked: dict[int, int] = {}
    best: set[int] = set()
    for position in examination.positions:
        marked[position.place.frame] = marked.get(position.place.frame, 0) + 1
        for reading in (position.own, position.final):
            best |= set(reading.photos) if reading is not None else set()
    for photo, positions in marked.items():
        uses.setdefault(photo, []).append(f"{positions} position{'s' * (positions > 1)} marked")
    for photo in sorted(best):
        uses.setdefault(photo, []).append("a reading rests on it")
    for what, words in VIEWS.items():
        for photo in sorted({content["photo"] for content in _views(casebook, id, what)}):
            uses.setdefault(photo, []).append(words)
    return uses


VIEWS: Mapping[str, str] = {
    "enhancement": "looked at enhanced",
    "measurement": "measured on",
    "annotations": "notes on it",
}
"""Views of the record that are of one photograph, in words."""


def _views(casebook: Casebook, id: str, what: str) -> list[Mapping[str, Any]]:
    return [
        value["content"]
        for line in casebook.history(id)
        if line.kind == "view" and (value := line.value())["what"] == what
    ]
