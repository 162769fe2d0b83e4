"""An examination as tables (CSV), for spreadsheets: one row per position, one per photograph.

What a spreadsheet would run or change has an apostrophe before it (`pipelines.spreadsheet`): a hyphen read on
the plate is written '-, a digit '8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.exports.reading_json import reading_json
from pipelines.spreadsheet import BOM, csv_text

READINGS = ("own", "final", "second", "settled")

_CONDITIONS = ("method", "reagent", "cycle", "light", "note")

_PHOTO_COLUMNS = ("examination", "title", "number", "name", "sha256", "frame_time_s", *_CONDITIONS)

_READING_COLUMNS = (
    "state",
    "layer",
    "reading",
    "script",
    "over_stamp",
    "over_stamp_script",
    "alternatives",
    "excluded",
    "features",
    "read_from",
    "reason",
    "by",
    "at",
)
"""Of each of READINGS."""

_COLUMNS = (
    "examination",
    "title",
    "mode",
    "phase",
    "line",
    "line_label",
    "number",
    "id",
    "photo",
    "photo_sha256",
    *(f"photo_{name}" for name in _CONDITIONS),
    "place",
    *(f"own_{name}" for name in _READING_COLUMNS),
    "proposed_state",
    "proposed_candidates",
    *(f"{which}_{name}" for which in ("final", "second", "settled") for name in _READING_COLUMNS),
    "changed",
    "ledger_head",
    "limitation",
)


def reading_csv(casebook: Casebook, examination_id: str) -> str:
    """One row per position, with a heading; RFC 4180: commas, CRLF, BOM.

    Alternatives and candidates are separated by spaces; a
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
    return BOM + csv_text(columns, ([row[column] for column in columns] for row in rows), "\r\n")


def _row(value: Mapping[str, Any], position: Mapping[str, Any]) -> dict[str, Any]:
    own, final, second, settled = (_reading_cells(which, position[which]) for which in READINGS)
    proposed = position["proposed"] or {"state": "", "candidates": []}
    photo = value["photos"][position["place"]["frame"]]
    corners = (f"{x:g},{y:g}" for x, y in position["place"]["quad"])
    return {
        **{key: value[key] for key in ("examination", "title", "mode", "phase", "limitation")},
        **{key: position[key] for key in ("line", "line_label", "number", "id")},
        "photo": photo["name"],
        "photo_sha256": photo["sha256"],
        **{f"photo_{name}": photo["conditions"][name] for name in _CONDITIONS},
        "place": " ".join(corners),
        **own,
        "proposed_state": proposed["state"],
        "proposed_candidates": " ".join(f"{c['glyph']}:{c['p']:.4f}" for c in proposed["candidates"]),
        **final,
        **second,
        **settled,
        "changed": _changed(position["own"], position["final"]),
        "ledger_head": value["ledger"]["head"],
    }


def _reading_cells(which: str, reading: Mapping[str, Any] | None) -> dict[str, str]:
    if reading is None:
        return {f"{which}_{name}": "" for name in _READING_COLUMNS}
    made = reading["made"] or {"by": "", "at": ""}
    cells = {
        **{name: reading[name] for name in _READING_COLUMNS if name in reading},
        "alternatives": " ".join(reading["alternatives"]),
        "excluded": " ".join(reading["excluded"]),
        **made,
    }
    if reading.get("why"):
        cells["reason"] = "; ".join(f"{told['by']}: {told['reason']}" for told in reading["why"])
    if reading["layer"] == "over_stamp":
        # The reading of a marking is what was struck first; of that, nothing is read here.
        cells |= {"over_stamp": reading["reading"], "reading": ""}
        cells |= {"over_stamp_script": reading["script"], "script": ""}
    return {f"{which}_{name}": cells[name] for name in _READING_COLUMNS}


def _changed(own: Mapping[str, Any] | None, final: Mapping[str, Any] | None) -> str:
    """Whether the final reading says something else than the own one; empty where one of them is missing."""
    if own is None or final is None:
        return ""
    same = all(own[key] == final[key] for key in ("state", "reading", "alternatives", "layer", "over_stamp"))
    return "no" if same else "yes"
