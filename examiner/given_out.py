"""The files in which an examination is given out, each recorded by its hash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from examiner.casebook import Casebook
from examiner.export import reading_json
from examiner.export_tables import photographs_csv, reading_csv
from examiner.handover import handover
from examiner.tracing import trace, trace_text


def _reading(casebook: Casebook, id: str) -> bytes:
    return _text(reading_json(casebook, id))


def _text(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


MADE: Mapping[str, Callable[[Casebook, str], bytes]] = {
    "reading.json": _reading,
    "reading.csv": lambda casebook, id: reading_csv(casebook, id).encode(),
    "photographs.csv": lambda casebook, id: photographs_csv(casebook, id).encode(),
    "trace.json": lambda casebook, id: _text(trace(casebook, id)),
    "trace.txt": lambda casebook, id: trace_text(trace(casebook, id)).encode(),
}
"""How each file is made of an examination, by its name."""

HANDOVER = "handover.zip"


def give_out(casebook: Casebook, id: str, name: str, actor: str) -> bytes:
    """One of the files of MADE, or the zip of all of them with what they rest on; recorded as an export.

    Raises KeyError for another name, and what making the file raises.
    """
    if name == HANDOVER:
        return handover(casebook, id, {one: make(casebook, id) for one, make in MADE.items()}, actor)
    data = MADE[name](casebook, id)
    casebook.record_export(id, actor, name, data)
    return data
