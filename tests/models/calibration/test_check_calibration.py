"""Figures of a calibration on lines whose truth is known by construction, and which series are read."""

from dataclasses import replace

import pytest

from models.calibration.calibration_samples import TIERS, tasks
from models.calibration.check_calibration import figures, further_tasks
from models.calibration.fit_calibration import fitted, with_sets
from tests.models.calibration.test_fit_calibration import of, samples


def test_sets_of_a_fitted_calibration_hold_what_they_say_and_those_of_a_small_threshold_do_not():
    some = samples(800)
    released = with_sets(of(some, "sets"), fitted(of(some, "fit"), 1.0)[0])
    judging = of(some, "judge")
    cells = figures(judging, released).split(" | ")
    assert int(cells[0]) == 4 * len(judging)
    assert float(cells[2].split()[0]) == pytest.approx(0.95, abs=0.04)
    low, high = (float(end) for end in cells[2].split()[1].strip("()").split("–"))
    assert low < float(cells[2].split()[0]) < high
    narrow = figures(judging, replace(released, set_kind="mass", set_threshold=0.05)).split(" | ")
    # Such sets hold their first candidate, and hardly anything else.
    assert float(narrow[2].split()[0]) == pytest.approx(float(narrow[1]), abs=0.005)


def test_no_line_has_no_figures():
    some = samples(4)
    assert figures([replace(some[0], lines=())], fitted(some, 1.0)[0]).startswith("0 |")


def test_what_is_read_is_none_of_what_is_fitted(tmp_path):
    wanted = further_tasks(200, 2, None, 0, tmp_path)
    assert len(wanted) == 2 * 2 * len(TIERS) + 4
    assert not {task.name for task in wanted} & {task.name for task in tasks(100, None, tmp_path)}
