"""Our own locator on simulated worn plates that nothing was trained on."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.plates.draw import random_spec
from models.plates.plate import photographs
from pipelines.search.locators.general import bands_in
from pipelines.search.locators.rows import heat_of_rows
from pipelines.search.sheets import levelled
from pipelines.strip import overlap, unit
from pipelines.types import as_quad

SIDE = 112


@pytest.fixture(scope="module")
def plate():
    return photographs(random_spec(700_001, "worn"), 2)


def levels(plate):
    return [levelled(unit(cv2.cvtColor(shot.pixels, cv2.COLOR_RGB2GRAY))) for shot in plate.photographs]


def test_the_row_is_found_where_it_lies(plate):
    first, last = plate.photographs[0].quads[[0, -1]]
    row = as_quad([first[0], last[1], last[2], first[3]])
    found = bands_in(heat_of_rows(levels(plate)[:1], SIDE))
    assert max(overlap(band.quad, row) for band in found) > 0.7


def test_polarity_and_order_do_not_matter(plate):
    one, other = levels(plate)
    heat = heat_of_rows([one, other], SIDE).values
    assert heat == pytest.approx(heat_of_rows([1 - one, 1 - other], SIDE).values, abs=1e-4)
    assert np.array_equal(heat, heat_of_rows([other, one], SIDE).values)
    assert heat.min() >= 0 and heat.max() <= 1


def test_bare_metal_has_no_row():
    plate = photographs(replace(random_spec(700_001, "intact"), lines=()), 1)
    assert not bands_in(heat_of_rows(levels(plate), SIDE))
