"""Statistics over a series against numpy's own, in any order, with borders that not all photographs show."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import NoOverlapError, RecipeError, TooFewPhotographsError
from pipelines.fuse import FUSIONS
from pipelines.fuse.stack import stacked
from tests.pipelines.fuse.stacks import photo, stack_of, texture

IMAGES = [texture(seed) for seed in range(5)]
EXPECTED: dict[str, Any] = {"mean": np.mean, "median": np.median, "minimum": np.min, "maximum": np.max}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_pixel_is_the_statistic_of_its_values(name, count):
    fused = FUSIONS[name].run(stack_of(IMAGES[:count]))
    assert fused.covered.all()
    assert np.abs(fused.image - EXPECTED[name](IMAGES[:count], axis=0)).max() < 2e-5
    assert sum(fused.weights.values()) == pytest.approx(1)


def test_deviation_is_that_of_the_evened_photographs_and_none_where_all_are_alike():
    same = FUSIONS["deviation"].run(stack_of([IMAGES[0]] * 3))
    assert same.image.max() < 1e-4
    marked = IMAGES[0].copy()
    marked[20:30, 30:40] *= 0.5
    differing = FUSIONS["deviation"].run(stack_of([IMAGES[0], marked]))
    assert differing.image[22:28, 32:38].mean() > 4 * np.median(differing.image)


@settings(max_examples=15)
@given(
    st.permutations(range(5)),
    st.sampled_from([*sorted(EXPECTED), "deviation", "exposure", "focus", "components"]),
)
def test_the_order_in_which_photographs_come_changes_nothing(order, name):
    """Their numbers go with them; only what is summed could differ."""
    photos = {i: photo(image, f"{i:02d}") for i, image in enumerate(IMAGES)}
    still = FUSIONS[name].run(stacked(photos, {i: np.eye(3) for i in photos}, 0))
    mixed = FUSIONS[name].run(stacked({i: photos[i] for i in order}, {i: np.eye(3) for i in order}, 0))
    assert np.array_equal(still.image, mixed.image)
    assert still.weights == mixed.weights


def test_what_a_photograph_does_not_show_is_no_value_of_its():
    """The second photograph is moved half out of the frame."""
    moved = {1: np.array([[1, 0, 40.0], [0, 1, 0], [0, 0, 1]])}
    both = stack_of(IMAGES[:2], moved)
    common, anywhere = (FUSIONS["minimum"].run(both, where=where) for where in ("common", "any"))
    assert not common.covered[:, :39].any() and common.covered[5:-5, 42:].all()
    assert anywhere.covered.all()
    assert np.abs(anywhere.image[:, :39] - IMAGES[0][:, :39]).max() < 2e-5
    assert common.image[0, 0] == pytest.approx(0.5)


def test_photographs_that_share_nothing_are_refused():
    away = {1: np.array([[1, 0, 500.0], [0, 1, 0], [0, 0, 1]])}
    with pytest.raises(NoOverlapError):
        FUSIONS["mean"].run(stack_of(IMAGES[:2], away))


def test_one_photograph_is_no_series_and_an_unknown_word_no_parameter():
    with pytest.raises(TooFewPhotographsError):
        FUSIONS["mean"].run(stack_of(IMAGES[:1]))
    with pytest.raises(RecipeError):
        FUSIONS["mean"].run(stack_of(IMAGES[:2]), where="everywhere")


@pytest.mark.parametrize("name", [n for n, f in FUSIONS.items() if not f.lights and n != "opposite"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (17, 9)])
@pytest.mark.parametrize("colour", [False, True])
def test_any_size_and_kind_gives_numbers_in_range(name, shape, colour):
    rng = np.random.default_rng(3)
    images = [rng.random((*shape, 3) if colour else shape) for _ in range(3)]
    fused = FUSIONS[name].run(stack_of(images))
    assert fused.image.dtype == np.float32 and fused.image.shape[:2] == shape
    assert np.isfinite(fused.image).all() and 0 <= fused.image.min() <= fused.image.max() <= 1


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("name", [n for n, f in FUSIONS.items() if not f.lights and n != "opposite"])
def test_flat_photographs_give_a_flat_picture(name, value):
    fused = FUSIONS[name].run(stack_of([np.full((40, 50), value)] * 3))
    assert np.ptp(fused.image[fused.covered]) < 1e-4
