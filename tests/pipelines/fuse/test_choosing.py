"""Fusions that choose: sharp places, good exposure, differences, components."""

import cv2
import numpy as np
import pytest

from pipelines.errors import LightsError, TooFewPhotographsError
from pipelines.fuse import FUSIONS
from pipelines.photographs.lights import LightDirection
from tests.pipelines.fuse.stacks import stack_of, texture

FINE = texture(1, (128, 160))
BLURRED = cv2.GaussianBlur(FINE, (0, 0), 4)


def test_focus_takes_each_half_from_the_photograph_that_is_sharp_there():
    left, right = FINE.copy(), FINE.copy()
    left[:, 80:], right[:, :80] = BLURRED[:, 80:], BLURRED[:, :80]
    fused = FUSIONS["focus"].run(stack_of([left, right]))
    away = np.abs(fused.image - FINE)
    assert away[:, :60].mean() < 0.1 * np.abs(BLURRED - FINE).mean()
    assert away[:, 100:].mean() < 0.1 * np.abs(BLURRED - FINE).mean()
    assert fused.weights[0] == pytest.approx(0.5, abs=0.1)


def test_exposure_takes_what_is_neither_burnt_nor_black():
    good = 0.35 + 0.3 * FINE
    burnt, black = np.clip(good * 4, 0, 1), good * 0.02
    fused = FUSIONS["exposure"].run(stack_of([burnt, good, black]))
    assert fused.weights[1] > 0.8
    assert np.corrcoef(fused.image.ravel(), good.ravel())[0, 1] > 0.95


def test_opposite_lights_keep_relief_and_cancel_stains():
    stain = np.ones((96, 128))
    stain[30:60, 10:50] = 0.6
    slope = np.zeros((96, 128))
    slope[20:70, 80:84], slope[20:70, 84:88] = 0.25, -0.25
    one, other = 0.5 * stain * (1 + slope), 0.5 * stain * (1 - slope)
    fused = FUSIONS["opposite"].run(stack_of([one, other]))
    swapped = FUSIONS["opposite"].run(stack_of([one, other]), swapped=True)
    assert fused.image[30:60, 81:83].mean() > 0.6 > 0.4 > fused.image[30:60, 85:87].mean()
    assert np.abs(fused.image[35:55, 15:45] - 0.5).max() < 0.02
    assert fused.image + swapped.image == pytest.approx(np.ones((96, 128)), abs=1e-5)
    assert fused.weights == {0: 1.0, 1: -1.0}


def test_of_several_the_two_lights_most_nearly_opposite_are_taken():
    lights = {i: LightDirection(a, 30) for i, a in enumerate((0, 80, 185))}
    images = [texture(i) for i in range(3)]
    fused = FUSIONS["opposite"].run(stack_of(images, lights=lights))
    assert fused.weights == {0: 1.0, 1: 0.0, 2: -1.0}
    with pytest.raises(LightsError):
        FUSIONS["opposite"].run(stack_of(images))


@pytest.mark.parametrize("change", ["mean", "largest"])
def test_difference_shows_what_came_since_the_first_with_its_sign(change):
    first = 0.5 * np.ones((96, 128))
    dark, bright = first.copy(), first.copy()
    dark[20:40, 20:40] = 0.3
    bright[60:80, 80:100] = 0.7
    fused = FUSIONS["difference"].run(stack_of([first, dark, bright]), change=change)
    assert fused.image[30, 30] < 0.48 < 0.52 < fused.image[70, 90]
    assert fused.image[5, 5] == pytest.approx(0.5, abs=0.02)
    assert fused.weights[0] == -1.0 and fused.weights[1] + fused.weights[2] == pytest.approx(1)


def test_components_part_what_varies_together():
    """Two patterns whose strength differs from photograph to photograph: each is one component."""
    rng = np.random.default_rng(0)
    a, b = (cv2.GaussianBlur(rng.normal(size=(96, 128)), (0, 0), 1.2) for _ in range(2))
    a, b = a / a.std(), b / b.std()
    images = [0.5 + 0.05 * (x * a + y * b) for x, y in ((1, 0.5), (1, -0.5), (1, 0.4), (1, -0.4))]
    first, second, last = (FUSIONS["components"].run(stack_of(images), component=c) for c in "124")
    assert abs(np.corrcoef(first.image.ravel(), a.ravel())[0, 1]) > 0.95
    assert abs(np.corrcoef(second.image.ravel(), b.ravel())[0, 1]) > 0.95
    assert sum(w * w for w in second.weights.values()) == pytest.approx(1)
    assert sum(second.weights.values()) >= 0
    share = last.findings["variance_share"]
    assert share[0] > share[1] > 50 * share[2] and sum(share) == pytest.approx(1)
    with pytest.raises(TooFewPhotographsError):
        FUSIONS["components"].run(stack_of(images), component="5")
