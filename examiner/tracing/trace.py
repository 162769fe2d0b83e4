"""What can be searched for, made from a partial number: patterns, spellings, candidates, a request.

Nothing is sent anywhere, and nothing here changes a reading: every result is marked as a search aid.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from examiner.casebook.case_file import Item, Marking
from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Phase
from examiner.examination.notation import legend_of, reading_string
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading, Layer, State
from examiner.examination.scripts import difference_words, grouped_by_look, script_words
from examiner.examination.state import Examination, agreed
from examiner.tracing.candidates import SHOWN, candidates
from examiner.tracing.maker_formats import MakerFormat, fitting
from examiner.tracing.patterns import (
    SEARCH_AID,
    Slot,
    patterns_of,
    slot_words,
    slots_of,
    slots_of_over_stamps,
    takes_part,
)
from examiner.tracing.spellings import spelled
from pipelines.glyphs import glyph_class
from pipelines.types import Proposal

SCHEMA = 2

PROBABILITIES = (
    "Probabilities of candidates are those of the calibrated proposal at each position, restricted to what "
    "the examiner's reading admits and multiplied as if positions were independent. They order the "
    "candidates; they are no probability that a record is the item's. In a candidate, ? is any character "
    "that the proposal does not name, and letters that look the same in two scripts are Latin where the "
    "reading leaves them open."
)
NO_PROPOSAL = "No proposal orders the candidates: alternatives share evenly, and ? is any character."
NO_SIGN = "?"
DRAFT = "not signed: a draft"


def trace(
    casebook: Casebook, examination_id: str, makers: Sequence[MakerFormat] = (), most: int = SHOWN
) -> dict[str, Any]:
    """What can be searched for of each line of an examination, as plain values.

    The proposal orders what the reading leaves open, where the casebook hands it out. `makers`: formats to
    look the number up in, none by default.
    """
    examination = casebook.examination(examination_id)
    proposal = casebook.proposal_in_view(examination_id)
    lines = sorted({position.line for position in examination.positions})
    numbers = {position.id: number for number, position in enumerate(examination.positions, 1)}
    return {
        "schema": SCHEMA,
        "about": SEARCH_AID,
        "examination": examination_id,
        "signed": examination.phase is Phase.SIGNED,
        "probabilities": NO_PROPOSAL if proposal is None else PROBABILITIES,
        "validation": "" if proposal is None else proposal.validation,
        "legend": legend_of(agreed(position) for position in examination.positions),
        "lines": [_line(examination, proposal, line, numbers, makers, most) for line in lines],
        "request": request_fields(casebook, examination_id, examination),
    }


def _line(
    examination: Examination,
    proposal: Proposal | None,
    line: int,
    numbers: Mapping[int, int],
    makers: Sequence[MakerFormat],
    most: int,
) -> dict[str, Any]:
    positions = [position for position in examination.positions if position.line == line]
    readings = [agreed(position) for position in positions]
    slots = slots_of(readings)
    part = [number for number, reading in enumerate(readings) if takes_part(reading)]
    ranked = candidates(slots, [_proposed(proposal, positions[number]) for number in part], most)
    ranked = replace(ranked, equal=tuple(numbers[positions[part[slot - 1]].id] for slot in ranked.equal))
    return {
        "line": line,
        "label": f"line {line + 1}",
        "about": SEARCH_AID,
        "string": reading_string(readings, apart=True),
        "letters": slot_words(slots),
        "patterns": _patterns(slots),
        "over_stamped": _over_stamped(readings),
        "spellings": [
            {"name": spelling.name, "said": spelling.said, "letters": slot_words(changed)}
            | _patterns(changed)
            for spelling, changed in spelled(slots)
        ],
        "candidates": asdict(ranked),
        "notes": _notes(positions, numbers, slots, ranked.equal if proposal else ()),
        "makers": [asdict(row) for row in fitting(slots, makers)],
    }


def _patterns(slots: Sequence[Slot]) -> dict[str, Any]:
    """Patterns as plain values; `differing`: of those that look the same, what differs, by script; `by_look`:
    one of each look, with what the others differ in."""
    patterns = patterns_of(slots)
    differing = {**difference_words(patterns.like), **difference_words(patterns.wildcards)}
    by_look = {
        name: [{"text": text, "said": said} for text, said in grouped_by_look(texts)]
        for name, texts in (("like", patterns.like), ("wildcards", patterns.wildcards))
    }
    return {**asdict(patterns), "differing": differing, "by_look": by_look}


def _over_stamped(readings: Sequence[CharacterReading | None]) -> dict[str, Any] | None:
    """What can be searched for of the number that was struck over the first one; None where there is none."""
    slots = slots_of_over_stamps(readings)
    if not slots:
        return None
    return {"letters": slot_words(slots), **_patterns(slots)}


def _plain(readings: Iterable[CharacterReading | None]) -> str:
    """A number as the field of a form takes it: what was read as one character, `?` for what was not."""
    return "".join(
        reading.reading if reading and reading.reading and reading.layer is Layer.ORIGINAL else NO_SIGN
        for reading in readings
        if takes_part(reading)
    )


def request_fields(casebook: Casebook, examination_id: str, examination: Examination) -> list[dict[str, str]]:
    """The fields that trace requests ask for, as far as the case file knows them; the others stay empty.

    Names and numbers are those of ATF F 3312.1 (eTrace); iARMS identifies a firearm by make, model, calibre
    and serial number.
    """
    file = casebook.cases.file()
    marking = file.markings.get(file.series.get(examination_id, ""))
    item = None if marking is None else file.items[marking.item]
    strings = [
        _plain(agreed(p) for p in examination.positions if p.line == line)
        for line in sorted({position.line for position in examination.positions})
    ]
    others = [] if item is None else [other.name for other in file.markings.values() if other.item == item.id]
    values = (
        ("5a", "serial number", "serial number", ", ".join(strings)),
        (
            "5b",
            "serial number obliterated",
            "",
            "" if marking is None else _obliterated(marking.status.value),
        ),
        ("5c", "manufacturer", "make", "" if item is None else item.make),
        ("5d", "type", "", "" if item is None else item.name),
        ("5e", "calibre", "calibre", "" if item is None else item.calibre),
        ("5f", "model", "model", "" if item is None else item.model),
        ("5g", "country of origin", "", "" if item is None else item.country),
        ("5h", "importer", "", "" if item is None else item.importer),
        (
            "5i",
            "additional markings",
            "",
            "" if item is None or marking is None else ", ".join(_additional(item, marking, others)),
        ),
    )
    notes = {"5a": _about_number(strings), "5b": "if yes, Part IX of the form asks for more"}
    return [
        {
            "etrace": number,
            "field": name,
            "iarms": iarms,
            "value": value,
            "note": notes.get(number, "") if value else "",
        }
        for number, name, iarms, value in values
    ]


def _about_number(strings: Sequence[str]) -> str:
    """What a serial number in plain characters does not show: places left open, and scripts."""
    said = (
        [f"{NO_SIGN} is a character that was not read as one"] if any(NO_SIGN in s for s in strings) else []
    )
    for line, text in enumerate(strings, 1):
        named = [
            f"{place} {words}"
            for place, character in enumerate(text, 1)
            if (words := script_words(character))
        ]
        of_line = f"line {line}, " if len(strings) > 1 else ""
        said += [f"{of_line}by place: {', '.join(named)}"] if named else []
    return "; ".join(said)


def _additional(item: Item, marking: Marking, others: Sequence[str]) -> list[str]:
    """The other markings of an item, the import mark with its year among them."""
    imported = " ".join(filter(None, (item.import_mark, item.import_year)))
    return [
        *(name for name in others if name != marking.name),
        *([f"import mark {imported}"] if imported else []),
    ]


def _obliterated(status: str) -> str:
    return {"obliterated": "yes", "renumbered": "yes", "original": "no"}.get(status, "")


def _proposed(proposal: Proposal | None, position: ExaminedPosition) -> Mapping[str, float] | None:
    reading = agreed(position)
    # A proposal sees what lies on top; of the number below an over-stamp it says nothing.
    if proposal is None or position.proposed is None or (reading and reading.layer is Layer.OVER_STAMP):
        return None
    line, index = position.proposed
    return {candidate.glyph: candidate.p for candidate in proposal.lines[line].positions[index].candidates}


def _notes(
    positions: Sequence[ExaminedPosition],
    numbers: Mapping[int, int],
    slots: Sequence[Slot],
    equal: Sequence[int],
) -> list[str]:
    """What the patterns and the candidates leave out, in words."""
    said: dict[str, list[int]] = {}
    for position in positions:
        number, reading = numbers[position.id], agreed(position)
        for words in _notes_of(reading):
            said.setdefault(words, []).append(number)
        if number in equal:
            words = "the proposal names none of the alternatives, they share evenly"
            said.setdefault(words, []).append(number)
    notes = [f"{_counted(those)}: {words}" for words, those in said.items()]
    if any(slot.excluded for slot in slots):
        notes.append("characters that were ruled out stand in the regular expression only")
    return notes


def _counted(numbers: Sequence[int]) -> str:
    """Positions by number: "position 4", "positions 1 to 3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return f"position{'s' * (len(numbers) > 1)} {', '.join(parts)}"


def _notes_of(reading: CharacterReading | None) -> list[str]:
    """What the patterns leave out of one reading."""
    if reading is None:
        return ["not read yet, any character is searched for"]
    notes = []
    if reading.layer is Layer.OVER_STAMP:
        notes.append("over-stamped; any character is searched for below it")
    elif reading.state is State.PROBABLE:
        notes.append("probable only, searched for as read")
    elif reading.state is State.SYMBOL:
        notes.append("a symbol, left out of the patterns")
    elif len({glyph_class(text) or text for text in reading.alternatives}) < len(reading.alternatives):
        notes.append("alternatives that look the same share their probability evenly")
    if reading.over_stamp:
        over = script_words(reading.over_stamp) or reading.over_stamp
        notes.append(f"{over} was struck over it, searched for apart")
    return notes


def trace_text(traced: Mapping[str, Any]) -> str:
    """The same for people, in lines."""
    rows = [traced["about"].upper(), *([] if traced["signed"] else [DRAFT]), ""]
    for line in traced["lines"]:
        rows += [
            f"{line['label']:12}{line['string']}",
            *_pattern_rows({**line["patterns"], "letters": line["letters"]}),
        ]
        if over := line["over_stamped"]:
            rows += ["\nstruck over it: another number, searched for apart", *_pattern_rows(over)]
        for spelling in line["spellings"]:
            rows += [f"\n{spelling['name']}: {spelling['said']}", *_pattern_rows(spelling)]
        ranked = line["candidates"]
        share = f"together {100 * ranked['share']:.3g} %"
        rows.append(f"\ncandidates  {len(ranked['shown'])} of {ranked['total']}, {share}")
        rows += [
            f"  {candidate['text']}  {100 * candidate['p']:.3g} %  {candidate['named']}".rstrip()
            for candidate in ranked["shown"]
        ]
        rows += [f"note        {note}" for note in line["notes"]]
        for maker in line["makers"]:
            known = f"{maker['known']}: {maker['source']}"
            rows.append(f"could be    {maker['maker']}: {' or '.join(maker['pattern'])} ({known})")
        if line["makers"]:
            rows.append("            by the form of the number alone: no evidence")
        rows.append("")
    if traced["lines"]:
        rows += [*textwrap.wrap(f"{traced['probabilities']} {_validated(traced)}", 100), ""]
    rows.append("request     ATF F 3312.1 (eTrace), the name that iARMS has for it in brackets")
    rows += [_request_row(field) for field in traced["request"]]
    queries = [query for line in traced["lines"] for query in (line["patterns"], *line["spellings"])]
    if not all(query["exact"] for query in queries):
        rows += ["", "+  finds more than the reading admits"]
    used = [f"  {sign}  {meaning}" for sign, meaning in traced["legend"].items()]
    return "\n".join([*rows, *(["", "signs", *used] if used else [])]) + "\n"


def _request_row(field: Mapping[str, str]) -> str:
    iarms = f" [{field['iarms']}]" if field["iarms"] else ""
    note = f"  ({field['note']})" if field["note"] else ""
    return f"  {field['etrace']} {field['field']}{iarms}: {field['value'] or '-'}{note}"


def _validated(traced: Mapping[str, Any]) -> str:
    return f"The proposal is {traced['validation']}." if traced["validation"] else ""


def _pattern_rows(patterns: Mapping[str, Any]) -> list[str]:
    more = "" if patterns["exact"] else " +"
    return [
        f"regex       {patterns['regex']}",
        *([f"letters     {patterns['letters']}"] if patterns.get("letters") else []),
        *(_pattern_row("LIKE" + more, text, patterns) for text in patterns["like"]),
        *(_pattern_row("wildcard" + more, text, patterns) for text in patterns["wildcards"]),
    ]


def _pattern_row(name: str, text: str, patterns: Mapping[str, Any]) -> str:
    return f"{name:12}{text}  {patterns['differing'].get(text, '')}".rstrip()
