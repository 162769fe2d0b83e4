"""Results as JSON lines: the object that `examiner read` prints, with the key of the series beside it."""

from __future__ import annotations

import json

from examiner.folders.results.lines import LineFormat
from examiner.folders.results.row import Result, Row, result_from_json, result_json, row_of


def _line(result: Result) -> str:
    return json.dumps(result_json(result), ensure_ascii=False)


def _row(line: str) -> Row:
    return row_of(result_from_json(json.loads(line)))


JSONL = LineFormat("JSON lines", "", _line, _row)
