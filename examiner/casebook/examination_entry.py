"""A row of the list of a casebook's examinations."""

from __future__ import annotations

from dataclasses import dataclass

from examiner.examination.acts import Mode, Phase


@dataclass(frozen=True)
class ExaminationEntry:
    """One row of the list of examinations. `begun` is UTC, ISO 8601; `reader` began it; `second_of` is the
    examination that it is the second reading of, or empty."""

    id: str
    title: str
    mode: Mode
    begun: str
    phase: Phase
    reader: str = ""
    second_of: str = ""
