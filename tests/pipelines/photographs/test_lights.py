"""Light directions: vectors, spread, opposites and the table in the folder."""

import numpy as np
import pytest

from pipelines.errors import LightsError
from pipelines.photographs.lights import (
    FILE_NAME,
    LightDirection,
    check_spread,
    direction,
    opposed,
    read_lights,
    towards,
)


def test_azimuth_runs_clockwise_from_the_top():
    assert towards(LightDirection(0, 0.0)) == pytest.approx([0, -1, 0], abs=1e-12)
    assert towards(LightDirection(90, 0.0)) == pytest.approx([1, 0, 0], abs=1e-12)
    assert towards(LightDirection(123, 90)) == pytest.approx([0, 0, 1], abs=1e-12)
    assert np.linalg.norm(towards(LightDirection(77, 33))) == pytest.approx(1)


def test_a_full_turn_is_none():
    assert direction(-90, 30, "here") == LightDirection(270, 30)
    assert direction(360, 30, "here") == LightDirection(0, 30)


@pytest.mark.parametrize("azimuth,elevation", [(0, 0), (0, 91), (0, -5), (400, 30), (float("nan"), 30)])
def test_what_is_no_lamp_above_the_surface_is_refused(azimuth, elevation):
    with pytest.raises(LightsError, match="here"):
        direction(azimuth, elevation, "here")


def test_lights_in_one_plane_are_refused_and_others_not():
    check_spread([LightDirection(a, 40) for a in (0, 120, 240)])
    with pytest.raises(LightsError, match="one plane"):
        check_spread([LightDirection(a, e) for a, e in ((0, 20), (0, 70), (180, 50))])


def test_the_most_nearly_opposite_are_found():
    lights = {4: LightDirection(10, 30), 7: LightDirection(200, 30), 9: LightDirection(185, 30)}
    assert opposed(lights) == (4, 9)
    assert opposed({1: LightDirection(0, 30), 2: LightDirection(90, 30)}) is None


def folder_with(folder, *rows):
    (folder / "a.jpg").touch()
    (folder / FILE_NAME).write_text("\n".join(["file,azimuth,elevation", *rows]), encoding="utf-8")
    return folder


def test_the_table_is_read_and_a_folder_without_has_none(tmp_path):
    assert read_lights(tmp_path) == {}
    assert read_lights(folder_with(tmp_path, "a.jpg,90,30")) == {"a.jpg": LightDirection(90, 30)}


@pytest.mark.parametrize("row", ["b.jpg,1,2", "a.jpg,1", "a.jpg,x,2", "a.jpg,1,0", "a.jpg,1,2,3"])
def test_a_row_that_says_nothing_is_named(tmp_path, row):
    with pytest.raises(LightsError, match="row 2"):
        read_lights(folder_with(tmp_path, row))


def test_one_photograph_has_one_light(tmp_path):
    with pytest.raises(LightsError, match="second row"):
        read_lights(folder_with(tmp_path, "a.jpg,1,2", "a.jpg,1,3"))
