"""Gouges and screws on plates: seeded, below the surface, and nowhere unless they are asked for."""

from dataclasses import replace

import numpy as np

from models.plates.draw import random_spec
from models.plates.fittings import SUNK, Fittings, fitted, random_fittings
from models.plates.plate import photographs

SHAPE = (200, 400)


def at(fittings: Fittings, seed: int = 1):
    return fitted(fittings, SHAPE, 10.0, np.random.default_rng(seed))


def test_nothing_asked_for_changes_nothing():
    depth, hidden = at(Fittings())
    assert not depth.any() and not hidden.any()


def test_gouges_are_no_deeper_than_said_and_open_to_the_sky():
    depth, hidden = at(Fittings(gouges=6, depth=0.05))
    assert 0.01 < depth.max() <= 0.05 and depth.min() == 0
    assert not hidden.any()


def test_a_screw_is_a_sunk_ring_with_its_slot():
    depth, hidden = at(Fittings(screws=1))
    assert depth.max() == np.float32(SUNK)
    assert 0.002 < (hidden > 0.5).mean() < 0.3


def test_the_same_seed_gives_the_same_metal():
    one, again, other = at(Fittings(4, 1), 3), at(Fittings(4, 1), 3), at(Fittings(4, 1), 4)
    assert np.array_equal(one[0], again[0]) and not np.array_equal(one[0], other[0])


def test_they_are_seen_and_a_plate_without_them_is_as_it_was():
    spec = random_spec(11, "intact")
    bare = photographs(spec, 1).photographs[0].pixels
    assert np.array_equal(photographs(replace(spec, fittings=Fittings()), 1).photographs[0].pixels, bare)
    gouged = photographs(replace(spec, fittings=Fittings(12, 1, 0.1)), 1).photographs[0].pixels
    differing = np.abs(gouged.astype(int) - bare).max(axis=2) > 8
    assert 0.005 < differing.mean() < 0.5


def test_drawn_ones_vary():
    drawn = {random_fittings(np.random.default_rng(seed), (40.0, 16.0)) for seed in range(20)}
    assert len(drawn) == 20 and {one.screws for one in drawn} == {0, 1}
