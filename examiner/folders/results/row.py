"""What is known of one series after it was read: a proposal, its key, and the row that stands for it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pipelines.types import Proposal

BETWEEN_LINES = " | "

STATES = ("read", "partly", "failed")
"""All photographs were read; some were; nothing could be made of the series."""


@dataclass(frozen=True)
class Result:
    """A series as it was read, with the key of `key_of`; a key of "" matches none, so that the series is
    tried again. `pictures`: whether pictures for the overview were made."""

    proposal: Proposal
    key: str
    pictures: bool = False

    @property
    def series(self) -> str:
        return self.proposal.series


@dataclass(frozen=True)
class Row:
    """A result as one row of a table. Names that are no text have their odd bytes written as \\udc80.

    `confidence`: the probability that every line of the proposal is right, the product of the lines' joint
    probabilities; 0 where there is no line. `photographs` and `failures` as JSON: path, sha256, frame_time_s
    of each photograph; kind, message, path of what went wrong.
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


COLUMNS = tuple(column.name for column in fields(Row))


def row_of(result: Result) -> Row:
    """The row that stands for a result."""
    proposal = result.proposal
    failures: list[dict[str, Any]] = [
        {**asdict(photo.error), "path": photo.path} for photo in proposal.photos if photo.error
    ]
    failed = any(True for _ in failures)
    if proposal.error is not None:
        failures.append({**asdict(proposal.error), "path": proposal.series})
    photographs = [
        {"path": photo.path, "sha256": photo.sha256, "frame_time_s": photo.frame_time_s}
        for photo in proposal.photos
    ]
    return Row(
        series=printable(proposal.series),
        state="failed" if proposal.error is not None else "partly" if failed else "read",
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
    )


def confidence(proposal: Proposal) -> float:
    """See `Row`. Rounded to six digits."""
    if not proposal.lines:
        return 0.0
    return round(math.prod(line.readings[0][1] if line.readings else 0.0 for line in proposal.lines), 6)


def result_json(result: Result) -> dict[str, Any]:
    """The proposal's object with the key beside it."""
    return {**result.proposal.to_json(), "key": result.key}


def result_from_json(value: Mapping[str, Any]) -> Result:
    """Inverse of `result_json`. Raises KeyError, TypeError or ValueError for what is no result."""
    return Result(Proposal.from_json(value), str(value["key"]))


def with_validation(result: Result, validation: str) -> Result:
    """The result that says what its probabilities were validated on."""
    return replace(result, proposal=replace(result.proposal, validation=validation))


def printable(text: str) -> str:
    """Text that every table can hold: bytes that are no text as \\udc80, which is how JSON writes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _json(value: object) -> str:
    """Kept exact by JSON's own signs for what is no text."""
    return printable(json.dumps(value, ensure_ascii=False))
