"""The fields of a case, an item, a marking and a thing done, as the page offers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from examiner.casebook.case_file import MarkingKind, Origin, Status, StepKind
from examiner.casebook.laboratory import Laboratory, Reagent

NUMBERS = ("dwell_s", "cycle", "voltage_v", "current_a", "temperature_c")

_ALWAYS = ("at", "note")
OF_STEP: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.CLEAN: _ALWAYS,
    StepKind.POLISH: ("grit", *_ALWAYS),
    StepKind.MAGNETIC: ("magnetisation", "current_a", *_ALWAYS),
    StepKind.ETCH: ("reagent", "lot", "dwell_s", "cycle", "temperature_c", *_ALWAYS),
    StepKind.ELECTROLYTIC: (
        "reagent",
        "lot",
        "dwell_s",
        "cycle",
        "voltage_v",
        "current_a",
        "temperature_c",
        *_ALWAYS,
    ),
    StepKind.HEAT: ("temperature_c", "dwell_s", *_ALWAYS),
    StepKind.LOOK: _ALWAYS,
    StepKind.STOP: ("why", *_ALWAYS),
}
"""The fields that are asked of each thing done, beside its kind."""


def form_of(kind: str, laboratory: Laboratory) -> list[dict[str, Any]]:
    """Fields in their order: name, label, `type` (line, text, number, choice, words, many, signs) and
    `options` as pairs of value and label."""
    words = laboratory.words
    match kind:
        case "case":
            return [_line("reference", "reference"), _line("title", "title")]
        case "item":
            return [
                _line("name", "item"),
                _choice("origin", "origin", Origin),
                _line("make", "make"),
                _line("model", "model"),
                _line("calibre", "calibre"),
                _line("country", "country of origin"),
                _line("importer", "importer"),
                _line("import_mark", "import mark"),
                _line("import_year", "import year"),
                _field("signs", "signs of alteration", "signs", words["signs_of_alteration"]),
                _field("note", "note", "text"),
            ]
        case "marking":
            return [
                _line("name", "marking"),
                _choice("kind", "kind", MarkingKind),
                _line("place", "place"),
                _field("made", "how made", "words", [manner.word for manner in laboratory.made]),
                _field("metal", "metal", "words", words["metals"]),
                _choice("status", "status", Status),
                _field("obliterated", "how obliterated", "many", words["obliterations"]),
                _field("note", "note", "text"),
            ]
        case _:
            return [
                _choice("kind", "done", StepKind),
                _line("at", "when"),
                _field("grit", "grit", "words", words["abrasives"]),
                _field("reagent", "reagent", "words", [reagent.name for reagent in laboratory.reagents]),
                _line("lot", "lot"),
                _field("dwell_s", "dwell, s", "number"),
                _field("cycle", "cycle", "number"),
                _field("voltage_v", "voltage, V", "number"),
                _field("current_a", "current, A", "number"),
                _field("magnetisation", "magnetised", "words", words["magnetisations"]),
                _field("temperature_c", "temperature, °C", "number"),
                _field("why", "why stopped", "words", words["stop_reasons"]),
                _line("note", "note"),
            ]


def reagent_words(reagent: Reagent) -> str:
    """What is to be known before a reagent is used, in a line."""
    said = [reagent.hazard] if reagent.hazard else []
    if reagent.metals:
        said.append("for " + ", ".join(reagent.metals))
    said.append(f"approved {reagent.approved}" if reagent.approved else "not approved by this laboratory")
    return "; ".join(said)


def _field(name: str, label: str, type: str, options: Iterable[str] = ()) -> dict[str, Any]:
    return {"name": name, "label": label, "type": type, "options": list(options)}


def _line(name: str, label: str) -> dict[str, Any]:
    return _field(name, label, "line")


def _choice(name: str, label: str, among: Iterable[str]) -> dict[str, Any]:
    return _field(name, label, "choice", [str(value) for value in among])
