"""Photometric stereo and what is made of it, on surfaces whose slopes are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import LightsError
from pipelines.fuse import FUSIONS
from pipelines.fuse.relief import mean_curvature, relit, slope_degrees
from pipelines.fuse.stereo import linear, relief
from pipelines.photographs.lights import LightDirection, towards
from tests.pipelines.fuse.stacks import stack_of

LIGHTS = {i: LightDirection(azimuth, 45) for i, azimuth in enumerate((0, 60, 120, 180, 240, 300))}
RADIUS = 60.0


def stored(light: np.ndarray) -> np.ndarray:
    """Linear light as an sRGB photograph stores it."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def sphere() -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (x right, y down, z to the camera) of a bulge of RADIUS pixels, and where it is less than
    35° steep."""
    y, x = np.mgrid[-50:51, -50:51] / RADIUS
    z = np.sqrt(np.maximum(1 - x * x - y * y, 0.05))
    normals = np.dstack([x, y, z])
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    return normals, normals[..., 2] > np.cos(np.radians(35))


def lit(normals: np.ndarray, albedo: float, lights=LIGHTS) -> list[np.ndarray]:
    return [stored(albedo * np.clip(normals @ towards(light), 0, 1)) for light in lights.values()]


@pytest.mark.parametrize("robust", [False, True])
def test_the_normals_and_albedo_of_a_sphere_are_found(robust):
    normals, gentle = sphere()
    stack = stack_of(lit(normals, 0.6), lights=LIGHTS)
    found = relief(stack, where="common", surface="as_taken", robust=robust)
    angle = np.degrees(np.arccos(np.clip((found.normals * normals).sum(axis=2), -1, 1)))
    assert angle[gentle].max() < 0.2
    assert found.albedo[gentle] == pytest.approx(0.6, abs=0.01)
    assert sum(found.weights.values()) == pytest.approx(1)


def test_reflections_of_single_lamps_are_left_out():
    normals, gentle = sphere()
    images = lit(normals, 0.5)
    for number, image in enumerate(images):
        image[10 + 12 * number : 18 + 12 * number, 30:70] = 1.0
    found = relief(stack_of(images, lights=LIGHTS), where="common", surface="as_taken", robust=True)
    angle = np.degrees(np.arccos(np.clip((found.normals * normals).sum(axis=2), -1, 1)))
    assert angle[gentle].max() < 0.5


def test_slope_and_curvature_are_those_of_the_sphere():
    normals, gentle = sphere()
    assert slope_degrees(normals.astype(np.float32))[50, 50] == pytest.approx(0)
    assert slope_degrees(normals.astype(np.float32))[50, 80] == pytest.approx(30, abs=0.1)
    inner = (
        gentle
        & np.roll(gentle, 3, 0)
        & np.roll(gentle, -3, 0)
        & np.roll(gentle, 3, 1)
        & np.roll(gentle, -3, 1)
    )
    assert mean_curvature(normals.astype(np.float32))[inner] == pytest.approx(1 / RADIUS, rel=0.03)


def test_pictures_of_relief_say_what_their_words_say():
    normals, gentle = sphere()
    stack = stack_of(lit(normals, 0.5), lights=LIGHTS)
    colours = FUSIONS["normals"].run(stack, surface="as_taken").image
    right, top = colours[50, 70], colours[30, 50]
    assert right[0] > 0.6 and abs(right[1] - 0.5) < 0.01
    assert top[1] > 0.6 and abs(top[0] - 0.5) < 0.01
    ridge = FUSIONS["curvature"].run(stack, surface="as_taken", gain=8).image
    assert ridge[gentle].min() > 0.5


@settings(max_examples=20)
@given(st.floats(0, 359), st.floats(10, 80))
def test_the_lit_side_faces_the_lamp_wherever_it_stands(azimuth, elevation):
    normals, _gentle = sphere()
    found = relief(
        stack_of(lit(normals, 0.5), lights=LIGHTS), where="common", surface="as_taken", robust=False
    )
    view = relit(found, LightDirection(azimuth, elevation))
    x, y = np.sin(np.radians(azimuth)), -np.cos(np.radians(azimuth))
    near, far = (view[int(50 + s * 25 * y), int(50 + s * 25 * x)] for s in (1, -1))
    assert near > far
    assert np.isfinite(view).all() and 0 <= view.min() <= view.max() <= 1


def test_level_metal_under_a_lamp_of_45_degrees_is_mid_grey():
    level = np.dstack([np.zeros((40, 40)), np.zeros((40, 40)), np.ones((40, 40))])
    stack = stack_of(lit(level, 0.3), lights=LIGHTS)
    view = FUSIONS["relight"].run(stack, surface="as_taken", azimuth=10, elevation=45).image
    assert view == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    "lights",
    [
        {},
        {0: LightDirection(0, 45), 1: LightDirection(90, 45)},
        {i: LightDirection(a, e) for i, (a, e) in enumerate(((0, 30), (0, 60), (180, 40)))},
    ],
    ids=["none", "two", "in one plane"],
)
def test_lights_that_tell_no_slope_are_refused(lights):
    normals, _ = sphere()
    with pytest.raises(LightsError):
        FUSIONS["normals"].run(stack_of(lit(normals, 0.5)[:3], lights=lights))


def test_linear_light_is_the_inverse_of_what_is_stored():
    light = np.linspace(0, 1, 50)
    assert linear(stored(light).astype(np.float32)) == pytest.approx(light, abs=1e-5)
