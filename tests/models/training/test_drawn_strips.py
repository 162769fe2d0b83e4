"""Strips drawn when a batch is made: their truth, and what can be seen of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.plates.strips import HEIGHT
from models.training import drawn_strips, shards, surfaces
from models.training.drawn_strips import ODD_SIGNS, astray, drawn_strip
from models.training.examples import COLUMN, IGNORED, example
from pipelines.glyphs import GLYPHS, glyph_class

FACE = "gothic"


def drawn(seed: int, pictures=()):
    return drawn_strip(np.random.default_rng(seed), pictures, FACE)


def test_the_same_seed_gives_the_same_strip():
    one, again, other = drawn(4), drawn(4), drawn(5)
    assert one.pixels.tobytes() == again.pixels.tobytes() and np.array_equal(one.middles, again.middles)
    assert one.pixels.tobytes() != other.pixels.tobytes()


@pytest.mark.parametrize("seed", range(30))
def test_what_is_said_of_a_strip_lies_in_it(seed):
    picture = np.random.default_rng(1).integers(0, 256, (200, 200)).astype(np.uint8)
    series = drawn(seed, [picture] if seed % 2 else [])
    frames, high, wide = series.pixels.shape
    assert 1 <= frames <= 6 and high == HEIGHT and wide % 16 == 0 and series.pixels.dtype == np.uint8
    assert len(series.classes) == len(series.middles) == len(series.widths) == len(series.counted)
    assert ((series.classes >= -1) & (series.classes < len(GLYPHS))).all()
    told = series.middles[series.counted]
    assert ((told > 0) & (told < wide)).all()


def test_where_characters_are_strong_they_stand_where_the_truth_says():
    """Strongly marked, columns differ from the bare metal's where characters are."""
    on, between = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        marking = drawn_strips._marking(rng, FACE, drawn_strips.WITH_ODD)
        looks = drawn_strips._Looks.drawn(marking, rng, drawn_strips.LEVELS)
        strong = replace(looks, level=20.0, tone=np.ones_like(looks.tone), soft=0.5, halo=0.0)
        high, wide = marking.distance.shape
        bare = surfaces.random_surface_strip(high, wide, rng)
        seen = np.abs(strong.photograph(marking, bare, np.random.default_rng(1)) - bare).mean(axis=0)
        stands = np.zeros(len(seen), bool)
        for middle, width in zip(marking.middles, marking.widths, strict=True):
            stands[max(0, int(middle - width / 2)) : max(0, int(middle + width / 2) + 1)] = True
        on += [*seen[stands]]
        between += [*seen[~stands]]
    assert np.mean(on) > 3 * np.mean(between)


def test_signs_without_a_class_are_present_and_not_named():
    assert all(glyph_class(sign) is None or sign.islower() for sign in ODD_SIGNS)
    series = replace(drawn(3), classes=np.full(len(drawn(3).classes), -1), counted=drawn(3).counted & False)
    assert len(series.classes)
    seen = example(series, np.random.default_rng(0))
    assert seen.string is None and (seen.columns <= 0).all() and (seen.presence == 1).any()


@pytest.mark.parametrize("orientation", ["turned", "mirrored"])
def test_a_strip_the_wrong_way_round_keeps_its_truth(orientation, tmp_path):
    series = next(
        one for one in map(drawn, range(99)) if one.orientation == "upright" and len(one.classes) > 2
    )
    other = astray(series, orientation)
    flipped = other.pixels[:, ::-1, ::-1] if orientation == "turned" else other.pixels[:, :, ::-1]
    assert np.array_equal(flipped, series.pixels) and np.array_equal(other.classes, series.classes)
    assert np.allclose(other.middles[::-1], series.pixels.shape[2] - 1 - series.middles[::-1])
    shards.write(tmp_path / "0.npz", [series, other])
    assert [one.orientation for one in shards.read(tmp_path / "0.npz")] == ["upright", orientation]
    seen = example(other, np.random.default_rng(0))
    assert seen.string is None and (seen.columns <= 0).all() and (seen.presence == 1).any()


def test_presence_is_asked_where_characters_are_centred_and_between_them():
    for seed in range(12):
        series = drawn(seed)
        seen = example(series, np.random.default_rng(seed))
        assert seen.presence.shape == seen.columns.shape == (seen.pixels.shape[3] // COLUMN,)
        assert set(np.unique(seen.presence)) <= {IGNORED, 0, 1}
        assert (seen.presence[seen.columns > 0] == 1).all()
        if not len(series.classes):
            assert (seen.presence == 0).all() and seen.string is not None and not len(seen.string)


def test_surfaces_differ_in_scale_and_direction():
    """Of forty surfaces, neighbours correlate from hardly to nearly wholly, along and across."""
    alike = []
    for seed in range(40):
        surface = surfaces.random_surface_strip(48, 256, np.random.default_rng(seed))
        assert surface.shape == (48, 256) and float(surface.std()) == pytest.approx(1, abs=1e-3)
        alike.append([np.mean(surface[:, 2:] * surface[:, :-2]), np.mean(surface[2:] * surface[:-2])])
    along, across = np.array(alike).T
    assert along.min() < 0.35 and along.max() > 0.9 and np.abs(along - across).max() > 0.3
