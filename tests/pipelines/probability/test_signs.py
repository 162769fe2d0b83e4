"""Signs that no glyph class covers: how much of a position they take."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.probability.calibration import calibrated, calibration, marginals, position_text
from pipelines.probability.signs import FAINT, SignModel, released, seen, sign_probabilities
from tests.pipelines.search.test_hypotheses import line

MODEL = SignModel(0.0, 1.0, 0.0)


def with_outside(text: str, outside: list[float]):
    return replace(line(text), outside=np.array(outside))


def test_what_nobody_sees_takes_nothing():
    assert np.array_equal(sign_probabilities(with_outside("48", [0.0, FAINT])), [0.0, 0.0])


@pytest.mark.parametrize("model", [MODEL, released()])
def test_the_surer_a_sign_is_seen_the_more_it_takes(model):
    ps = sign_probabilities(with_outside("4827", [0.2, 0.5, 0.9, 1.0]), model)
    assert list(ps) == sorted(ps) and ps[0] > 0 and ps[-1] < 1


def test_a_small_letter_of_a_shape_of_its_own_is_such_a_sign():
    small = replace(line("6"), small=np.array([0.99]))
    assert seen(small) == pytest.approx([0.99])
    assert sign_probabilities(small)[0] > 0.9


def test_a_sign_that_is_surely_seen_leaves_no_sure_letter_and_no_gap():
    there = with_outside("48427", [0.0, 0.0, 1.0, 0.0, 0.0])
    texts = [position_text(named) for named in calibrated(there, calibration("marks"))]
    assert texts[2] == "?" and len(texts) == 5
    assert marginals(there, calibration("marks"))[2].max() < 0.05


def test_the_others_keep_what_they_had():
    released_calibration = calibration("marks")
    there = with_outside("48427", [0.0, 0.0, 1.0, 0.0, 0.0])
    before, after = (marginals(which, released_calibration) for which in (line("48427"), there))
    kept = [0, 1, 3, 4]
    assert np.allclose(before[kept], after[kept])
    assert np.allclose(after[2], before[2] * (1 - sign_probabilities(there)[2]))
