"""The bands that the readers are given, and proposals that are remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from examiner.examination.acts import DrawLine, Mode, Place
from examiner.examination.order_of_work import apply, begin
from examiner.page.readers.queue import drawn_rows, remembered
from pipelines.propose import Source
from tests.examiner.page.machine_proposal import box, proposal_of


def test_bands_are_the_lines_that_were_drawn() -> None:
    drawn = Place(0, box(10, 20, 110, 50))
    examination = apply(begin(Mode.CASEWORK, 1), DrawLine(drawn, 5))
    [row] = drawn_rows(examination)
    assert row.frame == 0 and np.allclose(row.band.quad, drawn.quad)
    assert np.allclose(row.band.places, [(n / 5, (n + 1) / 5) for n in range(5)])


def test_positions_lie_along_a_row_that_is_read_upwards() -> None:
    sideways = Place(0, ((10, 110), (10, 10), (40, 10), (40, 110)))
    [row] = drawn_rows(apply(begin(Mode.CASEWORK, 1), DrawLine(sideways, 2)))
    assert np.allclose(row.band.quad, sideways.quad)
    assert np.allclose(row.band.places, [(0, 0.5), (0.5, 1)])


def test_a_remembered_proposal_is_made_once(tmp_path: Path, photographs: list[Path]) -> None:
    made = []

    def work() -> Any:
        made.append(1)
        return proposal_of([Source(photographs[0])])

    first = remembered(tmp_path, ["a"], work)
    assert remembered(tmp_path, ["a"], work) == first and len(made) == 1
    remembered(tmp_path, ["b"], work)
    assert len(made) == 2
    for file in tmp_path.glob("*.json"):
        file.write_text("cut o")
    assert remembered(tmp_path, ["a"], work) == first
