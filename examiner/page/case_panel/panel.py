"""Case, item, marking and procedure of what is open: shown, and filed, from the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from examiner.casebook.case_file import (
    Case,
    CaseFile,
    Filed,
    Item,
    Marking,
    ProcedureStep,
    StepKind,
    filed_from_json,
    filed_to_json,
    warnings,
)
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts import AddedPhoto
from examiner.examination.acts_json import added_photo
from examiner.examination.readings import RecordError
from examiner.page.case_panel.fields import NUMBERS, OF_STEP, form_of, reagent_words
from examiner.people import Person
from pipelines.errors import MarkingError

SHELVES: Mapping[str, str] = {"case": "cases", "item": "items", "marking": "markings"}
NEW = "new"
"""Chosen where a new one is to be filed."""


class CasePanel:
    """What one person files on the page. Every answer is plain values for the browser."""

    def __init__(self, casebook: Casebook, laboratory: Laboratory, person: Callable[[], Person]) -> None:
        self._casebook = casebook
        self._laboratory = laboratory
        self._person = person

    def words(self, examination: str) -> str:
        """Where an examination is filed, in a few words; empty where it is not."""
        file = self._casebook.cases.file()
        marking = file.markings.get(file.series.get(examination, ""))
        if marking is None:
            return ""
        item = file.items[marking.item]
        return f"{file.cases[item.case].reference} · {item.name} · {marking.name}"

    def ask(self, examination: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What is filed: of the chosen case, item and marking, else of those of the examination."""
        return self._view(examination, _chosen(sent) or self._filed(examination))

    def refused(self, examination: str, why: str) -> dict[str, Any]:
        """Nothing of what is filed, and why."""
        return {**self._view("", {}, why, wrong=True), "listed": {}, "examination": examination}

    def file(self, examination: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Files what was sent, and shows it; where it is refused, why."""
        chosen = _chosen(sent)
        try:
            if sent.get("kind") == "series":
                self._casebook.cases.attach(
                    examination, str(sent.get("marking", ""))[:64], self._person().name
                )
                return self._view(examination, self._filed(examination), "These photographs are filed here.")
            kept = self._put(examination, sent)
        except MarkingError as error:
            return self._view(examination, chosen, str(error), wrong=True)
        return self._view(examination, _beside(chosen, kept), "Filed.")

    def _put(self, examination: str, sent: Mapping[str, Any]) -> Filed:
        kind, value = sent.get("kind"), sent.get("value")
        if kind not in ("case", "item", "marking", "procedure") or not isinstance(value, Mapping):
            raise RecordError("there is nothing of this kind to file")
        cases, actor = self._casebook.cases, self._person().name
        plain = {"title": "", **value} if kind == "case" else dict(value)
        if kind == "case":
            before = cases.file().cases.get(str(plain.get("id", "")))
            if before is None:
                reference, title = plain.get("reference"), plain.get("title", "")
                checked = {**plain, "id": NEW, "laboratory": self._laboratory.to_json()}
                filed_from_json("case", checked)
                return cases.open_case(str(reference), str(title), self._laboratory, actor)
            plain["laboratory"] = before.laboratory.to_json()
        if kind == "item":
            plain["signs"] = [self._sign(examination, sign) for sign in plain.get("signs", ()) or ()]
        if kind == "procedure":
            plain.update({name: _number(name, plain.get(name)) for name in NUMBERS})
        known = plain.get("id", "")
        filed = filed_from_json(kind, {**plain, "id": known or NEW})
        return cases.put(filed if known else replace(filed, id=""), actor)

    def _sign(self, examination: str, sign: Any) -> dict[str, Any]:
        """A sign of alteration; photographs are numbers of the open series, or entries filed before."""
        if not isinstance(sign, Mapping):
            raise RecordError("a sign of alteration is an object")
        photos = self._casebook.photos(examination) if examination else []
        entries = []
        for photo in sign.get("photos", ()) or ():
            if isinstance(photo, Mapping):
                entries.append(asdict(added_photo(photo)))
            elif isinstance(photo, int) and not isinstance(photo, bool) and 0 <= photo < len(photos):
                entries.append(_entry(photos[photo]))
            else:
                raise RecordError(f"the open series has photographs 1 to {len(photos)}")
        return {"kind": sign.get("kind", ""), "note": sign.get("note", ""), "photos": entries}

    def _filed(self, examination: str) -> dict[str, str]:
        file = self._casebook.cases.file()
        marking = file.markings.get(file.series.get(examination, ""))
        if marking is None:
            newest = [NEW, *file.cases][-1]
            return {"case": newest, "item": NEW, "marking": NEW}
        return {"case": file.items[marking.item].case, "item": marking.item, "marking": marking.id}

    def _view(
        self, examination: str, chosen: Mapping[str, str], notice: str = "", wrong: bool = False
    ) -> dict[str, Any]:
        file = self._casebook.cases.file()
        case = file.cases.get(chosen.get("case", ""))
        item = _within(file.items, chosen.get("item", ""), "case", case)
        marking = _within(file.markings, chosen.get("marking", ""), "item", item)
        laboratory = case.laboratory if case else self._laboratory
        steps = self._casebook.cases.procedure(marking.id) if marking else []
        return {
            "examination": examination,
            "listed": {
                "case": [[each.id, f"{each.reference} {each.title}".strip()] for each in file.cases.values()],
                "item": [
                    [each.id, each.name] for each in file.items.values() if case and each.case == case.id
                ],
                "marking": [
                    [each.id, each.name] for each in file.markings.values() if item and each.item == item.id
                ],
            },
            "chosen": {
                "case": case.id if case else NEW,
                "item": item.id if item else NEW,
                "marking": marking.id if marking else NEW,
            },
            "values": {
                "case": _value(case),
                "item": _value(item),
                "marking": _value(marking),
                "procedure": {},
            },
            "forms": {kind: form_of(kind, laboratory) for kind in ("case", "item", "marking", "procedure")},
            "of_step": {kind.value: list(names) for kind, names in OF_STEP.items()},
            "warnings": {kind.value: warnings(file, marking, kind) if marking else [] for kind in StepKind},
            "reagents": {reagent.name: reagent_words(reagent) for reagent in laboratory.reagents},
            "steps": [_row(file, marking, step) for step in steps if marking],
            "filed_here": bool(marking) and file.series.get(examination) == (marking.id if marking else ""),
            "may_attach": bool(marking and examination),
            "notice": notice,
            "wrong": wrong,
        }


def _row(file: CaseFile, marking: Marking, step: ProcedureStep) -> dict[str, Any]:
    value = filed_to_json(step)
    told = {key: f"{told:g}" if isinstance(told := value[key], float) else told for key, _, _ in SAID}
    said = [f"{name} {told[key]}{unit}".strip() for key, name, unit in SAID if told[key] not in ("", None)]
    return {
        "id": step.id,
        "at": step.at,
        "kind": step.kind.value,
        "said": ", ".join(said),
        "note": " ".join(part for part in (step.why, step.note) if part),
        "warnings": warnings(file, marking, step.kind),
    }


SAID = (
    ("grit", "grit", ""),
    ("reagent", "", ""),
    ("lot", "lot", ""),
    ("dwell_s", "dwell", " s"),
    ("cycle", "cycle", ""),
    ("voltage_v", "", " V"),
    ("current_a", "", " A"),
    ("magnetisation", "", ""),
    ("temperature_c", "", " °C"),
)
"""What a row of the procedure log says: field, word before and unit behind."""


def _value(filed: Case | Item | Marking | None) -> dict[str, Any]:
    if filed is None:
        return {}
    names = [field.name for field in fields(filed) if field.name != "laboratory"]
    plain = filed_to_json(filed)
    return {name: plain[name] for name in names}


def _within(shelf: Mapping[str, Any], id: str, name: str, owner: Any) -> Any:
    """What is chosen, where it belongs to what is chosen above it."""
    chosen = shelf.get(id)
    return chosen if chosen is not None and owner is not None and getattr(chosen, name) == owner.id else None


def _chosen(sent: Mapping[str, Any]) -> dict[str, str]:
    chosen = sent.get("chosen")
    if not isinstance(chosen, Mapping):
        return {}
    return {kind: str(chosen.get(kind, NEW))[:64] for kind in SHELVES}


def _entry(photo: StoredPhoto) -> dict[str, Any]:
    return asdict(AddedPhoto(photo.name, photo.sha256, photo.path.suffix, photo.frame_time_s))


def _beside(chosen: Mapping[str, str], kept: Filed) -> dict[str, str]:
    """The choice with what was filed now in its place."""
    match kept:
        case Case(id=id):
            return {**chosen, "case": id}
        case Item(id=id, case=case):
            return {**chosen, "case": case, "item": id}
        case Marking(id=id, item=item):
            return {**chosen, "item": item, "marking": id}
    return dict(chosen)


def _number(name: str, value: object) -> object:
    """A typed number: empty is none, a comma is a point. Raises RecordError."""
    if not isinstance(value, str):
        return value
    text = value.strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise RecordError(f"{name}: {value[:40]!r} is no number") from error
