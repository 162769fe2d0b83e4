"""The later steps against analytic pictures: light, noise, blur, ridges, colour and curved surfaces."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.enhance import STEPS
from pipelines.enhance.blur import richardson_lucy, unsharp
from pipelines.enhance.colour import false_colour
from pipelines.enhance.contrast import invert
from pipelines.enhance.curved import SOURCES, unroll_barrel, unroll_circle
from pipelines.enhance.geometry import region
from pipelines.enhance.light import retinex, rolling_ball
from pipelines.enhance.noise import guided, total_variation, wavelets
from pipelines.enhance.recipe import make_recipe, recipe_mapping, run_recipe, to_original
from pipelines.enhance.strokes import ridges
from pipelines.errors import RecipeError
from pipelines.types import Image


def flat(value: float, shape: tuple[int, ...] = (96, 128)) -> Image:
    return np.full(shape, value, np.float32)


def stroke(contrast: float, base: float = 0.5, width: int = 4, shape: tuple[int, int] = (200, 240)) -> Image:
    """A vertical bar in the middle, half as high as the picture."""
    picture = flat(base, shape)
    middle = shape[1] // 2
    picture[shape[0] // 4 : 3 * shape[0] // 4, middle - width // 2 : middle + width // 2] += contrast
    return picture


# --- 16 bits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step.group != "geometry"])
def test_shades_finer_than_eight_bits_are_not_lost(name: str) -> None:
    """A soft texture of some thousand shades within 12 of the 256 that eight bits have."""
    texture = cv2.GaussianBlur(np.random.default_rng(6).normal(0, 1, (60, 80)), (0, 0), 2)
    deep = np.round((0.40 + 0.045 * (texture - texture.min()) / np.ptp(texture)) * 65535).astype(np.uint16)
    wide = {"radius": 30.0} if name == "rolling_ball" else {}
    result = STEPS[name].run(np.divide(deep, np.float32(65535), dtype=np.float32), **wide)
    shades = result if result.ndim == 2 else result[..., 1]
    assert len(np.unique(np.round(shades * 65535))) > 60


# --- light ---------------------------------------------------------------------------------------------


def test_retinex_shows_the_same_ratio_alike_in_shade_and_light() -> None:
    light = np.linspace(0.25, 0.9, 600, dtype=np.float32)
    surface = flat(1.0, (300, 600))
    for x in (150, 450):
        surface[100:200, x - 3 : x + 3] = 0.8
    result = retinex(surface * light)
    dips = [float(result[150, x - 60] - result[150, x]) for x in (150, 450)]
    assert dips[0] == pytest.approx(dips[1], rel=0.25)
    assert min(dips) > 0.03


@pytest.mark.parametrize(("marks", "contrast"), [("bright", 0.2), ("dark", -0.2)])
def test_a_ball_keeps_marks_of_one_sign_and_takes_a_ramp_out(marks: str, contrast: float) -> None:
    ramp = np.linspace(0.3, 0.6, 400, dtype=np.float32)
    picture = np.broadcast_to(ramp, (300, 400)).copy()
    picture[120:180, 198:202] += np.float32(contrast)
    result = rolling_ball(picture, marks=marks)
    assert result[150, 200] - 0.5 == pytest.approx(contrast, abs=0.05)
    assert np.ptp(result[20:100, 60:340]) < 0.1


# --- noise and blur ------------------------------------------------------------------------------------


def test_wavelets_take_out_white_noise_of_their_strength_scale_by_scale() -> None:
    rng = np.random.default_rng(2)
    picture = np.clip(rng.normal(0.5, 0.02, (200, 200)), 0, 1).astype(np.float32)
    left = [wavelets(picture, strength=0.02, scales=float(scales), cut=3.0).std() for scales in (1, 2, 3)]
    assert left[0] > left[1] > left[2]
    assert left[2] < 0.2 * picture.std()
    np.testing.assert_array_equal(wavelets(flat(0.3)), flat(0.3))


@pytest.mark.parametrize("step", [guided, wavelets, total_variation])
@given(value=st.floats(0, 1), shift=st.floats(-0.2, 0.2))
@settings(max_examples=15)
def test_smoothing_follows_a_shift_of_brightness(step: Any, value: float, shift: float) -> None:
    rng = np.random.default_rng(int(value * 1000))
    picture = rng.uniform(0.3, 0.7, (24, 30)).astype(np.float32)
    moved = step(picture + np.float32(shift))
    np.testing.assert_allclose(moved, step(picture) + np.float32(shift), atol=1e-4)


@pytest.mark.parametrize("step", [guided, wavelets, unsharp, ridges, retinex])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_picture_gives_the_turned_result(step: Any, turn: int) -> None:
    picture = np.random.default_rng(4).uniform(0.2, 0.8, (60, 60)).astype(np.float32)
    result = step(np.ascontiguousarray(np.rot90(picture, turn)))
    np.testing.assert_allclose(result, np.rot90(step(picture), turn), atol=2e-4)


def test_richardson_lucy_undoes_the_blur_it_is_told_and_keeps_brightness() -> None:
    sharp = stroke(0.3, 0.3, 6)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 2.0)
    result = richardson_lucy(blurred, radius=2.0, rounds=20.0)
    assert np.abs(result - sharp).mean() < 0.8 * np.abs(blurred - sharp).mean()
    assert result.mean() == pytest.approx(blurred.mean(), rel=0.01)


# --- ridges and colour ---------------------------------------------------------------------------------


def test_ridges_by_polarity_and_direction() -> None:
    bright, dark = stroke(0.2), stroke(-0.2)
    assert ridges(bright, width=2.0, polarity="bright")[100, 120] > 0.6
    assert ridges(dark, width=2.0, polarity="dark")[100, 120] < 0.4
    assert ridges(dark, width=2.0, polarity="bright")[100, 120] == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(ridges(invert(bright)), 1 - ridges(bright), atol=1e-4)
    seen = []
    for degrees in (0, 17, 45, 90, 123):
        picture = flat(0.5, (201, 201))
        ends = np.radians(degrees)
        points = [(round(100 + s * 60 * np.cos(ends)), round(100 + s * 60 * np.sin(ends))) for s in (-1, 1)]
        cv2.line(picture, points[0], points[1], 0.6, 4, cv2.LINE_AA)
        seen.append(float(ridges(picture, width=2.0)[100, 100]))
    assert min(seen) > 0.55 and max(seen) - min(seen) < 0.05


def test_false_colour_keeps_the_order_of_brightness() -> None:
    ramp = np.linspace(0, 1, 500, dtype=np.float32)[np.newaxis]
    for scale in ("viridis", "cividis"):
        shown = cv2.cvtColor(false_colour(ramp, scale=scale), cv2.COLOR_RGB2LAB)[0, :, 0]
        assert np.diff(shown).min() > -0.5 and shown[-1] > shown[0] + 50
    assert false_colour(ramp)[0, :, 1].tolist() != false_colour(ramp, scale="turbo")[0, :, 1].tolist()


# --- geometry ------------------------------------------------------------------------------------------


def test_a_region_is_cut_out_to_the_pixel() -> None:
    picture = np.random.default_rng(1).uniform(0, 1, (40, 60, 3)).astype(np.float32)
    np.testing.assert_array_equal(region(picture, left=0.5, top=0.25), picture[10:, 30:])
    np.testing.assert_array_equal(region(picture), picture)
    assert region(picture, left=0.999, right=1.0, top=0.0, bottom=0.001).shape == (1, 1, 3)
    with pytest.raises(RecipeError, match="right must be above left"):
        region(picture, left=0.5, right=0.5)


def dot(x: float, y: float, shape: tuple[int, int] = (300, 400)) -> Image:
    down, across = np.mgrid[: shape[0], : shape[1]]
    return (0.5 + 0.5 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / 18)).astype(np.float32)


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ([("unroll_circle", {})], (200 + 105 * np.cos(0.4), 150 + 105 * np.sin(0.4))),
        ([("unroll_circle", {"feet": "outwards", "start": 10.0})], (200, 150 - 100)),
        ([("unroll_barrel", {"corners": [[0.1, 0.1], [0.9, 0.15], [0.92, 0.8], [0.08, 0.9]]})], (170, 120)),
        ([("unroll_barrel", {})], (100, 250)),
        (
            [
                ("region", {"left": 0.1, "top": 0.1}),
                ("rotate", {"degrees": 20.0}),
                ("gamma", {"value": 1.0}),
                ("unroll_barrel", {}),
                ("mirror", {}),
            ],
            (220, 160),
        ),
    ],
)
def test_every_pixel_knows_where_it_came_from(steps: list[Any], place: tuple[float, float]) -> None:
    recipe = make_recipe("own", "Own", "For a test.", steps)
    picture = dot(*place)
    result, _ = run_recipe(recipe, picture)
    row, column = np.unravel_index(int(result.argmax()), result.shape)
    found = to_original(recipe, picture.shape, np.array([[column, row]], np.float64))
    np.testing.assert_allclose(found[0], place, atol=1.5)
    with pytest.raises(RecipeError, match="no homography"):
        recipe_mapping(recipe, picture.shape)


def test_to_original_agrees_with_the_homography_where_there_is_one() -> None:
    recipe = make_recipe("own", "Own", "For a test.", [("rotate", {"degrees": 33.0}), ("mirror", {})])
    matrix, _ = recipe_mapping(recipe, (80, 120))
    points = np.array([[3.0, 4.0], [50.0, 20.0]])
    there = np.column_stack([points, np.ones(2)]) @ matrix.T
    np.testing.assert_allclose(to_original(recipe, (80, 120), there[:, :2] / there[:, 2:]), points, atol=1e-9)


def test_a_circle_unrolls_to_a_straight_line_and_equal_steps_to_equal_steps() -> None:
    picture = flat(0.0, (400, 400))
    cv2.circle(picture, (200, 200), 140, 1.0, 3, cv2.LINE_AA)
    strip = unroll_circle(picture, x=200 / 399, y=200 / 399, inner=25.0, outer=45.0)
    rows = (strip * np.arange(80)[:, np.newaxis]).sum(axis=0) / strip.sum(axis=0)
    np.testing.assert_allclose(rows, 39.5, atol=0.6)
    assert strip.shape == (80, round(2 * np.pi * 140))
    ticks = flat(0.0, (400, 400))
    for angle in np.radians(np.arange(0, 360, 30)):
        ends = [(round(200 + r * np.cos(angle)), round(200 + r * np.sin(angle))) for r in (100, 180)]
        cv2.line(ticks, ends[0], ends[1], 1.0, 3, cv2.LINE_AA)
    line = unroll_circle(ticks, x=200 / 399, y=200 / 399, inner=25.0, outer=45.0, start=15.0)[40]
    centres = [
        run.mean()
        for run in np.split(
            np.flatnonzero(line > 0.5), np.flatnonzero(np.diff(np.flatnonzero(line > 0.5)) > 3) + 1
        )
    ]
    assert len(centres) == 12
    np.testing.assert_allclose(np.diff(centres), strip.shape[1] / 12, atol=2)
    with pytest.raises(RecipeError, match="outer must be above inner"):
        unroll_circle(picture, inner=40.0, outer=30.0)


def test_a_barrel_lies_flat_with_equal_steps_round_it() -> None:
    """Lines along the axis, 10 degrees apart on a cylinder of radius 100 seen from far away."""
    picture = flat(0.0, (240, 300))
    for angle in range(-60, 61, 10):
        y = round(120 + 100 * np.sin(np.radians(angle)))
        picture[y] = 1
    corners = [[0.0, 20 / 239], [1.0, 20 / 239], [1.0, 220 / 239], [0.0, 220 / 239]]
    column = unroll_barrel(picture, corners=corners)[:, 150]
    bright = np.flatnonzero(column > 0.3)
    centres = [run.mean() for run in np.split(bright, np.flatnonzero(np.diff(bright) > 2) + 1)]
    assert len(centres) == 13
    np.testing.assert_allclose(np.diff(centres), 100 * np.radians(10), atol=1.6)


def test_what_bends_lines_is_in_the_family_that_says_where_pixels_came_from() -> None:
    assert set(SOURCES) == {"unroll_circle", "unroll_barrel"}
    with pytest.raises(RecipeError, match="a side has at most"):
        unroll_circle(flat(0.5, (12000, 12000)), inner=50.0, outer=150.0)
