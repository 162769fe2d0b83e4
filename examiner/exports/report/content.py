"""What stands in a report, as plain values: everything the PDF says, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Literal

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.casebook.ledger import LedgerLine
from examiner.casebook.versions import software_versions
from examiner.examination.acts import Mode
from examiner.examination.evidence_at_places import evidence_at_places, glyphs_of
from examiner.examination.mode_words import MODE_WORDS
from examiner.examination.notation import evidence_words, legend_of, ratio_words, reading_string, set_words
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading, Layer, State, reading_from_json
from examiner.examination.scripts import glyph_words, script_words
from examiner.examination.state import differ
from examiner.exports.reading_json import reading_json
from examiner.exports.report import statements
from examiner.exports.report.local_times import local_times, zone_of
from examiner.tracing.trace import trace
from pipelines.enhance.catalogue import Entry, catalogue
from pipelines.enhance.recipe import shipped_recipes
from pipelines.fuse import FUSIONS
from pipelines.glyphs import GLYPHS
from pipelines.probability.calibration import measured_held_out
from pipelines.probability.likeness import unlike_photographs
from pipelines.types import Proposal

SCHEMA = 2

SIDE = 1000
"""Pixels of the longer side of a printed photograph, at most."""

OWN_CHAIN = {"bench": "Chain set up by the examiner"}
"""What is said of a chain that is no recipe, by the name that the record gives it."""

NO_RESULT = "No result: no character of this marking could be read."
NOTHING_THERE = "No result: no character was seen."

MATERIAL = {
    **{tier: f"simulated plates, {tier}" for tier in ("intact", "worn", "etched")},
    **{f"foreign {tier}": f"plates of another simulation, {tier}" for tier in ("intact", "worn", "etched")},
    "drawn on steel": "characters drawn on photographs of bare steel, from plain to below sight",
    "real photographs": "photographs of real markings, intact",
}
"""What the method was measured on, in words, by the name that the calibration's file gives it."""


def report_value(casebook: Casebook, examination_id: str, laboratory: Laboratory) -> dict[str, Any]:
    """The whole report as plain values; `examiner.casebook.ledger.canonical` makes its canonical text.

    Pictures are named here and made by `illustrations`. `laboratory`: whose words are used where the case has
    none of its own. The proposal is in it only where the casebook hands it out.
    """
    reading = reading_json(casebook, examination_id)
    filed = reading["case"]
    words = filed["case"]["laboratory"] if filed else laboratory.to_json()
    words_of_mode = MODE_WORDS[Mode(reading["mode"])]
    views = [line for line in casebook.history(examination_id) if line.kind == "view"]
    views += _of_second(casebook, reading)
    examination = casebook.examination(examination_id)
    signers = examination.signers
    enhancements, fusions = _enhancements(views), _fusions(views)
    differences = _differences(examination.positions, reading)
    proposal = casebook.proposal_in_view(examination_id) if reading["proposal"] else None
    sets = {} if proposal is None else _sets(reading["positions"], proposal)
    other_version = proposal is not None and _other_version(reading)
    of_laboratory = words.get("report", {})
    value = {
        "schema": SCHEMA,
        "laboratory": words,
        "mode": f"{words_of_mode.title}: {words_of_mode.meaning}",
        "order": statements.order(reading),
        "opening": statements.opening(reading, of_laboratory.get("opening", ())),
        "limits": statements.limits(reading, of_laboratory.get("limits", ()), bool(enhancements or fusions)),
        "about_second": statements.second(reading, len(differences)),
        "about_context": statements.told(reading),
        "about_photographs": statements.photographs(len(reading["photos"]), SIDE),
        "about_proposal": statements.proposal(reading, bool(sets), other_version),
        "read_alone": Mode(reading["mode"]) in statements.READ_FIRST,
        "result": _result(reading),
        "differences": differences,
        "signed_before": [_told_apart(amendment["positions"]) for amendment in reading["amendments"]],
        "comparisons": [_compared(comparison, reading) for comparison in reading["comparisons"]],
        "signatures": reading["signatures"][-len(signers) :] if signers else [],
        "reading": reading,
        "annotations": _annotations(views),
        "measurements": _measurements(views),
        "at_places": {} if proposal is None else _at_places(examination.positions, proposal),
        "sets": sets,
        "enhancements": enhancements,
        "fusions": fusions,
        "glyphs": {}
        if proposal is None
        else {glyph: glyph_words(glyph) for glyph in GLYPHS if glyph_words(glyph)},
        "validation": "" if proposal is None else _validation(proposal),
        "method": [] if proposal is None or other_version else _method(proposal),
        "trace": trace(casebook, examination_id),
        "verify": {
            "head": reading["ledger"]["head"],
            "said": "examiner verify FILE.zip --head HASH finds every change of what this report rests on.",
        },
    }
    return {**value, "times": local_times(value, zone_of(words) or laboratory.zone)}


def _other_version(reading: Mapping[str, Any]) -> bool:
    """Whether something of this record was made with another calibration than the one installed here."""
    names = ("weights/marks.toml", "weights/general.toml")
    here = software_versions()
    return any(made.get(name, here[name]) != here[name] for made in reading["versions"] for name in names)


def _differences(positions: Sequence[ExaminedPosition], reading: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where both examiners read different things: what each read, what was settled, and the reasons."""
    rows = []
    for position, value in zip(positions, reading["positions"], strict=True):
        if not reading["second"] or not differ(position):
            continue
        rows.append(
            {
                "number": value["number"],
                "line_label": value["line_label"],
                **{which: _said_of(value[which]) for which in ("final", "second", "settled")},
                "why": value["settled"]["why"] if value["settled"] else [],
            }
        )
    return rows


def _said_of(answer: Mapping[str, Any] | None) -> str:
    """A reading in words: "digit 0, probable"; empty where there is none."""
    if answer is None:
        return ""
    read = answer["script"] or " / ".join(answer["alternatives"]) or answer["reading"]
    over = f", struck over it {_named(answer['over_stamp'])}" if answer["over_stamp"] else ""
    layer = " (of the over-stamp)" if answer["layer"] == "over_stamp" else ""
    state = STATES_SAID[State(answer["state"])]
    return f"{f'{read}, {state}' if read else state}{over}{layer}"


def _compared(comparison: Mapping[str, Any], reading: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison that was kept: which position it is of, and what stood beside it, in words."""
    other = comparison["other"]
    if other.get("typeface") is not None:
        beside = f"“{other['glyph']}”{_in_brackets(other['glyph'])} of the typeface {other['typeface']}"
    elif other.get("examination", reading["examination"]) == reading["examination"]:
        beside = _position_words(other.get("position"), reading)
    else:
        beside = f"a character of examination {other['examination'][:8]}"
    words = f"{_position_words(comparison['position'], reading)} beside {beside}"
    return {
        "words": words[0].upper() + words[1:],
        **{name: comparison[name] for name in ("agreement", "inverted", "note", "by", "at")},
    }


def _position_words(id: Any, reading: Mapping[str, Any]) -> str:
    """A position by its number, its line and what was read there."""
    here = next((position for position in reading["positions"] if position["id"] == id), None)
    if here is None:
        return "a position that was taken away since"
    answer = here["settled"] or here["final"] or here["own"]
    read = f", read as {_said_of(answer)}" if answer else ""
    return f"position {here['number']}, {here['line_label']}{read}"


def _in_brackets(glyph: str) -> str:
    words = script_words(glyph)
    return f" ({words})" if words else ""


def _named(text: str) -> str:
    return script_words(text) or text


def _method(proposal: Proposal) -> list[dict[str, Any]]:
    """Cllr and error rates of the calibration that the proposal was made with, on markings held out."""
    readers: Literal["marks", "general"] = "marks" if "marks" in proposal.readers else "general"
    return [
        {**asdict(measured), "words": MATERIAL.get(measured.kind, measured.kind)}
        for measured in measured_held_out(readers)
    ]


def _of_second(casebook: Casebook, reading: Mapping[str, Any]) -> list[LedgerLine]:
    """The enhanced pictures that the second examiner looked at, once that reading was taken in."""
    if reading["second"] is None:
        return []
    hashes = [photo["sha256"] for photo in reading["photos"]]
    lines = [line for line in casebook.history(reading["second"]["examination"]) if line.kind == "view"]
    looks = [(line, line.value()) for line in lines]
    return [
        line
        for line, value in looks
        if value["what"] == "enhancement"
        and hashes[value["content"]["photo"] : value["content"]["photo"] + 1] == [value["content"]["sha256"]]
    ]


def _validation(proposal: Proposal) -> str:
    said = f"Probabilities of the proposal: {proposal.validation}." if proposal.validation else ""
    return " ".join(filter(None, (said, unlike_photographs(proposal.photos))))


def _result(reading: Mapping[str, Any]) -> dict[str, Any]:
    """The strings that the examination ends with, or that it has none."""
    read = [
        position["settled"] or position["final"]
        for position in reading["positions"]
        if position["settled"] or position["final"]
    ]
    nothing = ("unreadable", "trace_only", "no_character")
    seen = [answer for answer in read if answer["state"] not in nothing]
    none = ""
    if reading["nothing_seen"]:
        none = NOTHING_THERE
    elif reading["phase"] == "signed" and not seen:
        none = NO_RESULT
    readings = [position["settled"] or position["final"] for position in reading["positions"]]
    typed = [reading_from_json(_bare(answer)) if answer else None for answer in readings]
    by_line: dict[int, list[CharacterReading | None]] = {}
    for position, answer in zip(reading["positions"], typed, strict=True):
        by_line.setdefault(position["line"], []).append(answer)
    return {
        "lines": [
            reading_string(by_line[line["line"]], apart=True) if line["line"] in by_line else line["string"]
            for line in reading["agreed"]
        ],
        "labels": [f"line {line['line'] + 1}" for line in reading["agreed"]],
        "legend": legend_of(typed),
        "counts": _counts(typed),
        "scripts": [
            f"{position['number']}: {words}"
            for position, answer in zip(reading["positions"], readings, strict=True)
            if answer and (words := _scripts_of(answer))
        ],
        "none": none,
        "signed": reading["phase"] == "signed",
    }


def _told_apart(positions: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was agreed of each line, with look-alikes named by their script."""
    by_line: dict[int, list[CharacterReading | None]] = {}
    for position in positions:
        answer = position["settled"] or position["final"]
        by_line.setdefault(position["line"], []).append(answer and reading_from_json(_bare(answer)))
    return [reading_string(by_line[line], apart=True) for line in sorted(by_line)]


def _scripts_of(answer: Mapping[str, Any]) -> str:
    """What was read at a place, by script, with what was struck over it."""
    over = answer["over_stamp_script"]
    of_over_stamp = " of the over-stamp" if answer["layer"] == "over_stamp" and answer["script"] else ""
    return ", ".join(filter(None, (answer["script"] + of_over_stamp, over and f"struck over it {over}")))


def _bare(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in (field.name for field in fields(CharacterReading))}


STATES_SAID = {
    State.DEFINITE: "definite",
    State.PROBABLE: "probable",
    State.ALTERNATIVES: "with alternatives",
    State.TRACE_ONLY: "trace only",
    State.UNREADABLE: "unreadable",
    State.SYMBOL: "symbol",
    State.NO_CHARACTER: "without a character",
}


def _counts(readings: Sequence[CharacterReading | None]) -> str:
    """How many positions are definite, probable and so on, in words; empty where nothing was decided."""
    read = [reading for reading in readings if reading is not None]
    if not read:
        return ""
    # What lies below an over-stamp was not read, however sure the over-stamp is.
    over_stamps = sum(reading.layer is Layer.OVER_STAMP for reading in read)
    states = [reading.state for reading in read if reading.layer is Layer.ORIGINAL]
    said = [f"{states.count(state)} {words}" for state, words in STATES_SAID.items() if state in states]
    if over_stamps:
        said.append(f"{over_stamps} of the over-stamp only, what lies below is not read")
    if open_ := len(readings) - len(read):
        said.append(f"{open_} not read yet")
    over = sum(bool(reading and reading.over_stamp) for reading in readings)
    layers = f" At {over} of them two layers were read." if over else ""
    return f"{len(readings)} position{'s' * (len(readings) != 1)}: {', '.join(said)}.{layers}"


def _sets(positions: Sequence[Mapping[str, Any]], proposal: Proposal) -> dict[str, str]:
    """The candidate set and likelihood ratio of each proposed position in words, by the position's id."""
    words_of = {
        str(position["id"]): set_words(proposal.lines[at["line"]].positions[at["index"]])
        for position in positions
        if (at := position["proposed"])
    }
    return {id: words for id, words in words_of.items() if words}


def _at_places(positions: Sequence[ExaminedPosition], proposal: Proposal) -> dict[str, str]:
    """What the readers see at the places that the examiner marked, in words, by the position's id. The
    likelihood ratio is of the reading made alone, and of the final one where that says something else."""
    evidence = evidence_at_places(positions, proposal)
    words_of = {}
    for position in positions:
        if position.id not in evidence:
            continue
        at_place = evidence[position.id].position
        proposed = None
        if position.proposed is not None:
            line, index = position.proposed
            proposed = proposal.lines[line].positions[index]
        sentences = [evidence_words(at_place, position.own or position.final, proposed)]
        if position.own and glyphs_of(position.final) != glyphs_of(position.own):
            sentences.append(ratio_words(at_place, position.final, "The final reading"))
        words_of[str(position.id)] = " ".join(filter(None, sentences))
    return words_of


def _annotations(views: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    """Arrows and words as they were left on each photograph."""
    left = {line.value()["content"]["photo"]: line for line in views if line.value()["what"] == "annotations"}
    return [
        {**line.value()["content"], "by": line.actor, "at": line.time}
        for _, line in sorted(left.items())
        if line.value()["content"]["annotations"]
    ]


def _measurements(views: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    """Every scale, distance and angle that was measured, in the order of measuring."""
    return [
        {**line.value()["content"], "by": line.actor, "at": line.time}
        for line in views
        if line.value()["what"] == "measurement"
    ]


def _enhancements(views: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    """Every enhanced picture that was looked at, once, in the order of the first look."""
    # A recipe may have the name of a step; recipes belong to no group.
    known = {entry.name: entry for entry in catalogue() if entry.group}
    recipes = shipped_recipes()
    pictures: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in views:
        value = line.value()
        content = value["content"]
        if value["what"] != "enhancement" or not (steps := content["steps"]):
            continue
        key = (content["photo"], tuple(step["output_sha256"] for step in steps))
        recipe = recipes.get(content["recipe"])
        pictures.setdefault(
            key,
            {
                "photo": content["photo"],
                "sha256": content["sha256"],
                "recipe": recipe.title
                if recipe
                else OWN_CHAIN.get(content["recipe"], str(content["recipe"])),
                "by": line.actor,
                "at": line.time,
                "steps": [
                    {**step, **_about(known.get(step["name"]), step["name"])} for step in content["steps"]
                ],
            },
        )
    return list(pictures.values())


def _about(entry: Entry | None, name: str) -> dict[str, str]:
    """What the catalogue says of a step: title, what it does, when it lies, reference."""
    if entry is None:
        return {"title": name, "summary": "", "lies": "", "reference": ""}
    return {
        "title": entry.title,
        "summary": entry.summary,
        "lies": entry.lies,
        "reference": entry.reference,
    }


def _fusions(views: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    """Every fused picture that was looked at, once: its record, see `pipelines.fuse.provenance`."""
    pictures: dict[str, dict[str, Any]] = {}
    for line in views:
        value = line.value()
        if value["what"] == "fusion":
            record = value["content"]
            title = FUSIONS[record["fusion"]].title if record["fusion"] in FUSIONS else record["fusion"]
            pictures.setdefault(
                record["picture_sha256"],
                {"title": title, "by": line.actor, "at": line.time, "record": record},
            )
    return list(pictures.values())
