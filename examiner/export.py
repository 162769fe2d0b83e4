"""An examination as JSON and CSV, for the file and for other programs. Nothing is sent anywhere.

Both hold the proposal only where the casebook hands it out. The JSON is exact; in the CSV, a cell that a
spreadsheet could take for a formula gets a leading apostrophe (see `reading_csv`).
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from examiner.casebook import Casebook
from examiner.ledger import LedgerLine, canonical
from examiner.positions import ExaminedPosition
from examiner.readings import CharacterReading, State
from examiner.records import ACTS, Phase
from examiner.replay import advanced, photo_entries
from examiner.standing import Examination
from pipelines.calibration import calibration
from pipelines.types import Proposal

SCHEMA = 1
"""Of the JSON object; the CSV's columns change with it."""

NOT_READ = "·"
"""Sign of a position that has no reading yet."""

NO_CHARACTER = "␣"
"""Sign of a position where no character stands."""

LEGEND: Mapping[str, str] = {
    "A": "definite: the character as it was typed",
    "(10)": "definite: one position read as more than one character",
    "A?": "probable",
    "[3/8]": "alternatives, the one most believed in first",
    "~": "trace only: something stands here, what it is cannot be said",
    "_": "unreadable",
    NO_CHARACTER: "no character at this position",
    "{star}": "a symbol, by its name",
    NOT_READ: "not read yet",
    "\\": "the next sign is meant as a character",
}
"""What each sign in a reading's string means."""

_SIGNS = frozenset("[]{}()?~_/\\" + NO_CHARACTER + NOT_READ)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")

_Made = Mapping[tuple[str, int, str], LedgerLine]

_CONDITIONS = ("method", "reagent", "cycle", "light", "note")

_PHOTO_COLUMNS = ("examination", "title", "number", "name", "sha256", "frame_time_s", *_CONDITIONS)

_COLUMNS = (
    "examination",
    "title",
    "mode",
    "phase",
    "line",
    "number",
    "id",
    "photo",
    "photo_sha256",
    *(f"photo_{name}" for name in _CONDITIONS),
    "place",
    "own_state",
    "own_reading",
    "own_alternatives",
    "own_reason",
    "own_by",
    "own_at",
    "proposed_state",
    "proposed_candidates",
    "final_state",
    "final_reading",
    "final_alternatives",
    "final_reason",
    "final_by",
    "final_at",
    "changed",
    "ledger_head",
    "limitation",
)


def limitation() -> str:
    """What the proposal's probabilities were validated on, in a sentence that every export carries."""
    return (
        f"The probabilities of the proposal are validated on {calibration().validated_on} only. "
        "They have not been measured on real restored markings."
    )


def reading_json(casebook: Casebook, examination_id: str) -> dict[str, Any]:
    """The examination as plain values; `examiner.ledger.canonical` makes its canonical text.

    `own` is the examiner's own reading as it stood at the lock (or the reveal, if that came first), `final`
    the decisions. `removed` are positions that had an own reading then and were taken away afterwards.
    """
    lines = casebook.history(examination_id)
    now = advanced(None, lines)
    own = advanced(None, _until_closed(lines))
    proposal = (
        casebook.proposal_in_view(examination_id) if now.phase in (Phase.REVEALED, Phase.SIGNED) else None
    )
    begun = lines[0].value()
    photos = [
        {**{key: photo[key] for key in ("name", "sha256", "frame_time_s")}, "conditions": asdict(said)}
        for photo, said in zip(photo_entries(lines), now.taking.conditions, strict=True)
    ]
    left = {position.id for position in now.positions}
    made = _made(lines)
    return {
        "schema": SCHEMA,
        "examination": examination_id,
        "title": begun["title"],
        "mode": now.mode.value,
        "phase": now.phase.value,
        "begun": _who(lines[0]),
        "locked": _who(_last(lines, "lock")),
        "revealed": _who(_last(lines, "reveal")),
        "signed": _who(_last(lines, "sign")),
        "photos": photos,
        "photo_order": {"by": now.taking.by.value, "own": list(now.taking.own)},
        "comparisons": [_comparison(line) for line in lines if _is_comparison(line)],
        "laid_by_hand": [asdict(laid) for laid in now.taking.laid],
        "own": _strings(own, "own"),
        "final": _strings(now, "final"),
        "legend": dict(LEGEND),
        "positions": [_position(p, number, made, proposal) for number, p in _numbered(now.positions)],
        "removed": [
            _position(p, number, made, None)
            for number, p in _numbered(own.positions)
            if p.id not in left and p.own is not None
        ],
        "proposal": None if proposal is None else _proposal(proposal, now),
        "acts": [_act(line) for line in lines if line.kind in ACTS],
        "versions": _versions(lines),
        "limitation": limitation(),
        "ledger": {"last_line": {"seq": lines[-1].seq, "hash": lines[-1].hash}, "head": casebook.head()},
    }


def _is_comparison(line: LedgerLine) -> bool:
    return line.kind == "view" and line.value()["what"] == "comparison"


def _comparison(line: LedgerLine) -> dict[str, Any]:
    """A comparison that the examiner kept."""
    return {**line.value()["content"], "by": line.actor, "at": line.time}


def reading_csv(casebook: Casebook, examination_id: str) -> str:
    """One row per position, with a heading; RFC 4180: commas, CRLF.

    A cell that begins with = + - @, a tab, a carriage return or an apostrophe gets a leading apostrophe, so
    that no spreadsheet runs it as a formula; taking one leading apostrophe away gives the exact text back. A
    hyphen read on the plate is therefore written '-. Alternatives and candidates are separated by spaces; a
    candidate is glyph:probability. `place` is x,y of four corners in stored pixels.
    """
    value = reading_json(casebook, examination_id)
    return _table(_COLUMNS, [_row(value, position) for position in value["positions"]])


def photographs_csv(casebook: Casebook, examination_id: str) -> str:
    """One row per photograph, numbered from 1, with how it was taken; written as `reading_csv` is."""
    value = reading_json(casebook, examination_id)
    about = {key: value[key] for key in ("examination", "title")}
    return _table(
        _PHOTO_COLUMNS,
        [
            {**about, **photo, **photo["conditions"], "number": number}
            for number, photo in enumerate(value["photos"], 1)
        ],
    )


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell("" if row[column] is None else row[column]) for column in columns])
    return text.getvalue()


def reading_string(readings: Iterable[CharacterReading | None]) -> str:
    """A row of readings with one sign per state, as LEGEND explains: `AB␣4[3/8]_7?`."""
    return "".join(_sign(reading) for reading in readings)


def _sign(reading: CharacterReading | None) -> str:
    if reading is None:
        return NOT_READ
    match reading.state:
        case State.DEFINITE:
            return _text(reading.reading)
        case State.PROBABLE:
            return f"{_text(reading.reading)}?"
        case State.ALTERNATIVES:
            return f"[{'/'.join(_text(text) for text in reading.alternatives)}]"
        case State.SYMBOL:
            return f"{{{_escaped(reading.reading)}}}"
        case State.TRACE_ONLY:
            return "~"
        case State.UNREADABLE:
            return "_"
        case State.NO_CHARACTER:
            return NO_CHARACTER


def _text(reading: str) -> str:
    """One character as it is; in brackets what would else look like several positions."""
    single = not any(unicodedata.combining(character) == 0 for character in reading[1:])
    return _escaped(reading) if single else f"({_escaped(reading)})"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _SIGNS else character for character in text)


def _until_closed(lines: Sequence[LedgerLine]) -> list[LedgerLine]:
    """The lines before the first lock or reveal."""
    closed = [index for index, line in enumerate(lines) if line.kind in ("lock", "reveal")]
    return list(lines[: closed[0]] if closed else lines)


def _strings(examination: Examination, which: str) -> list[dict[str, Any]]:
    rows: dict[int, list[CharacterReading | None]] = {}
    for position in examination.positions:
        rows.setdefault(position.line, []).append(getattr(position, which))
    return [{"line": line, "string": reading_string(rows[line])} for line in sorted(rows)]


def _numbered(positions: Iterable[ExaminedPosition]) -> list[tuple[int, ExaminedPosition]]:
    """Each position with its number in its line, from 1."""
    count: dict[int, int] = {}
    numbered = []
    for position in positions:
        count[position.line] = count.get(position.line, 0) + 1
        numbered.append((count[position.line], position))
    return numbered


def _position(
    position: ExaminedPosition, number: int, made: _Made, proposal: Proposal | None
) -> dict[str, Any]:
    proposed = None
    if proposal is not None and position.proposed is not None:
        line, index = position.proposed
        found = proposal.lines[line].positions[index]
        proposed = {
            "line": line,
            "index": index,
            "state": found.state,
            "candidates": [{"glyph": candidate.glyph, "p": candidate.p} for candidate in found.candidates],
        }
    return {
        "id": position.id,
        "line": position.line,
        "number": number,
        "place": {"frame": position.place.frame, "quad": [list(corner) for corner in position.place.quad]},
        "own": _reading("observe", position.id, position.own, made),
        "proposed": proposed,
        "final": _reading("decide", position.id, position.final, made),
    }


def _made(lines: Sequence[LedgerLine]) -> _Made:
    """The last line by which a position was given a reading, by kind of act, position and reading."""
    made = {}
    for line in lines:
        if line.kind in ("observe", "decide"):
            act = line.value()
            made[line.kind, act["position"], canonical(act["reading"])] = line
    return made


def _reading(
    kind: str, position: int, reading: CharacterReading | None, made: _Made
) -> dict[str, Any] | None:
    if reading is None:
        return None
    text = canonical(asdict(reading))
    return {**json.loads(text), "made": _who(made.get((kind, position, text)))}


def _last(lines: Sequence[LedgerLine], kind: str) -> LedgerLine | None:
    return next((line for line in reversed(lines) if line.kind == kind), None)


def _who(line: LedgerLine | None) -> dict[str, str] | None:
    return None if line is None else {"by": line.actor, "at": line.time}


def _act(line: LedgerLine) -> dict[str, Any]:
    position = line.value().get("position")
    return {"seq": line.seq, "kind": line.kind, "position": position, "by": line.actor, "at": line.time}


def _proposal(proposal: Proposal, examination: Examination) -> dict[str, Any]:
    return {
        "sha256": examination.proposal_sha256,
        "readers": dict(proposal.readers),
        "error": None if proposal.error is None else asdict(proposal.error),
        "lines": [
            {"text": line.text, "best": line.best, "by_reader": dict(line.by_reader)}
            for line in proposal.lines
        ],
    }


def _versions(lines: Sequence[LedgerLine]) -> list[dict[str, str]]:
    """The different sets of software versions that lines were made with, in the order of their first use."""
    return [json.loads(text) for text in dict.fromkeys(line.versions for line in lines)]


def _row(value: Mapping[str, Any], position: Mapping[str, Any]) -> dict[str, Any]:
    own, final = (_reading_cells(which, position[which]) for which in ("own", "final"))
    proposed = position["proposed"] or {"state": "", "candidates": []}
    photo = value["photos"][position["place"]["frame"]]
    corners = (f"{x:g},{y:g}" for x, y in position["place"]["quad"])
    return {
        **{key: value[key] for key in ("examination", "title", "mode", "phase", "limitation")},
        **{key: position[key] for key in ("line", "number", "id")},
        "photo": photo["name"],
        "photo_sha256": photo["sha256"],
        **{f"photo_{name}": photo["conditions"][name] for name in _CONDITIONS},
        "place": " ".join(corners),
        **own,
        "proposed_state": proposed["state"],
        "proposed_candidates": " ".join(f"{c['glyph']}:{c['p']:.4f}" for c in proposed["candidates"]),
        **final,
        "changed": _changed(position["own"], position["final"]),
        "ledger_head": value["ledger"]["head"],
    }


def _reading_cells(which: str, reading: Mapping[str, Any] | None) -> dict[str, str]:
    if reading is None:
        return {f"{which}_{name}": "" for name in ("state", "reading", "alternatives", "reason", "by", "at")}
    made = reading["made"] or {"by": "", "at": ""}
    return {
        f"{which}_state": reading["state"],
        f"{which}_reading": reading["reading"],
        f"{which}_alternatives": " ".join(reading["alternatives"]),
        f"{which}_reason": reading["reason"],
        f"{which}_by": made["by"],
        f"{which}_at": made["at"],
    }


def _changed(own: Mapping[str, Any] | None, final: Mapping[str, Any] | None) -> str:
    """Whether the final reading says something else than the own one; empty where one of them is missing."""
    if own is None or final is None:
        return ""
    same = all(own[key] == final[key] for key in ("state", "reading", "alternatives"))
    return "no" if same else "yes"


def _cell(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
