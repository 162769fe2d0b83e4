"""What each family of steps is for, against analytic pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from pipelines.enhance import STEPS
from pipelines.enhance.blur import unsharp
from pipelines.enhance.colour import channel, decorrelation_stretch
from pipelines.enhance.contrast import clahe, gamma, invert, levels, local_contrast, stretch
from pipelines.enhance.geometry import MAPPINGS, WHOLE, mirror, perspective, rotate, step_mapping
from pipelines.enhance.grinding import grinding_lines, line_direction
from pipelines.enhance.light import even_light, retinex
from pipelines.enhance.noise import guided, median, non_local_means, total_variation, wavelets
from pipelines.enhance.strokes import band_pass, oriented_strokes, ridges
from pipelines.errors import RecipeError
from pipelines.types import Image


def flat(value: float, shape: tuple[int, ...] = (96, 128)) -> Image:
    return np.full(shape, value, np.float32)


def noise(seed: int, shape: tuple[int, ...] = (96, 128), deviation: float = 0.03) -> Image:
    return np.clip(np.random.default_rng(seed).normal(0.5, deviation, shape), 0, 1).astype(np.float32)


def stroke(contrast: float, base: float = 0.5, width: int = 4, shape: tuple[int, int] = (200, 240)) -> Image:
    """A vertical bar in the middle, half as high as the picture."""
    picture = flat(base, shape)
    middle = shape[1] // 2
    picture[shape[0] // 4 : 3 * shape[0] // 4, middle - width // 2 : middle + width // 2] += contrast
    return picture


def grating(degrees: float, period: float, amplitude: float, shape: tuple[int, int] = (240, 300)) -> Image:
    """Lines along `degrees`, clockwise from the rows."""
    down, across = np.mgrid[: shape[0], : shape[1]]
    turn = np.radians(degrees)
    aside = down * np.cos(turn) - across * np.sin(turn)
    return (0.5 + amplitude * np.sin(2 * np.pi * aside / period)).astype(np.float32)


def scratches(degrees: float, seed: int = 0, shape: tuple[int, int] = (240, 300)) -> Image:
    """Lines of every depth and width along `degrees`, as a grinder leaves them."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[: shape[0], : shape[1]]
    turn = np.radians(degrees)
    aside = down * np.cos(turn) - across * np.sin(turn)
    profile = rng.normal(0, 0.08, 2000)
    return np.clip(0.5 + np.interp(aside + 800, np.arange(2000), profile), 0, 1).astype(np.float32)


# --- light ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [even_light, retinex])
def test_a_ramp_of_light_is_flattened(step: Any) -> None:
    ramp = np.broadcast_to(np.linspace(0.3, 0.7, 400, dtype=np.float32), (300, 400)).copy()
    result = step(ramp)
    inner = result[:, 100:-100]
    assert np.ptp(inner) < 0.35 * np.ptp(ramp[:, 100:-100])
    np.testing.assert_allclose(even_light(ramp)[:, 100:-100], 0.5, atol=0.01)


def test_a_strokes_contrast_is_the_same_in_shade_and_light() -> None:
    light = np.linspace(0.2, 0.9, 600, dtype=np.float32)
    surface = flat(1.0, (300, 600))
    for x in (150, 450):
        surface[100:200, x - 3 : x + 3] = 0.8
    result = even_light(surface * light)
    dips = [float(result[150, x - 40] - result[150, x]) for x in (150, 450)]
    assert dips[0] == pytest.approx(dips[1], abs=0.01)
    assert dips[0] == pytest.approx(0.1, abs=0.02)


def test_colour_of_the_light_is_evened_only_when_asked() -> None:
    tinted = flat(0.5, (60, 60, 3)) * np.array([1.2, 1.0, 0.6], np.float32)
    assert np.ptp(even_light(tinted)[30, 30]) > 0.2
    np.testing.assert_allclose(even_light(tinted, colour="even"), 0.5, atol=1e-4)


# --- strokes survive -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        even_light,
        retinex,
        clahe,
        local_contrast,
        stretch,
        median,
        guided,
        wavelets,
        total_variation,
        non_local_means,
        unsharp,
        grinding_lines,
        oriented_strokes,
        band_pass,
        ridges,
        gamma,
        levels,
    ],
)
@pytest.mark.parametrize("contrast", [0.2, -0.2])
def test_a_single_stroke_survives_with_its_polarity(step: Any, contrast: float) -> None:
    result = step(stroke(contrast))
    seen = float(result[80:120, 119:121].mean() - result[80:120, 20:40].mean())
    assert np.sign(seen) == np.sign(contrast)
    assert abs(seen) > 0.08


def test_oriented_strokes_answer_alike_in_every_direction() -> None:
    seen = []
    for degrees in (0, 17, 45, 90, 123):
        picture = flat(0.5, (201, 201))
        turn = np.radians(degrees)
        ends = [(round(100 + s * 60 * np.cos(turn)), round(100 + s * 60 * np.sin(turn))) for s in (-1, 1)]
        cv2.line(picture, ends[0], ends[1], 0.6, 4, cv2.LINE_AA)
        seen.append(float(oriented_strokes(picture, width=2.0, keep=0.0)[100, 100]))
    assert min(seen) > 0.58
    assert max(seen) - min(seen) < 0.05


def test_oriented_strokes_by_polarity() -> None:
    bright, dark = stroke(0.1), stroke(-0.1)
    assert oriented_strokes(dark, polarity="bright", keep=0.0)[100, 120] == pytest.approx(0.5, abs=0.02)
    assert oriented_strokes(dark, width=2.0, polarity="dark", keep=0.0)[100, 120] < 0.42
    assert oriented_strokes(bright, width=2.0, polarity="bright", keep=0.0)[100, 120] > 0.58
    both = oriented_strokes(bright, keep=0.0)
    np.testing.assert_allclose(1 - both, oriented_strokes(1 - bright, keep=0.0), atol=1e-5)


def test_strokes_do_not_depend_on_resolution() -> None:
    small = stroke(0.2, width=4)
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    for step in (oriented_strokes, band_pass, even_light, local_contrast):
        shrunk = cv2.resize(step(large), small.shape[::-1], interpolation=cv2.INTER_AREA)
        stepped = step(small)
        # The stroke fills little of the picture: what differs is held against what the step shows of it.
        assert np.abs(shrunk - stepped).mean() < 0.3 * np.abs(stepped - np.median(stepped)).mean()


# --- grinding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [0, 12.5, 45, 77, 90, 133, 178])
@pytest.mark.parametrize("period", [4.0, 7.3])
def test_direction_of_a_grating_is_found(degrees: float, period: float) -> None:
    lines = line_direction(grating(degrees, period, 0.2) + noise(2, (240, 300), 0.02) - np.float32(0.5))
    off = abs((lines.degrees - degrees + 90) % 180 - 90)
    assert off < 1.0
    assert lines.share > 0.1


@pytest.mark.parametrize("degrees", [3, 60, 101])
def test_direction_of_scratches_is_found_under_strokes(degrees: float) -> None:
    picture = scratches(degrees)
    mark = np.zeros(picture.shape, np.uint8)
    cv2.putText(mark, "4718", (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 8)
    picture[mark > 0] = 0.3
    lines = line_direction(picture)
    assert abs((lines.degrees - degrees + 90) % 180 - 90) < 1.0
    assert lines.share > 0.2


def test_no_lines_no_share() -> None:
    assert line_direction(noise(3, (240, 300))).share < 0.02
    assert line_direction(flat(0.4)).share == 0
    assert line_direction(flat(0.4, (3, 3))).share == 0


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_notch_removes_a_grating_and_keeps_a_stroke_across_it(degrees: float) -> None:
    lines = grating(degrees, 6, 0.1)
    turn = np.radians(degrees + 90)
    ends = [(round(150 + s * 50 * np.cos(turn)), round(120 + s * 50 * np.sin(turn))) for s in (-1, 1)]
    mark = np.zeros_like(lines)
    cv2.line(mark, ends[0], ends[1], -0.3, 8)
    cleaned = grinding_lines(lines + mark)
    away = cv2.dilate(np.abs(mark), np.ones((25, 25))) == 0
    away[:16] = away[-16:] = False
    away[:, :16] = away[:, -16:] = False
    assert cleaned[away].std() < 0.25 * lines[away].std()
    on = cv2.erode((mark < 0).astype(np.uint8), np.ones((3, 3))) > 0
    assert cleaned[away].mean() - cleaned[on].mean() > 0.24


def test_notch_leaves_a_picture_without_lines_alone() -> None:
    picture = noise(8, (240, 300), 0.05)
    assert np.abs(grinding_lines(picture) - picture).std() < 0.25 * picture.std()


def test_notch_takes_a_given_direction() -> None:
    lines = grating(40, 6, 0.1)
    right = grinding_lines(lines, find=False, direction=40.0)[20:-20, 20:-20]
    wrong = grinding_lines(lines, find=False, direction=100.0)[20:-20, 20:-20]
    assert right.std() < 0.3 * wrong.std()


# --- noise and contrast --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [median, guided, wavelets, total_variation, non_local_means])
def test_noise_is_less_and_edges_stay(step: Any) -> None:
    picture = noise(9, (120, 160), 0.02)
    picture[:, 80:] += np.float32(0.3)
    result = step(picture)
    assert result[:, :70].std() < 0.6 * picture[:, :70].std()
    assert result[:, 83].mean() - result[:, 76].mean() > 0.27


def test_median_takes_out_single_pixels() -> None:
    picture = flat(0.5)
    picture[10, 10], picture[20, 30] = 1, 0
    np.testing.assert_array_equal(median(picture), flat(0.5))


def test_unsharp_stays_within_its_limit() -> None:
    picture = stroke(0.5, 0.25)
    assert np.abs(unsharp(picture, amount=5.0, most=0.1) - picture).max() <= 0.1 + 1e-6


def test_clahe_raises_faint_contrast_up_to_its_limit() -> None:
    picture = noise(10, (240, 320), 0.01)
    raised = clahe(picture, limit=3.0)
    assert 1.5 * picture.std() < raised.std() <= 3.1 * picture.std()
    np.testing.assert_allclose(clahe(picture, limit=1.0), picture, atol=0.01)


def test_clahe_has_no_seams_between_tiles() -> None:
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, 320, dtype=np.float32), (240, 320)).copy()
    result = clahe(ramp)
    assert np.diff(result, axis=1).max() < 3 * np.diff(ramp, axis=1).max()
    assert np.abs(np.diff(result, axis=0)).max() < 1e-5


def test_local_contrast_evens_out_strong_and_faint() -> None:
    picture = flat(0.5, (200, 400))
    for left, contrast in ((100, 0.3), (300, 0.06)):
        picture[60:140, left - 2 : left + 2] += np.float32(contrast)
    result = local_contrast(picture, floor=0.005)
    strong, faint = (float(result[100, x] - 0.5) for x in (100, 300))
    assert faint > 0.5 * strong > 0.1


def test_levels_gamma_invert_are_what_they_say() -> None:
    ramp = np.linspace(0, 1, 11, dtype=np.float32)[np.newaxis]
    np.testing.assert_allclose(levels(ramp, black=0.2, white=0.7)[0, [2, 7]], [0, 1], atol=1e-6)
    np.testing.assert_allclose(gamma(ramp, value=2.0), ramp**2, atol=1e-6)
    np.testing.assert_allclose(invert(invert(ramp)), ramp, atol=1e-6)
    with pytest.raises(RecipeError, match="white must be above black"):
        levels(ramp, black=0.5, white=0.5)


def test_stretch_puts_the_median_in_the_middle() -> None:
    picture = noise(11, (100, 100), 0.02) * np.float32(0.5)
    result = stretch(picture)
    assert np.median(result) == pytest.approx(0.5, abs=1e-3)
    assert result.std() == pytest.approx(4 * picture.std(), rel=0.02)


# --- colour --------------------------------------------------------------------------------------------


def test_channels() -> None:
    picture = noise(12, (20, 30, 3), 0.2)
    for index, which in enumerate(("red", "green", "blue")):
        np.testing.assert_array_equal(channel(picture, which=which), picture[..., index])
    np.testing.assert_array_equal(channel(picture, which="lightest"), picture.max(axis=2))
    np.testing.assert_array_equal(channel(picture, which="darkest"), picture.min(axis=2))
    neutral = flat(0.5, (4, 4, 3))
    for which in ("green_red", "blue_yellow"):
        np.testing.assert_allclose(channel(neutral, which=which), 0.5, atol=1e-3)
    assert channel(neutral, which="saturation").max() == 0


def test_decorrelation_brings_out_a_hue_hidden_in_brightness() -> None:
    texture = noise(13, (80, 80), 0.1)
    picture = np.repeat(texture[..., np.newaxis], 3, axis=2)
    picture[30:50, 30:50, 0] += np.float32(0.01)
    result = decorrelation_stretch(picture)[..., 0]
    assert abs(result[30:50, 30:50].mean() - result[:20].mean()) > 0.08
    mixed = decorrelation_stretch(noise(14, (60, 60, 3), 0.05), most=50.0)
    spread = np.cov(mixed.reshape(-1, 3).T)
    np.testing.assert_allclose(spread, np.eye(3) * 0.16**2, atol=2e-3)


@pytest.mark.parametrize("name", ["channel", "decorrelation_stretch"])
def test_grey_has_no_colour_to_work_on(name: str) -> None:
    picture = noise(15)
    np.testing.assert_array_equal(STEPS[name].run(picture), picture)


# --- geometry ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("mirror", {"axis": "left_right"}),
        ("mirror", {"axis": "top_bottom"}),
        ("rotate", {"degrees": 90.0}),
        ("rotate", {"degrees": -90.0}),
        ("rotate", {"degrees": 180.0}),
        ("rotate", {"degrees": 30.0}),
        ("rotate", {"degrees": -101.0}),
        ("perspective", {"corners": ((0.1, 0.05), (0.9, 0.1), (0.95, 0.9), (0.02, 0.97))}),
    ],
)
def test_mapping_says_where_a_point_goes(name: str, parameters: dict[str, Any]) -> None:
    picture = flat(0.5, (80, 120))
    x, y = 70, 30
    picture[y - 1 : y + 2, x - 1 : x + 2] = 1
    result = STEPS[name].run(picture, **parameters)
    matrix, shape = step_mapping(name, parameters, (80, 120))
    assert result.shape == shape
    column, row, scale = matrix @ (x, y, 1)
    weights = np.maximum(result - 0.55, 0)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    assert (weights * columns).sum() / weights.sum() == pytest.approx(column / scale, abs=0.15)
    assert (weights * rows).sum() / weights.sum() == pytest.approx(row / scale, abs=0.15)
    assert name in MAPPINGS


def test_right_angles_change_no_pixel() -> None:
    picture = noise(16, (20, 31, 3), 0.2)
    np.testing.assert_array_equal(rotate(picture, degrees=90.0), np.rot90(picture, -1))
    np.testing.assert_array_equal(rotate(rotate(picture, degrees=270.0), degrees=90.0), picture)
    np.testing.assert_array_equal(mirror(mirror(picture)), picture)
    np.testing.assert_array_equal(perspective(picture), picture)
    assert step_mapping("median", {}, (3, 4))[1] == (3, 4)


def test_clockwise_is_clockwise_and_nothing_is_cut() -> None:
    picture = flat(0.5, (101, 101))
    picture[10:14, 45:56] = 1
    result = rotate(picture, degrees=45.0)
    rows, columns = np.nonzero(result > 0.8)
    assert rows.mean() < result.shape[0] / 2 and columns.mean() > result.shape[1] / 2
    corners = flat(1.0, (40, 70))
    assert (rotate(corners, degrees=20.0) > 0.9).sum() == pytest.approx(40 * 70, rel=0.03)


def test_perspective_makes_a_square_of_a_slanted_one() -> None:
    board = (np.indices((160, 160)) // 20).sum(axis=0) % 2 * 0.6 + 0.2
    seen_at = np.array([[30, 20], [210, 45], [190, 220], [15, 180]], np.float32)
    there = cv2.getPerspectiveTransform(
        np.array([[0, 0], [159, 0], [159, 159], [0, 159]], np.float32), seen_at
    )
    photograph = cv2.warpPerspective(board.astype(np.float32), there, (240, 240), borderValue=0.5)
    corners = [[float(x) / 239, float(y) / 239] for x, y in seen_at]
    back = cv2.resize(perspective(photograph, corners=corners), (160, 160), interpolation=cv2.INTER_AREA)
    assert np.abs(back - board)[5:-5, 5:-5].mean() < 0.06


@pytest.mark.parametrize(
    "corners",
    [
        [[0, 0], [1, 1], [1, 0], [0, 1]],
        [[0, 0], [0, 1], [1, 1], [1, 0]],
        [[0, 0], [0, 0], [1, 1], [0, 1]],
        [[0, 0], [1, 0], [1, 1.5], [0, 1]],
        [[0, 0], [1, 0], [1, 1]],
    ],
)
def test_corners_that_are_no_rectangle_are_refused(corners: list[list[float]]) -> None:
    with pytest.raises(RecipeError, match=r"perspective.*corners.*clockwise"):
        perspective(flat(0.5), corners=corners)
    assert len(WHOLE) == 4
