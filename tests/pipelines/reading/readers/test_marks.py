"""Our own reader: what it promises whatever its weights say, and that they can read."""

from __future__ import annotations

import numpy as np
import pytest

from models.plates.strips import strip_series, strip_spec
from pipelines.errors import ReaderError
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers import marks
from pipelines.reading.readers.marks import MarksReader

FIRST_SEED = 600_000


def photographs(seed: int) -> list[np.ndarray]:
    return [frame.astype(np.float32) / 255 for frame in strip_series(seed).pixels]


@pytest.fixture(scope="module")
def series() -> list[np.ndarray]:
    return next(
        frames for seed in range(FIRST_SEED, FIRST_SEED + 40) if len(frames := photographs(seed)) >= 4
    )


def test_it_reads_intact_plates_that_it_was_not_trained_on():
    errors = characters = 0
    for seed in range(FIRST_SEED, FIRST_SEED + 60):
        if strip_spec(seed)[0].tier != "intact":
            continue
        strip = strip_series(seed)
        if not strip.counted.all():
            continue
        evidence, _ = MarksReader().read_together([f.astype(np.float32) / 255 for f in strip.pixels])
        truth = "".join(GLYPHS[i] for i in strip.classes[np.argsort(strip.middles)])
        errors += distance(truth, text_of(beam_search(evidence.log_probs[0])[0]))
        characters += len(truth)
    assert characters > 60 and errors < 0.2 * characters


def test_columns_are_distributions_from_left_to_right(series):
    together, alone = MarksReader().read_together(series)
    assert len(alone) == len(series)
    for evidence in (together, *alone):
        assert evidence.log_probs.shape == (1, len(evidence.columns), len(GLYPHS) + 1)
        assert np.allclose(np.exp(evidence.log_probs).sum(axis=-1), 1, atol=1e-4)
        assert (np.diff(evidence.columns) > 0).all() and evidence.columns[0] > 0 and evidence.columns[-1] < 1


def test_presence_is_a_probability_of_every_column(series):
    together, alone = MarksReader().read_together(series)
    for evidence in (together, *alone):
        assert evidence.presence.shape == (1, len(evidence.columns)) and (evidence.presence <= 0).all()
        likely = np.exp(evidence.presence[0]) > 0.5
        named = np.exp(evidence.log_probs[0, :, 0]) < 0.5
        assert np.mean(likely[named]) > np.mean(likely[~named])


def test_weights_that_do_not_say_presence_leave_it_to_blank(monkeypatch, series):
    network = marks._network()

    class Earlier:
        session = network.session

        def run(self, *tensors):
            return network.run(*tensors)[:1]

    monkeypatch.setattr(marks, "_network", Earlier)
    evidence = MarksReader().read_pooled(series)
    none = np.exp(evidence.log_probs[..., 0].astype(np.float64))
    assert np.allclose(np.exp(evidence.presence), 1 - none, atol=2e-6)


def test_smoothed_readings_are_averaged_to_distributions(monkeypatch, series):
    plain = MarksReader().read_pooled(series)
    monkeypatch.setattr(marks, "SMOOTHINGS", (0.0, 0.03, 0.06))
    averaged = MarksReader().read_pooled(series)
    assert np.allclose(np.exp(averaged.log_probs).sum(axis=-1), 1, atol=1e-4)
    assert not np.array_equal(averaged.log_probs, plain.log_probs)


def test_the_order_of_photographs_changes_no_bit(series):
    together, alone = MarksReader().read_together(series)
    backwards, alone_backwards = MarksReader().read_together(series[::-1])
    assert together.log_probs.tobytes() == backwards.log_probs.tobytes()
    for one, other in zip(alone, alone_backwards[::-1], strict=True):
        assert one.log_probs.tobytes() == other.log_probs.tobytes()


def test_negatives_say_the_same(series):
    together, _ = MarksReader().read_together(series)
    negative, _ = MarksReader().read_together([1 - frame for frame in series])
    assert np.abs(np.exp(together.log_probs) - np.exp(negative.log_probs)).max() < 1e-3


def test_one_photograph_by_itself_says_what_it_says_in_company(series):
    _, alone = MarksReader().read_together(series)
    (single,) = MarksReader().read([series[2]])
    assert np.allclose(single.log_probs, alone[2].log_probs, atol=1e-3)


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_pooled_alone_is_what_is_pooled_beside_each(series, count):
    together, each = MarksReader().read_together(series[:count])
    assert len(each) == count
    pooled = MarksReader().read_pooled(series[:count])
    assert np.allclose(together.log_probs, pooled.log_probs, atol=1e-4)


def test_photographs_of_different_shape_are_refused(series):
    with pytest.raises(ReaderError, match="one shape"):
        MarksReader().read_together([series[0], series[1][:, :-8]])


def test_missing_weights_are_named(monkeypatch, tmp_path, series):
    marks._network.cache_clear()
    monkeypatch.setattr(marks, "files", lambda _package: tmp_path)
    with pytest.raises(ReaderError, match=r"marks\.onnx"):
        MarksReader().read(series[:1])
    marks._network.cache_clear()
