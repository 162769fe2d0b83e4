"""The bands that the readers are given, and proposals that are remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examiner.examination.acts import DrawLine, Mode, Place
from examiner.examination.order_of_work import apply, begin
from examiner.page.readers.queue import bands, remembered, turn
from pipelines.propose import Source
from tests.examiner.page.machine_proposal import box, proposal_of


def test_bands_are_the_lines_that_were_drawn() -> None:
    drawn = Place(0, box(10, 20, 110, 50))
    examination = apply(begin(Mode.CASEWORK, 1), DrawLine(drawn, 5))
    [band] = bands(examination)
    assert band.frame == 0 and np.allclose(band.quad, drawn.quad)
    assert turn(drawn) == pytest.approx(0)
    sideways = Place(0, ((10, 110), (10, 10), (40, 10), (40, 110)))
    assert turn(sideways) == pytest.approx(90)


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
