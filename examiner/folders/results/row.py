"""The result of one series, its proposal with a key, and the row that a table holds of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pipelines.types import LineProposal, Proposal

BETWEEN_LINES = " | "

STATES = ("read", "partly", "failed")
"""All photographs were read; some were; the series could not be read."""


@dataclass(frozen=True)
class SeriesResult:
    """The proposal for a series with its key, see `key_of`. The key "" matches none: a later run tries the
    series again. `pictures`: whether pictures for the overview were written."""

    proposal: Proposal
    key: str
    pictures: bool = False

    @property
    def series(self) -> str:
        return self.proposal.series


@dataclass(frozen=True)
class ResultRow:
    """A result as one row of a table. Bytes of a name that are not text are written as \\udc80.

    `confidence`: the probability that every line of the proposal is right, the product of the lines' joint
    probabilities; 0 where there is no line. `photographs` and `failures` as JSON: path, sha256, frame_time_s
    of each photograph; kind, message, path of what went wrong. `weakest`: the probability of the least
    certain character of all lines; -1 in CSV of earlier versions, which does not say it.
    """

    series: str
    state: str
    text: str
    best: str
    confidence: float
    lines: int
    photographs: str
    failures: str
    seconds: float
    readers: str
    validation: str
    key: str
    ways: str = "[]"
    weakest: float = -1.0


COLUMNS = tuple(column.name for column in fields(ResultRow))


def row_of(result: SeriesResult) -> ResultRow:
    """The row of a result."""
    proposal = result.proposal
    failures: list[dict[str, Any]] = [
        {**asdict(photo.error), "path": photo.path} for photo in proposal.photos if photo.error
    ]
    some_failed = bool(failures)
    failures += [
        {**asdict(notice), "path": photo.path} for photo in proposal.photos for notice in photo.notices
    ]
    if proposal.error is not None:
        failures.append({**asdict(proposal.error), "path": proposal.series})
    photographs = [
        {"path": photo.path, "sha256": photo.sha256, "frame_time_s": photo.frame_time_s}
        for photo in proposal.photos
    ]
    return ResultRow(
        series=printable(proposal.series),
        state="failed" if proposal.error is not None else "partly" if some_failed else "read",
        text=BETWEEN_LINES.join(line.text for line in proposal.lines),
        best=BETWEEN_LINES.join(line.best for line in proposal.lines),
        confidence=confidence(proposal),
        lines=len(proposal.lines),
        photographs=_json(photographs),
        failures=printable(_json(failures)),
        seconds=proposal.seconds,
        readers=_json(dict(proposal.readers)),
        validation=proposal.validation,
        key=result.key,
        ways=_json([_ways(line) for line in proposal.lines]),
        weakest=weakest_character(proposal),
    )


def _ways(line: LineProposal) -> list[dict[str, Any]]:
    return [
        {
            "best": way.best,
            "p": None if way.direction is None else round(way.direction.p, 4),
            "rotate_cw": None if way.direction is None else way.direction.rotate_cw,
            "mirrored": way.mirrored,
        }
        for way in (line, *line.other_ways)
    ]


def weakest_character(proposal: Proposal) -> float:
    """The probability of the least certain character of the least certain line; 0 where there is no line."""
    characters = [
        position.candidates[0].p if position.candidates else 0.0
        for line in proposal.lines
        for position in line.positions
        if position.state != "no_character"
    ]
    return round(min(characters, default=0.0), 6)


def confidence(proposal: Proposal) -> float:
    """See `ResultRow`. Rounded to six digits."""
    if not proposal.lines:
        return 0.0
    return round(math.prod(line.readings[0][1] if line.readings else 0.0 for line in proposal.lines), 6)


def result_json(result: SeriesResult) -> dict[str, Any]:
    """The proposal's object with the key beside it."""
    return {**result.proposal.to_json(), "key": result.key}


def result_from_json(value: Mapping[str, Any]) -> SeriesResult:
    """Inverse of `result_json`. Raises KeyError, TypeError or ValueError where the value is not a result."""
    return SeriesResult(Proposal.from_json(value), str(value["key"]))


def with_validation(result: SeriesResult, validation: str) -> SeriesResult:
    """The result with a statement of what its probabilities were validated on."""
    return replace(result, proposal=replace(result.proposal, validation=validation))


def printable(text: str) -> str:
    """Text that every table can hold: bytes that are not text are written as \\udc80, as JSON writes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _json(value: object) -> str:
    """As text that every table can hold."""
    return printable(json.dumps(value, ensure_ascii=False))
