"""The table "validated for": which readers were measured on which kind of marking, on whose plates.

A laboratory's own validation writes it (`examiner validate … --out DIR`), `examiner read --validated FILE`
and the page look a proposal up in it. A combination without a row is not validated, and says so.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from pipelines.errors import TruthError
from pipelines.probability.calibration import calibration, fingerprint
from pipelines.probability.judging import COUNTS, FIGURES, Figure

HEAD = "# Written by `examiner validate`. A figure is [value, low, high] of its 95 % interval.\n"
FILE_NAME = "validated_for.toml"
SCHEMA = 1

NOT_VALIDATED = "not validated for this combination"

Validation = Callable[[Mapping[str, str]], str]
"""What the proposals of these readers were validated on, from each reader's status."""


@dataclass(frozen=True)
class ValidatedRow:
    """One combination: readers that worked (joined by +), hash of their weights and calibration, marking
    method; how much it was measured on, the figures, the day."""

    readers: str
    weights: str
    method: str
    counts: Mapping[str, int]
    figures: Mapping[str, Figure]
    made: str

    @property
    def combination(self) -> tuple[str, str, str]:
        return self.readers, self.weights, self.method


def readers_of(status: Mapping[str, str]) -> str:
    """The readers that took part, from a proposal's `readers`: a reader that failed makes another row."""
    return "+".join(sorted(name for name, state in status.items() if state == "ok"))


def method_of(text: str) -> str:
    """A method's name as it is compared: words apart by one space, lower case."""
    return " ".join(text.lower().split())


def joined(old: Iterable[ValidatedRow], new: Iterable[ValidatedRow]) -> list[ValidatedRow]:
    """Both tables in one; a new row takes the place of the old one of its combination."""
    rows = {row.combination: row for row in (*old, *new)}
    return [rows[combination] for combination in sorted(rows)]


def statement(table: Sequence[ValidatedRow] | None, readers: Mapping[str, str], method: str) -> str:
    """What a proposal's probabilities were validated on. Without a table: what the released ones were."""
    if table is None:
        return f"validated on {calibration().validated_on} only"
    names, marking = readers_of(readers), method_of(method)
    if not marking:
        return f"{NOT_VALIDATED}: the marking method is not given"
    for row in table:
        if row.combination == (names, fingerprint(), marking):
            measured = ", ".join(
                f"{title} {row.figures[name].value:.3f} ({row.figures[name].low:.3f} to "
                f"{row.figures[name].high:.3f})"
                for name, title in SAID.items()
                if name in row.figures and not math.isnan(row.figures[name].value)
            )
            counts = row.counts
            return (
                f"validated on {counts['series']} plates of this laboratory, method {marking} "
                f"({counts['characters']} characters, {counts['blanks']} blank plates): {measured}"
            )
    return f"{NOT_VALIDATED}: readers {names or '(none)'} of this version, method {marking}"


def released_only(readers: Mapping[str, str]) -> str:
    """What is said where a laboratory has no table of its own."""
    return statement(None, readers, "")


SAID = {
    "cer": "character error rate",
    "ece": "calibration error",
    "coverage": "candidate sets hold the truth in",
    "false_alarms": "false alarms on blanks",
}
"""The figures that a statement names."""


def read_table(path: Path) -> list[ValidatedRow]:
    """Raises TruthError where the file is missing or is no such table."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        if content.get("schema") != SCHEMA:
            raise ValueError(f"schema {content.get('schema')!r}, this version reads {SCHEMA}")
        return [_row(value) for value in content.get("validated", [])]
    except OSError as error:
        raise TruthError(f"{path}: cannot be read ({error.strerror})") from error
    except (
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ) as error:  # UnicodeDecodeError and TOMLDecodeError among them
        raise TruthError(
            f"{path}: no table of what was validated ({error}); it is made by `examiner validate --out`"
        ) from error


def write_table(path: Path, rows: Sequence[ValidatedRow]) -> None:
    """Raises OSError where it cannot be written."""
    tables = [
        {
            **{name: getattr(row, name) for name in ("readers", "weights", "method", "made")},
            **{name: row.counts[name] for name in COUNTS},
            "figures": {
                name: [round(end, 6) for end in (figure.value, figure.low, figure.high)]
                for name, figure in row.figures.items()
            },
        }
        for row in rows
    ]
    text = tomli_w.dumps({"schema": SCHEMA, "validated": tables})
    path.write_text(f"{HEAD}{text}", encoding="utf-8")


def _row(value: Mapping[str, Any]) -> ValidatedRow:
    texts = [value[name] for name in ("readers", "weights", "method", "made")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("readers, weights, method and made are texts")
    figures = {
        name: Figure(*(float(end) for end in ends))
        for name, ends in value["figures"].items()
        if name in FIGURES
    }
    readers, weights, method, made = texts
    return ValidatedRow(readers, weights, method, {name: int(value[name]) for name in COUNTS}, figures, made)
