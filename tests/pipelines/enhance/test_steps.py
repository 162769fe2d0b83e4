"""What must be so for every step: documented, checked, clipped, without a trace on its input."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.enhance import STEPS
from pipelines.enhance.step import ChoiceParameter, Corners, Flag, Number
from pipelines.errors import RecipeError
from pipelines.types import Image

GROUPS = {"light", "grinding", "noise", "blur", "contrast", "colour", "geometry"}


def flat(value: float, shape: tuple[int, ...] = (96, 128)) -> Image:
    return np.full(shape, value, np.float32)


def noise(seed: int, shape: tuple[int, ...] = (96, 128), deviation: float = 0.03) -> Image:
    return np.clip(np.random.default_rng(seed).normal(0.5, deviation, shape), 0, 1).astype(np.float32)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_documented(name: str) -> None:
    step = STEPS[name]
    assert step.group in GROUPS
    text = step.run.__doc__ or ""
    assert step.summary and step.summary.endswith(".")
    assert "Cost:" in text
    assert "olarity" in text or "olarities" in text or "bright" in text or "colour" in text
    for parameter in step.parameters:
        assert re.search(rf"\b{parameter.name}: ", text), parameter.name
        assert parameter.kind.doc
        if isinstance(parameter.kind, Number):
            assert parameter.kind.unit
            assert parameter.kind.low <= parameter.default <= parameter.kind.high
            assert f"{parameter.kind.low:g} to {parameter.kind.high:g}" in text, parameter.name
        elif isinstance(parameter.kind, ChoiceParameter):
            assert parameter.default in parameter.kind.options
            assert all(option in text for option in parameter.kind.options)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    "shape", [(96, 128), (96, 128, 3), (1, 1), (1, 1, 3), (1, 7), (9, 1, 3), (2, 2), (17, 5)]
)
def test_kind_of_image_is_kept_and_input_untouched(name: str, shape: tuple[int, ...]) -> None:
    image = noise(1, shape, 0.2)
    before = image.copy()
    image.setflags(write=False)
    result = STEPS[name].run(image)
    np.testing.assert_array_equal(image, before)
    assert not np.shares_memory(result, image)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    assert result.ndim == 2 or result.shape[2:] == (3,)
    assert result.ndim <= image.ndim or name == "false_colour"
    assert result.min() >= 0 and result.max() <= 1
    if STEPS[name].group != "geometry":
        assert result.shape[:2] == image.shape[:2]
    np.testing.assert_array_equal(result, STEPS[name].run(image))


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(64, 80), (64, 80, 3)])
def test_flat_stays_flat(name: str, value: float, shape: tuple[int, ...]) -> None:
    result = STEPS[name].run(flat(value, shape))
    assert float(np.ptp(result.reshape(result.shape[0] * result.shape[1], -1), axis=0).max()) < 1e-4


@pytest.mark.parametrize("name", STEPS)
def test_result_does_not_depend_on_threads(name: str) -> None:
    image = noise(4, (210, 310, 3), 0.2)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = STEPS[name].run(image)
        cv2.setNumThreads(4)
        np.testing.assert_array_equal(STEPS[name].run(image), alone)
    finally:
        cv2.setNumThreads(threads)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.full((4, 4), np.nan, np.float32), "16 of 16 values are not numbers"),
        (np.ones((4, 4)), "float64"),
        (np.ones((4, 4, 4), np.float32), "(4, 4, 4)"),
        (np.ones((0, 4), np.float32), "at least one pixel"),
        (np.full((4, 4), 1.5, np.float32), "1.5"),
    ],
)
def test_what_is_no_image_is_refused(name: str, image: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        STEPS[name].run(image)


def _values(kind: Any) -> st.SearchStrategy[Any]:
    match kind:
        case Number():
            return st.floats(kind.low, kind.high)
        case ChoiceParameter():
            return st.sampled_from(kind.options)
        case Flag():
            return st.booleans()
        case Corners():
            return st.tuples(*[st.floats(0, 0.3)] * 8).map(
                lambda m: [[m[0], m[1]], [1 - m[2], m[3]], [1 - m[4], 1 - m[5]], [m[6], 1 - m[7]]]
            )
    raise AssertionError(kind)


@settings(max_examples=200)
@given(data=st.data())
def test_any_allowed_parameters_give_an_image(data: st.DataObject) -> None:
    step = STEPS[data.draw(st.sampled_from(sorted(STEPS)))]
    given_ = {parameter.name: data.draw(_values(parameter.kind)) for parameter in step.parameters}
    if step.name == "levels" and given_["white"] <= given_["black"]:
        given_["black"] = 0.0
    for low, high in (("left", "right"), ("top", "bottom"), ("inner", "outer")):
        if low in given_ and given_[high] <= given_[low]:
            given_[low], given_[high] = (0.5, 1.0) if high != "outer" else (1.0, 50.0)
    shape = data.draw(st.sampled_from([(24, 31), (24, 31, 3), (3, 40)]))
    result = step.run(noise(data.draw(st.integers(0, 9)), shape, 0.2), **given_)
    assert result.dtype == np.float32 and result.size > 0
    assert result.min() >= 0 and result.max() <= 1


@pytest.mark.parametrize("name", STEPS)
def test_wrong_parameters_name_step_and_range(name: str) -> None:
    image = noise(0, (16, 16))
    with pytest.raises(RecipeError, match=rf"{name}.*no parameter 'nonsense'"):
        STEPS[name].run(image, nonsense=1)
    for parameter in STEPS[name].parameters:
        wrong: list[Any] = [None, "nonsense", [1]]
        if isinstance(parameter.kind, Number):
            wrong += [parameter.kind.high + 1, parameter.kind.low - 1, float("nan"), True]
        for value in wrong:
            with pytest.raises(RecipeError, match=rf"{name}.*{parameter.name}.*expected.*got"):
                STEPS[name].run(image, **{parameter.name: value})
