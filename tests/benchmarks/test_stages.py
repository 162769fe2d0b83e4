"""Stages are counted once, without what is inside them, and everything is put back."""

import numpy as np
import onnxruntime
import pytest

import pipelines.search.sheets
from benchmarks.stages import Stages, processor_seconds
from pipelines.reading.readers.marks import MarksReader


def test_what_is_inside_a_stage_belongs_to_it_alone_and_the_whole_is_the_sum():
    watch = Stages()
    watch._since = began = processor_seconds()
    inner = watch.timed(lambda: sum(range(200_000)), "inner")
    outer = watch.timed(lambda: [inner() for _ in range(3)], "outer")
    outer()
    watch._turn()
    assert watch.calls == {"outer": 1, "inner": 3}
    assert watch.seconds["inner"] > watch.seconds["outer"]
    assert sum(watch.seconds.values()) == pytest.approx(watch._since - began)


def test_runs_of_a_network_are_counted_and_all_is_put_back():
    before = (
        onnxruntime.InferenceSession.run,
        MarksReader.read_pooled,
        pipelines.search.sheets.sheet,
    )
    watch = Stages()
    strip = np.random.default_rng(0).random((48, 97), np.float32)
    with watch.watched():
        assert pipelines.search.sheets.sheet is not before[2]
        MarksReader().read_pooled([strip])
    assert watch.runs == {"marks.onnx": 1}
    assert watch.calls["reader: marks"] == 1
    after = onnxruntime.InferenceSession.run, MarksReader.read_pooled, pipelines.search.sheets.sheet
    assert after == before
