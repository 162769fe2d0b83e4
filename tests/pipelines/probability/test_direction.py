"""Probabilities of the four ways to read a line."""

import numpy as np
import pytest

from pipelines.probability.direction import (
    AS_DRAWN,
    AS_SHOWN,
    FEATURES,
    SEEN_BY,
    UPRIGHT,
    WAYS,
    DirectionModel,
    Way,
    probabilities,
    released,
    seen_by,
)
from pipelines.reading.pooling import as_slice
from pipelines.reading.readers.general import GeneralReader

MODEL = DirectionModel({"row": 1.0}, 0.01)
NOTHING = dict.fromkeys(WAYS, np.zeros(len(FEATURES)))


def speaking(way: Way, much: float) -> dict[Way, np.ndarray]:
    return {**NOTHING, way: np.eye(len(FEATURES))[FEATURES.index("row")] * much}


@pytest.mark.parametrize("prior", [AS_SHOWN, AS_DRAWN])
def test_without_evidence_the_prior_stays(prior):
    assert sum(prior.values()) == pytest.approx(1.0)
    assert probabilities(NOTHING, MODEL, prior) == pytest.approx(dict(prior))


@pytest.mark.parametrize("way", WAYS)
def test_evidence_makes_a_way_likelier_and_never_certain(way):
    ps = [probabilities(speaking(way, much), MODEL, AS_SHOWN)[way] for much in (0.0, 2.0, 5.0, 1e6)]
    assert ps == sorted(ps) and ps[-1] == pytest.approx(1 - 0.01 * (1 - AS_SHOWN[way]))
    assert sum(probabilities(speaking(way, 3.0), MODEL, AS_SHOWN).values()) == pytest.approx(1.0)


def test_what_is_ruled_out_before_stays_ruled_out():
    prior = {**AS_SHOWN, Way(turned=True): 0.0}
    assert probabilities(speaking(Way(turned=True), 5.0), MODEL, prior)[Way(turned=True)] < 1e-6


def test_only_the_ways_that_were_read_share_the_probability():
    two = {way: NOTHING[way] for way in (UPRIGHT, Way(mirrored=True))}
    ps = probabilities(two, MODEL, AS_SHOWN)
    assert ps[UPRIGHT] / ps[Way(mirrored=True)] == pytest.approx(0.5 / 0.15)


@pytest.mark.parametrize("readers", SEEN_BY)
def test_the_released_models_hear_the_readers_that_looked(readers):
    model = released(readers)
    assert set(model.weights) <= set(FEATURES) and 0 < model.lapse < 0.05
    assert max(model.weights.values()) > 0


def test_who_looked_is_told_by_the_slices(struck_strip):
    (seen,) = GeneralReader().read([struck_strip("48271")])
    alone = as_slice(seen, 0, "as taken", 1.0, 0.0, 1.0, 4.0)
    together = as_slice(seen, None, "together", 1.0, 0.0, 1.0, 4.0)
    assert seen_by([alone]) == "general" and seen_by([together]) == "marks"
    assert seen_by([alone, together]) == "marks-general"
    with pytest.raises(ValueError, match="no slices"):
        seen_by([])
