"""A plate that is worked on: grinding takes relief, etching brings contrast and spoils it, repeatably."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from examiner.exercises.exercise import Exercise, ExerciseKind, plate_of
from models.plates.workpiece import POLISHED_AWAY, Worked, polished, view_of, workpiece

EXERCISE = Exercise(11, 4)


@pytest.fixture(scope="module")
def piece():
    return workpiece(plate_of(EXERCISE))


def test_the_same_work_gives_the_same_picture(piece):
    worked = Worked(0.1, 40.0)
    assert np.array_equal(view_of(piece, worked).pixels, view_of(piece, worked).pixels)
    assert not np.array_equal(view_of(piece, worked).pixels, view_of(piece, worked, 1).pixels)


def test_grinding_takes_the_relief_away_and_never_gives_it_back(piece):
    shown = [view_of(piece, Worked(depth)).visibility.mean() for depth in (0.0, 0.05, 0.1, 0.2, 0.4)]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == pytest.approx(1.0, abs=0.02) and shown[-1] == 0.0


def test_the_reagent_brings_back_what_was_ground_off_and_spoils_it(piece):
    ground = EXERCISE.ground_mm
    shown = [view_of(piece, Worked(ground, dwell)).visibility.mean() for dwell in (0, 5, 80, 900)]
    assert shown[0] < shown[1] < shown[2] and shown[3] < 0.3 * shown[2]


def test_nothing_comes_back_where_all_the_disturbed_metal_is_gone(piece):
    assert view_of(piece, Worked(2.0, 80.0)).visibility.max() < 0.02


def test_a_stronger_reagent_is_faster(piece):
    ground = EXERCISE.ground_mm
    slow = view_of(piece, Worked(ground, 20.0)).visibility.mean()
    fast = view_of(piece, Worked(ground, 20.0, strength=2.0)).visibility.mean()
    assert fast == pytest.approx(view_of(piece, Worked(ground, 40.0)).visibility.mean()) and fast > slow


def test_particles_show_the_zone_without_a_reagent(piece):
    ground = EXERCISE.ground_mm
    plain, dusted = (view_of(piece, Worked(ground, particles=on)) for on in (False, True))
    assert dusted.visibility.mean() > plain.visibility.mean() + 0.2
    assert not np.array_equal(plain.pixels, dusted.pixels)


def test_a_blank_plate_has_nothing_to_see():
    assert (
        view_of(
            workpiece(plate_of(replace(EXERCISE, kind=ExerciseKind.BLANK))), Worked(0.1, 60.0)
        ).visibility.size
        == 0
    )


def test_polishing_takes_the_film_and_some_metal():
    after = polished(Worked(0.1, 60.0, wet=True, azimuth=90.0))
    assert after == Worked(0.1 + POLISHED_AWAY, azimuth=90.0)


def test_the_lamp_moves_the_picture(piece):
    one, other = (view_of(piece, Worked(0.0, azimuth=a)).pixels.astype(float) for a in (0.0, 90.0))
    assert np.abs(one - other).mean() > 2
