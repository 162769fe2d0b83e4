"""Recipes: what they say is what is run, recorded and run again to the same bytes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.enhance import STEPS
from pipelines.enhance.recipe import (
    Recipe,
    fitted,
    image_sha256,
    load_recipe,
    make_recipe,
    recipe_mapping,
    recipe_toml,
    replay,
    run_recipe,
    shipped_recipes,
)
from pipelines.errors import RecipeError
from pipelines.types import Image, StepRecord

RECIPES = shipped_recipes()


def picture(shape: tuple[int, ...] = (90, 130, 3), seed: int = 0) -> Image:
    return np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)


def test_shipped_recipes() -> None:
    assert next(iter(RECIPES)) == "as_taken"
    assert not RECIPES["as_taken"].steps
    assert {"even_light", "fine_relief", "grinding_lines", "faint_etch", "strokes", "colour_etch"} <= set(
        RECIPES
    )
    assert {"dot_peen", "magnetic_particles"} <= set(RECIPES)
    for name, recipe in RECIPES.items():
        assert recipe.name == name
        assert recipe.title and recipe.purpose.endswith(".")
        assert recipe.purpose.count(". ") == 0


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("shape", [(90, 130), (90, 130, 3), (1, 1)])
def test_every_recipe_runs_and_replays(name: str, shape: tuple[int, ...]) -> None:
    image = picture(shape)
    before = image.copy()
    result, records = run_recipe(RECIPES[name], image)
    np.testing.assert_array_equal(image, before)
    assert [record.name for record in records] == [entry.step for entry in RECIPES[name].steps]
    if records:
        assert records[0].input_sha256 == image_sha256(image)
        assert records[-1].output_sha256 == image_sha256(result)
    for one, following in itertools.pairwise(records):
        assert one.output_sha256 == following.input_sha256
    for record in records:
        assert set(record.parameters) == {parameter.name for parameter in STEPS[record.name].parameters}
    again, same = run_recipe(RECIPES[name], image)
    assert same == records
    np.testing.assert_array_equal(again, result)
    through_json = [StepRecord(**json.loads(json.dumps(record.__dict__))) for record in records]
    np.testing.assert_array_equal(replay(through_json, image), result)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_keep_a_mid_grey_background(name: str) -> None:
    even = np.full((120, 160, 3), 0.35, np.float32)
    even += np.random.default_rng(1).normal(0, 0.01, even.shape).astype(np.float32)
    result, _ = run_recipe(RECIPES[name], even)
    if name != "as_taken":
        assert abs(float(np.median(result)) - 0.5) < 0.06
        assert result.std() < 0.16


def test_replay_notices_another_picture_and_another_result() -> None:
    image = picture()
    _, records = run_recipe(RECIPES["faint_etch"], image)
    other = image.copy()
    other[0, 0, 0] = 1 - other[0, 0, 0]
    with pytest.raises(RecipeError, match=r"step 1 \(retinex\): the input"):
        replay(records, other)
    changed = (*records[:1], replace(records[1], output_sha256="0" * 64), *records[2:])
    with pytest.raises(RecipeError, match=r"step 2 \(grinding_lines\): the output"):
        replay(changed, image)
    with pytest.raises(RecipeError, match="no step 'gone'"):
        replay([replace(records[0], name="gone")], image)


def test_hash_tells_shape_and_values() -> None:
    image = picture((4, 6))
    assert image_sha256(image) == image_sha256(image.copy(order="F"))
    assert image_sha256(image) != image_sha256(image.reshape(6, 4))
    assert image_sha256(image) != image_sha256(np.nextafter(image, np.float32(2)))


@pytest.mark.parametrize("name", RECIPES)
def test_toml_round_trip(name: str, tmp_path: Path) -> None:
    text = recipe_toml(RECIPES[name])
    assert load_recipe(text) == RECIPES[name]
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    assert load_recipe(path) == load_recipe(str(path)) == RECIPES[name]


@settings(max_examples=80)
@given(
    title=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    value=st.floats(0.2, 5),
    corner=st.floats(0, 0.4),
)
def test_toml_round_trip_of_any_text_and_number(title: str, value: float, corner: float) -> None:
    corners = [[corner, 0.0], [1.0, corner], [1.0, 1.0], [0.0, 1.0]]
    recipe = make_recipe(
        "own", title, title, [("gamma", {"value": value}), ("perspective", {"corners": corners})]
    )
    assert load_recipe(recipe_toml(recipe)) == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not toml", "cannot be read"),
        ("none.toml", "cannot be read"),
        ('name = "a"\ntitle = "b"', "purpose must be a text"),
        ('name = ""\ntitle = "b"\npurpose = "c"', "name must be a text"),
        ('name = "a"\ntitle = "b"\npurpose = "c"\ncolour = 1', "unknown field 'colour'; a recipe has name"),
        ('name = "a"\ntitle = "b"\npurpose = "c"\nsteps = 3', "steps must be tables"),
        ('name = "a"\ntitle = "b"\npurpose = "c"\n[[steps]]\nscale = 1', "step 1: expected step"),
        (
            'name = "a"\ntitle = "b"\npurpose = "c"\n[[steps]]\nstep = "magic"',
            r"recipe 'a', step 1: there is no step 'magic'; the steps are: .*even_light",
        ),
        (
            'name = "a"\ntitle = "b"\npurpose = "c"\n[[steps]]\nstep = "median"\nwidth = 3',
            "recipe 'a', step 1: step 'median' has no parameter 'width'; it has: size",
        ),
        (
            'name = "a"\ntitle = "b"\npurpose = "c"\n[[steps]]\nstep = "gamma"\nvalue = 9',
            "'gamma', parameter 'value': expected 0.2 to 5 exponent, got 9",
        ),
        (
            'name = "a"\ntitle = "b"\npurpose = "c"\n[[steps]]\nstep = "gamma"\nvalue = "2"',
            "expected a number from 0.2 to 5 exponent, got '2'",
        ),
    ],
)
def test_wrong_recipes_say_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe(text)


def test_mapping_through_several_steps() -> None:
    recipe = make_recipe("g", "g", "g.", [("rotate", {"degrees": 90}), ("gamma", {}), ("mirror", {})])
    image = np.zeros((20, 30), np.float32)
    image[4, 7] = 1
    result, _ = run_recipe(recipe, image)
    matrix, shape = recipe_mapping(recipe, image.shape)
    assert shape == result.shape
    x, y, _one = matrix @ (7, 4, 1)
    assert result[round(y), round(x)] == 1


def test_the_page_for_users_names_every_step_and_recipe() -> None:
    page = (Path(__file__).parents[3] / "docs" / "enhancement.md").read_text(encoding="utf-8")
    for name in (*STEPS, *RECIPES):
        assert f"| `{name}` |" in page
    example = page.split("```toml\n")[1].split("```")[0]
    assert run_recipe(load_recipe(example), picture())[1][1].parameters["strength"] == 0.2


def test_fitted_sizes_follow_the_character() -> None:
    recipe = RECIPES["fine_relief"]
    assert fitted(recipe, 8.0, (100, 400)).steps[0].parameters == recipe.steps[0].parameters
    doubled = fitted(recipe, 32.0, (200, 400, 3))
    assert doubled.steps[0].parameters["scale"] == 2 * recipe.steps[0].parameters["scale"]
    assert doubled.steps[1].parameters["strength"] == recipe.steps[1].parameters["strength"]
    assert fitted(recipe, 5000.0, (200, 400)).steps[0].parameters["scale"] == 20
    assert isinstance(doubled, Recipe)
    with pytest.raises(ValueError, match="above 0"):
        fitted(recipe, 0.0, (10, 10))
