"""Everything that goes with a trace request, as one zip: request, patterns, report, photo log, manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.casebook.versions import PROGRAM, software_versions
from examiner.exports.handover import zipped
from pipelines.spreadsheet import csv_text

SCHEMA = 1
NAME = "trace-package.zip"
MANIFEST = "manifest.json"

PARTS = ("report.pdf", "photo-log.pdf", "trace.json", "trace.txt")
"""Files of an examination that go in as they are."""


def trace_package(
    casebook: Casebook, id: str, parts: Mapping[str, bytes], traced: Mapping[str, Any], actor: str
) -> bytes:
    """The zip; the same bytes for the same record. `parts`: the files of PARTS; `traced`: the search aids.

    Each file is recorded as given out before the zip is. What the case file does not know stands in the
    manifest by name: an empty field of a form may also have been forgotten.
    """
    members = {
        "request.json": _json({"about": traced["about"], "fields": traced["request"]}),
        "request.csv": _request_csv(traced),
        "patterns.csv": _patterns_csv(traced),
        **{name: parts[name] for name in PARTS},
    }
    for name, data in members.items():
        casebook.record_export(id, actor, name, data)
    manifest = {
        "schema": SCHEMA,
        "about": traced["about"],
        "examination": id,
        "signed": traced["signed"],
        "not_known": [field["field"] for field in traced["request"] if not field["value"]],
        "files": {
            name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in members.items()
        },
        "program": f"{PROGRAM} {software_versions()[PROGRAM]}",
    }
    data = zipped({**members, MANIFEST: _json(manifest)})
    casebook.record_export(id, actor, NAME, data)
    return data


def _request_csv(traced: Mapping[str, Any]) -> bytes:
    names = tuple(dict.fromkeys(name for field in traced["request"] for name in field))
    rows = [[field.get(name, "") for name in names] for field in traced["request"]]
    return csv_text(names, rows).encode("utf-8-sig")


def _patterns_csv(traced: Mapping[str, Any]) -> bytes:
    """A row for each pattern; `finds_more`: whether it finds more than the reading admits."""
    rows = []
    for line in traced["lines"]:
        queries = [("as read", line["patterns"])]
        queries += [("struck over it", over)] if (over := line["over_stamped"]) else []
        queries += [(spelling["name"], spelling) for spelling in line["spellings"]]
        for name, query in queries:
            more = "no" if query["exact"] else "yes"
            rows.append([line["label"], name, "regex", query["regex"], "no"])
            for language in ("like", "wildcards"):
                rows += [[line["label"], name, language, text, more] for text in query[language]]
    return csv_text(("line", "spelling", "language", "pattern", "finds_more"), rows).encode("utf-8-sig")


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
