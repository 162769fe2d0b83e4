"""The stack: the frame, lights as seen in it, and what makes no stack."""

import numpy as np
import pytest

from pipelines.errors import FusionError, FusionSizeError
from pipelines.fuse.stack import light_in_frame, row_slabs, stack_sha256, stacked, taken
from pipelines.photographs.lights import LightDirection
from tests.pipelines.fuse.stacks import photo, stack_of, texture


def test_the_frame_is_the_reference_as_it_is_seen():
    image = texture(0, (30, 50))
    turned = photo(image, "a")
    seen = stacked({0: turned.__class__(**{**turned.__dict__, "orientation": 6})}, {0: np.eye(3)}, 0)
    assert seen.size == (50, 30)
    assert np.abs(taken(seen.layers[0], seen)[0] - np.rot90(image, -1)).max() < 2e-5


def test_a_shifted_photograph_is_taken_back_and_masked():
    image = texture(1)
    shifted = np.roll(image, (3, 5), axis=(0, 1))
    stack = stack_of([image, shifted], {1: np.array([[1, 0, -5.0], [0, 1, -3.0], [0, 0, 1]])})
    back, mask = taken(stack.in_series_order()[1], stack)
    assert mask[:57, :75].all() and not mask[58:].any() and not mask[:, 76:].any()
    assert np.abs(back - image)[:57, :75].max() < 2e-5


def test_bands_of_rows_are_the_whole(monkeypatch):
    stack = stack_of([texture(i) for i in range(3)])
    whole = next(row_slabs(stack, False))[1]
    monkeypatch.setattr("pipelines.fuse.stack.SLAB_SAMPLES", 3 * 80 * 17)
    parts = [values for _, values, _ in row_slabs(stack, False)]
    assert len(parts) > 2 and np.array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
def test_a_light_turns_with_the_photograph(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    seen = light_in_frame(LightDirection(10, 40), turn, photo(texture(0)))
    assert seen.azimuth == pytest.approx((10 + degrees) % 360) and seen.elevation == 40


def test_the_hash_names_everything_that_goes_in():
    images = [texture(0), texture(1)]
    hashes = {
        stack_sha256(stack_of(images)),
        stack_sha256(stack_of(images[::-1])),
        stack_sha256(stack_of(images, {1: np.array([[1, 0, 1e-3], [0, 1, 0], [0, 0, 1]])})),
        stack_sha256(stack_of(images, lights={0: LightDirection(1, 2)})),
    }
    assert len(hashes) == 4
    assert stack_sha256(stack_of(images)) in hashes


@pytest.mark.parametrize(
    "matrix",
    [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2), np.array([[1, 0, 0], [0, 1, 0], [0.03, 0, 1]])],
    ids=["nothing", "no numbers", "no homography", "folded over"],
)
def test_a_homography_that_leads_nowhere_is_refused(matrix):
    with pytest.raises(FusionSizeError):
        stack_of([texture(0), texture(1)], {1: matrix})


def test_a_missing_reference_and_a_stranger_are_named():
    photos = {i: photo(texture(i), str(i)) for i in range(2)}
    with pytest.raises(FusionError, match="reference"):
        stacked(photos, {0: np.eye(3)}, 7)
    with pytest.raises(FusionError, match="not in the stack"):
        stacked(photos, {0: np.eye(3)}, 0).only([1])
