"""An examination as plain values, for the file and for other programs. Nothing is sent anywhere.

They hold the proposal only where the casebook hands it out. They are exact, and the same for the same record:
what was given out does not change what is given out next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from examiner.casebook.case_file import CaseFile, filed_to_json
from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import LedgerLine, canonical
from examiner.casebook.replay import advanced, photo_entries
from examiner.examination.acts import ACTS, Place
from examiner.examination.evidence_at_places import EvidenceAtPlace, evidence_at_places, ratio_of_reading
from examiner.examination.notation import LEGEND, direction_words, reading_string
from examiner.examination.positions import ExaminedPosition, same_place
from examiner.examination.readings import CharacterReading, State, reading_from_json
from examiner.examination.scripts import script_words
from examiner.examination.state import Amendment, Examination, agreed
from pipelines.probability.calibration import calibration
from pipelines.types import CASE_OPEN, LineProposal, Position, Proposal, as_quad

SCHEMA = 3
"""Of the JSON object; the tables' columns change with it."""

MADE_BY = {"own": ("observe",), "final": ("decide", "observe"), "settled": ("settle",)}
"""The acts by which a reading is made; in quality control the own reading is the final one."""

NO_EVIDENCE: Mapping[int, EvidenceAtPlace] = {}

_LinesByReading = Mapping[tuple[str, int, str], LedgerLine]


def limitation() -> str:
    """What the proposal's probabilities were validated on, in a sentence that every export carries."""
    return (
        f"The probabilities of the proposal are validated on {calibration().validated_on} only. "
        "They have not been measured on real restored markings. Letter case is open: small letters "
        "are proposed as capitals."
    )


def reading_json(casebook: Casebook, examination_id: str) -> dict[str, Any]:
    """The examination as plain values; `examiner.casebook.ledger.canonical` makes its canonical text.

    `own` is the examiner's own reading as it stood at the lock (or the reveal, if that came first), `final`
    the decisions, `second` the second examiner's reading, `settled` what both settled on, `agreed` what the
    examination says in the end. `removed` are positions that had an own reading then and were taken away
    afterwards. `ledger` names the last line that is no export and no fetch of a file: its hash is what
    `verify` can be given.
    """
    lines = [line for line in casebook.history(examination_id) if line.kind not in ("export", "fetch")]
    now = advanced(None, lines)
    at_lock = advanced(None, _until_closed(lines))
    proposal = None if now.proposal_sha256 is None else casebook.proposal_in_view(examination_id)
    evidence = NO_EVIDENCE if proposal is None else evidence_at_places(now.positions, proposal)
    begun = lines[0].value()
    photos = [
        {**{key: photo[key] for key in ("name", "sha256", "frame_time_s")}, "conditions": asdict(conditions)}
        for photo, conditions in zip(photo_entries(lines), now.series.conditions, strict=True)
    ]
    left = {position.id for position in now.positions}
    second_lines = casebook.history(now.second_examination) if now.second_examination else []
    lines_by_reading = {**_made(lines), **_made_by_second(now, lines, second_lines)}
    persons = {line.actor for line in lines} | {now.second_reader}
    return {
        "schema": SCHEMA,
        "examination": examination_id,
        "title": begun["title"],
        "mode": now.mode.value,
        "phase": now.phase.value,
        "rules": asdict(now.rules),
        "begun": _who(lines[0]),
        "locked": _who(_last(lines, "lock")),
        "revealed": _who(_last(lines, "reveal")),
        "signed": _who(_last(lines, "sign")),
        "signatures": [_signature(line) for line in lines if line.kind == "sign"],
        "persons": {name: dict(about) for name, about in casebook.people().items() if name in persons},
        "case": _case(casebook.cases.file(), examination_id),
        "photos": photos,
        "photo_order": {"by": now.series.by.value, "own": list(now.series.own_order)},
        "comparisons": [_comparison(line) for line in lines if _is_comparison(line)],
        "laid_by_hand": [asdict(act) for act in now.series.registered_by_hand],
        "nothing_seen": now.nothing_seen,
        "informed": [asdict(note) for note in now.informed],
        "context": [
            {"note": line.value()["note"], **_said(line)} for line in lines if line.kind == "note_context"
        ],
        "own": _strings(at_lock.positions, "own"),
        "final": _strings(now.positions, "final"),
        "second": _second(now, lines, second_lines),
        "agreed": _strings(now.positions, "agreed"),
        "legend": dict(LEGEND),
        "positions": [
            _position(p, number, lines_by_reading, proposal, evidence)
            for number, p in _numbered(now.positions)
        ],
        "removed": [
            _position(p, number, lines_by_reading)
            for number, p in _numbered(at_lock.positions)
            if p.id not in left and p.own is not None
        ],
        "amendments": [
            _amendment(amendment, line, lines_by_reading)
            for amendment, line in zip(
                now.amendments, (line for line in lines if line.kind == "amend"), strict=True
            )
        ],
        "proposal": None if proposal is None else _proposal(proposal, now),
        "acts": [_act(line) for line in lines if line.kind in ACTS],
        "versions": _versions(lines),
        "limitation": limitation(),
        "ledger": {"last_line": {"seq": lines[-1].seq, "hash": lines[-1].hash}, "head": lines[-1].hash},
    }


def _is_comparison(line: LedgerLine) -> bool:
    return line.kind == "view" and line.value()["what"] == "comparison"


def _comparison(line: LedgerLine) -> dict[str, Any]:
    """A comparison that the examiner kept."""
    return {**line.value()["content"], "by": line.actor, "at": line.time}


def _until_closed(lines: Sequence[LedgerLine]) -> list[LedgerLine]:
    """The lines before the first lock or reveal."""
    closed = [index for index, line in enumerate(lines) if line.kind in ("lock", "reveal")]
    return list(lines[: closed[0]] if closed else lines)


def _case(file: CaseFile, examination_id: str) -> dict[str, Any] | None:
    """Case, item, marking and procedure that the series is filed under, None where it is not."""
    marking = file.markings.get(file.series.get(examination_id, ""))
    if marking is None:
        return None
    item = file.items[marking.item]
    return {
        "case": filed_to_json(file.cases[item.case]),
        "item": filed_to_json(item),
        "marking": filed_to_json(marking),
        "procedure": [filed_to_json(s) for s in file.procedure.values() if s.marking == marking.id],
    }


def _second(
    examination: Examination, lines: Sequence[LedgerLine], second_lines: Sequence[LedgerLine]
) -> dict[str, Any] | None:
    if not examination.second_reader:
        return None
    return {
        "examination": examination.second_examination,
        "by": examination.second_reader,
        "begun": _who(second_lines[0]) if second_lines else None,
        "locked": _who(_last(second_lines, "lock")),
        "taken_in": _who(_last(lines, "take_second")),
        "lines": _strings(examination.positions, "second"),
        "informed": [asdict(note) for note in advanced(None, second_lines).informed] if second_lines else [],
    }


def _signature(line: LedgerLine) -> dict[str, Any]:
    value = line.value()
    return {**_said(line), "key": value.get("key", ""), "signature": value.get("signature", "")}


def _amendment(amendment: Amendment, line: LedgerLine, lines_by_reading: _LinesByReading) -> dict[str, Any]:
    """Why it was opened again, and what had been signed before."""
    return {
        "reason": amendment.reason,
        **_said(line),
        "signed_by": list(amendment.signers),
        "agreed": _strings(amendment.positions, "agreed"),
        "positions": [_position(p, number, lines_by_reading) for number, p in _numbered(amendment.positions)],
    }


def _strings(positions: Iterable[ExaminedPosition], which: str) -> list[dict[str, Any]]:
    rows: dict[int, list[CharacterReading | None]] = {}
    for position in positions:
        reading = agreed(position) if which == "agreed" else getattr(position, which)
        rows.setdefault(position.line, []).append(reading)
    return [{"line": line, "string": reading_string(rows[line])} for line in sorted(rows)]


def _numbered(positions: Iterable[ExaminedPosition]) -> list[tuple[int, ExaminedPosition]]:
    """Each position with its number, from 1, through all lines: as the page numbers them."""
    return list(enumerate(positions, 1))


def _position(
    position: ExaminedPosition,
    number: int,
    lines_by_reading: _LinesByReading,
    proposal: Proposal | None = None,
    evidence: Mapping[int, EvidenceAtPlace] = NO_EVIDENCE,
) -> dict[str, Any]:
    proposed = None
    if proposal is not None and position.proposed is not None:
        line, index = position.proposed
        proposed = {"line": line, "index": index, **_of_machine(proposal.lines[line].positions[index])}
    return {
        "id": position.id,
        "line": position.line,
        "line_label": f"line {position.line + 1}",
        "number": number,
        "place": {"frame": position.place.frame, "quad": [list(corner) for corner in position.place.quad]},
        "own": _reading("own", position, lines_by_reading),
        "proposed": proposed,
        "at_place": _at_place(position, evidence.get(position.id)),
        "final": _reading("final", position, lines_by_reading),
        "second": _reading("second", position, lines_by_reading),
        "settled": _settled(position, lines_by_reading),
    }


def _of_machine(position: Position) -> dict[str, Any]:
    return {
        "state": position.state,
        "candidates": [{"glyph": candidate.glyph, "p": candidate.p} for candidate in position.candidates],
        "candidate_set": list(position.candidate_set),
        "other_sign": position.other_sign,
        "log10_likelihoods": [[glyph, value] for glyph, value in position.log10_likelihoods],
    }


def _at_place(position: ExaminedPosition, evidence: EvidenceAtPlace | None) -> dict[str, Any] | None:
    """What the readers see at the place that the examiner marked, and what it says for the readings of it."""
    if evidence is None:
        return None
    counted = evidence.counted
    ratios = {which: ratio_of_reading(getattr(position, which), evidence.position) for which in MADE_BY}
    return {
        "line": evidence.line,
        "index": evidence.index,
        **_of_machine(evidence.position),
        "counted": None if counted is None else {"line": counted[0], "index": counted[1]},
        "likelihood_ratios": {which: ratio and asdict(ratio) for which, ratio in ratios.items()},
    }


def _made(lines: Sequence[LedgerLine]) -> _LinesByReading:
    """The last line by which a position was given a reading, by kind of act, position and reading."""
    lines_by_reading = {}
    for line in lines:
        if line.kind in ("observe", "decide", "settle"):
            act = line.value()
            # Readings of earlier versions name fewer fields.
            lines_by_reading[line.kind, act["position"], _text(reading_from_json(act["reading"]))] = line
    return lines_by_reading


def _made_by_second(
    examination: Examination, lines: Sequence[LedgerLine], second_lines: Sequence[LedgerLine]
) -> _LinesByReading:
    """The line by which the second examiner read each position, by the position's id in this examination."""
    taken = _last(lines, "take_second")
    if taken is None:
        return {}
    read = {line.value()["position"]: line for line in second_lines if line.kind == "observe"}
    theirs = [
        (Place(value["place"]["frame"], as_quad(value["place"]["quad"])), value)
        for value in taken.value()["positions"]
    ]
    made = {}
    for position in examination.positions:
        same = [
            (same_place(position.place, place), value["id"])
            for place, value in theirs
            if reading_from_json(value["reading"]) == position.second
        ]
        if same and (line := read.get(max(same)[1])) is not None:
            made["second", position.id, ""] = line
    return made


def _reading(
    which: str, position: ExaminedPosition, lines_by_reading: _LinesByReading
) -> dict[str, Any] | None:
    reading: CharacterReading | None = getattr(position, which)
    if reading is None:
        return None
    text = _text(reading)
    if which == "second":
        return {**_read(reading), "made": _who(lines_by_reading.get(("second", position.id, "")))}
    lines = [lines_by_reading.get((kind, position.id, text)) for kind in MADE_BY[which]]
    return {**_read(reading), "made": _who(next((line for line in lines if line is not None), None))}


def _settled(position: ExaminedPosition, lines_by_reading: _LinesByReading) -> dict[str, Any] | None:
    """What both settled on, with the reason of each."""
    value = _reading("settled", position, lines_by_reading)
    if value is None:
        return None
    return {**value, "why": [{"by": person, "reason": reason} for person, reason in position.settled_why]}


def _read(reading: CharacterReading) -> dict[str, Any]:
    """A reading with the script of what was read: "Cyrillic A", "Latin A / digit 4"; empty where nothing
    that was read looks like another character."""
    texts = reading.alternatives or ((reading.reading,) if reading.state is not State.SYMBOL else ())
    named = [script_words(text) for text in texts]
    words = [name or text for name, text in zip(named, texts, strict=True)]
    script = " / ".join(words) if any(named) else ""
    return {
        **json.loads(_text(reading)),
        "script": script,
        "over_stamp_script": script_words(reading.over_stamp),
        "excluded_script": [script_words(text) or text for text in reading.excluded],
    }


def _text(reading: CharacterReading) -> str:
    return canonical(asdict(reading))


def _last(lines: Sequence[LedgerLine], kind: str) -> LedgerLine | None:
    return next((line for line in reversed(lines) if line.kind == kind), None)


def _who(line: LedgerLine | None) -> dict[str, str] | None:
    return None if line is None else {"by": line.actor, "at": line.time}


def _said(line: LedgerLine) -> dict[str, str]:
    return {"by": line.actor, "at": line.time}


def _act(line: LedgerLine) -> dict[str, Any]:
    position = line.value().get("position")
    return {"seq": line.seq, "kind": line.kind, "position": position, "by": line.actor, "at": line.time}


def _proposal(proposal: Proposal, examination: Examination) -> dict[str, Any]:
    return {
        "sha256": examination.proposal_sha256,
        "readers": dict(proposal.readers),
        "error": None if proposal.error is None else asdict(proposal.error),
        "lines": [
            {
                "text": line.text,
                "best": line.best,
                "by_reader": dict(line.by_reader),
                "mirrored": line.mirrored,
                "direction": None if line.direction is None else asdict(line.direction),
                "readings": [list(reading) for reading in line.readings],
                "other_ways": [_other_way(way) for way in line.other_ways],
            }
            for line in proposal.lines
        ],
        "directions": direction_words(proposal.lines),
        "letter_case": CASE_OPEN,
    }


def _other_way(way: LineProposal) -> dict[str, Any]:
    return {
        "text": way.text,
        "best": way.best,
        "mirrored": way.mirrored,
        "direction": None if way.direction is None else asdict(way.direction),
    }


def _versions(lines: Sequence[LedgerLine]) -> list[dict[str, str]]:
    """The different sets of software versions that lines were made with, in the order of their first use."""
    return [json.loads(text) for text in dict.fromkeys(line.versions for line in lines)]
