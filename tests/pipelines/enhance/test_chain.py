"""Chains edited in the middle: what follows is computed again, nothing else; a part is as the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.enhance import STEPS
from pipelines.enhance.chain import Intermediates, on_crop
from pipelines.enhance.reach import REACHES
from pipelines.enhance.recipe import (
    Recipe,
    RecipeStep,
    image_sha256,
    load_recipe,
    make_recipe,
    recipe_toml,
    replay,
    run_recipe,
    shipped_recipes,
)
from pipelines.errors import RecipeError
from pipelines.types import Image

CHAIN = make_recipe(
    "own",
    "Own",
    "For a test.",
    [("even_light", {}), ("median", {}), ("unsharp", {}), ("gamma", {"value": 0.8})],
)


def metal(shape: tuple[int, ...] = (300, 420), seed: int = 0) -> Image:
    """Soft texture with a ramp of light and a few strokes."""
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.normal(0, 0.25, shape).astype(np.float32), (0, 0), 1.2)
    light = 0.3 + 0.4 * np.linspace(0, 1, shape[1], dtype=np.float32)
    marks = np.zeros(shape[:2], np.uint8)
    cv2.putText(marks, "4718", (60, 190), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 7)
    plain = light - marks / np.float32(255 / 0.2)
    return np.clip(texture + (plain if len(shape) == 2 else plain[..., np.newaxis]), 0, 1).astype(np.float32)


@pytest.fixture
def image() -> Image:
    return metal()


def adjusted(chain: Recipe, at: int, parameters: Mapping[str, float]) -> Recipe:
    """With some parameters of the step at a place changed."""
    entry = chain.steps[at]
    return with_entry(chain, at, replace(entry, parameters={**entry.parameters, **parameters}))


def switched(chain: Recipe, at: int, on: bool) -> Recipe:
    """With the step at a place on or off."""
    return with_entry(chain, at, replace(chain.steps[at], on=on))


def with_entry(chain: Recipe, at: int, *entries: RecipeStep) -> Recipe:
    """With these steps in the place of one."""
    return replace(chain, steps=(*chain.steps[:at], *entries, *chain.steps[at + 1 :]))


def steps_run(chain: Recipe, image: Image, kept: Intermediates) -> int:
    """Steps computed; checks that nothing else differs from a run from the beginning."""
    result = kept.run(chain, image, image_sha256(image))
    plain, records = run_recipe(chain, image)
    np.testing.assert_array_equal(result.image, plain)
    assert result.records == records
    np.testing.assert_array_equal(replay(result.records, image), plain)
    return result.computed


def test_a_change_in_the_middle_runs_what_follows_only(image: Image) -> None:
    kept = Intermediates()
    assert steps_run(CHAIN, image, kept) == 4
    assert steps_run(CHAIN, image, kept) == 0
    assert steps_run(adjusted(CHAIN, 2, {"amount": 2.0}), image, kept) == 2
    assert steps_run(adjusted(CHAIN, 3, {"value": 1.5}), image, kept) == 1
    assert steps_run(switched(CHAIN, 1, False), image, kept) == 2
    assert steps_run(switched(switched(CHAIN, 1, False), 1, True), image, kept) == 0
    assert steps_run(with_entry(CHAIN, 3), image, kept) == 0
    even_light, median, unsharp, gamma = CHAIN.steps
    assert steps_run(replace(CHAIN, steps=(gamma, even_light, median, unsharp)), image, kept) == 4
    (invert,) = make_recipe("own", "Own", "For a test.", [("invert", {})]).steps
    assert steps_run(replace(CHAIN, steps=(*CHAIN.steps, invert)), image, kept) == 1
    assert steps_run(with_entry(CHAIN, 2, invert, unsharp), image, kept) == 3


def test_progress_is_told_step_by_step(image: Image) -> None:
    told: list[tuple[int, int]] = []
    off = switched(CHAIN, 0, False)
    Intermediates().run(off, image, image_sha256(image), lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_another_photograph_shares_nothing(image: Image) -> None:
    kept = Intermediates()
    steps_run(CHAIN, image, kept)
    assert steps_run(CHAIN, metal(seed=1), kept) == 4
    assert steps_run(CHAIN, image, kept) == 0


def test_memory_is_bounded_and_the_oldest_goes_first(image: Image) -> None:
    kept = Intermediates(most_bytes=2 * image.nbytes)
    assert steps_run(CHAIN, image, kept) == 4
    assert steps_run(adjusted(CHAIN, 3, {"value": 2.0}), image, kept) >= 3
    assert sum(one.nbytes for one, _ in kept._kept.values()) <= 2 * image.nbytes


def test_kept_results_cannot_be_written_into(image: Image) -> None:
    result = Intermediates().run(CHAIN, image, image_sha256(image)).image
    with pytest.raises(ValueError, match="read-only"):
        result[0, 0] = 0


def test_what_is_off_is_kept_in_the_file_but_not_run(image: Image) -> None:
    off = switched(CHAIN, 1, False)
    again = load_recipe(recipe_toml(off))
    assert again == off and not again.steps[1].on
    assert [record.name for record in run_recipe(off, image)[1]] == ["even_light", "unsharp", "gamma"]
    without = with_entry(CHAIN, 1)
    np.testing.assert_array_equal(run_recipe(off, image)[0], run_recipe(without, image)[0])
    with pytest.raises(RecipeError, match="on must be true or false"):
        load_recipe(recipe_toml(off).replace("on = false", 'on = "no"'))


@settings(max_examples=30)
@given(edits=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.floats(0.2, 5)), max_size=6))
def test_any_edits_give_what_a_run_from_the_beginning_gives(edits: list[tuple[int, bool, float]]) -> None:
    image, kept, chain = metal((60, 80)), Intermediates(), CHAIN
    for place, on, value in edits:
        chain = switched(chain, place, on)
        chain = adjusted(chain, 3, {"value": value})
        steps_run(chain, image, kept)


# --- parts ---------------------------------------------------------------------------------------------


def test_every_step_that_keeps_pixels_in_place_says_how_far_it_looks() -> None:
    assert set(REACHES) == {name for name, step in STEPS.items() if step.group != "geometry"}


@pytest.mark.parametrize("name", [name for name, pixels in REACHES.items() if pixels is not None])
@pytest.mark.parametrize("shape", [(600, 840), (500, 640, 3)])
def test_a_part_is_as_in_the_whole(name: str, shape: tuple[int, ...]) -> None:
    image = metal(shape, 3)
    chain = make_recipe("own", "Own", "For a test.", [(name, {})])
    whole, _ = run_recipe(chain, image)
    box = (260, 220, 400, 330)
    crop = on_crop(chain, image, box, Intermediates(), image_sha256(image), quick_ms=-1)
    assert crop.exact and crop.box == box
    inside = whole[220:330, 260:400]
    assert crop.image.shape == inside.shape
    assert np.abs(crop.image - inside).max() < 0.02


@pytest.mark.parametrize("name", list(shipped_recipes()))
def test_a_part_of_a_recipe_says_whether_it_is_exact(name: str) -> None:
    image, chain = metal((400, 560, 3)), shipped_recipes()[name]
    crop = on_crop(chain, image, (100, 100, 220, 180), Intermediates(), image_sha256(image), quick_ms=-1)
    whole, _ = run_recipe(chain, image)
    assert crop.image.shape[:2] == (80, 120)
    whole_seen = np.array_equal(crop.image, whole[100:180, 100:220])
    assert crop.exact == (whole_seen or all(REACHES[entry.step] is not None for entry in chain.steps))
    if crop.exact:
        assert np.abs(crop.image - whole[100:180, 100:220]).max() < 0.03


def test_a_part_begins_from_what_is_kept() -> None:
    image = metal()
    sha256 = image_sha256(image)
    chain = make_recipe("own", "Own", "For a test.", [("stretch", {}), ("gamma", {})])
    kept = Intermediates()
    assert not on_crop(chain, image, (10, 10, 50, 40), kept, sha256, quick_ms=-1).exact
    kept.run(replace(chain, steps=chain.steps[:1]), image, sha256)
    crop = on_crop(chain, image, (10, 10, 50, 40), kept, sha256, quick_ms=-1)
    assert crop.exact
    np.testing.assert_array_equal(crop.image, run_recipe(chain, image)[0][10:40, 10:50])


def test_quick_steps_are_run_on_the_whole_and_only_slow_ones_on_the_part() -> None:
    image = metal((1200, 1600))
    sha256, kept = image_sha256(image), Intermediates()
    steps = [("stretch", {}), ("even_light", {}), ("total_variation", {"rounds": 5.0}), ("gamma", {})]
    chain = make_recipe("own", "Own", "For a test.", steps)
    crop = on_crop(chain, image, (700, 500, 760, 540), kept, sha256)
    assert crop.exact and crop.image.shape == (40, 60)
    assert kept.kept(chain, sha256)[0] == 2
    whole = kept.run(chain, image, sha256)
    assert whole.computed == 2
    assert np.abs(crop.image - whole.image[500:540, 700:760]).max() < 1e-4


def test_a_part_after_pixels_were_moved_is_of_the_result() -> None:
    image = metal()
    chain = make_recipe(
        "own", "Own", "For a test.", [("gamma", {}), ("rotate", {"degrees": 30}), ("invert", {})]
    )
    whole, _ = run_recipe(chain, image)
    sha256 = image_sha256(image)
    crop = on_crop(chain, image, (200, 100, 9999, 200), Intermediates(), sha256, quick_ms=-1)
    assert crop.box == (200, 100, whole.shape[1], 200)
    np.testing.assert_array_equal(crop.image, whole[100:200, 200:])
    with pytest.raises(RecipeError, match="no pixel of the result"):
        on_crop(chain, image, (9000, 0, 9100, 50), Intermediates(), sha256)
