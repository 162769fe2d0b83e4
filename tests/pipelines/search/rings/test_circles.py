"""Lines struck round a circle: where the circle lies, the way to the strip and back, the reading."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.propose import propose_series
from pipelines.search.locators.general import Core
from pipelines.search.rings.arcs import mirrored
from pipelines.search.rings.bends import bent, refined
from pipelines.search.rings.circles import circles, covers, fitted
from pipelines.search.rings.unrolling import Unrolling
from pipelines.strip import overlap, turned
from pipelines.types import Arc, Proposal, as_quad

FONT, SCALE, THICKNESS = cv2.FONT_HERSHEY_DUPLEX, 2.6, 5
SIDE = 1000
CENTRE = np.array([SIDE / 2 + 12.0, SIDE / 2 - 20.0])


def ring(
    path: Path,
    text: str,
    radius: float = 300,
    middle: float = -90,
    feet_inwards: bool = True,
    squeezed: float = 1.0,
) -> np.ndarray:
    """Characters struck one by one round a circle on brushed metal, each as rigid as its die.

    `middle`: where on the circle the middle of the text stands, degrees clockwise from x. The picture is then
    squeezed from top to bottom, as a plate seen at an angle is. Returns the characters' quads, (N, 4, 2).
    """
    noise = np.random.default_rng(5).normal(0, 14, (SIDE, SIDE)).astype(np.float32)
    picture = np.clip(128 + cv2.blur(noise, (9, 1)) * 2, 0, 255).astype(np.float32)
    pitch = cv2.getTextSize("0", FONT, SCALE, THICKNESS)[0][0] * 1.12
    sense = 1 if feet_inwards else -1
    quads = []
    for i, character in enumerate(text):
        width, height = cv2.getTextSize(character, FONT, SCALE, THICKNESS)[0]
        angle = np.radians(middle) + sense * (i - (len(text) - 1) / 2) * pitch / radius
        die = np.full((height + 40, width + 40), 128, np.uint8)
        cv2.putText(die, character, (23, height + 23), FONT, SCALE, 215, THICKNESS, cv2.LINE_AA)
        cv2.putText(die, character, (20, height + 20), FONT, SCALE, 45, THICKNESS, cv2.LINE_AA)
        right = sense * np.array([-np.sin(angle), np.cos(angle)])
        axes = np.array([right, [-right[1], right[0]]]).T
        at = CENTRE + radius * np.array([np.cos(angle), np.sin(angle)])
        origin = at - axes @ (np.array([width, height]) / 2 + 20)
        matrix = np.column_stack([axes, origin])
        laid = cv2.warpAffine(die, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderValue=128)
        picture += laid.astype(np.float32) - 128
        corners = np.array([(20, 20), (20 + width, 20), (20 + width, 20 + height), (20, 20 + height)])
        quads.append(corners @ axes.T + origin)
    picture = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.8), 0, 255).astype(np.uint8)
    height = round(SIDE * squeezed)
    cv2.imwrite(str(path), cv2.resize(picture, (SIDE, height), interpolation=cv2.INTER_AREA))
    return np.array(quads) * (1, squeezed)


def proposal(path: Path, **given) -> Proposal:
    return propose_series([path], readers=["general"], **given)


def texts(made: Proposal) -> list[str]:
    return [line.best for line in made.lines]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("AK47312X", {}),
        ("AK47312X", {"feet_inwards": False, "middle": 90}),
        ("AK47312X", {"middle": 0}),  # across the angle 0, read downwards
        ("X826H4753", {"middle": 180, "radius": 250}),  # across the angle that atan2 jumps at
        ("X826H4753", {"squeezed": 0.85}),
    ],
    ids=["feet inwards", "feet outwards", "across 0", "across 180", "seen at an angle"],
)
def test_text_round_a_circle_is_read_and_its_boxes_follow_the_arc(tmp_path, text, given):
    quads = ring(tmp_path / "ring.png", text, **given)
    made = proposal(tmp_path / "ring.png")
    assert texts(made) == [text]
    (line,) = made.lines
    assert line.arc is not None
    for position, quad in zip(line.positions, quads, strict=True):
        assert overlap(position.box, as_quad(quad)) > 0.5
        # The corners begin at the character's own top left.
        assert np.linalg.norm(position.box[0] - quad[0]) < np.linalg.norm(quad[2] - quad[0]) / 2
    # Read clockwise where the feet point inwards.
    assert (line.arc.end > line.arc.start) == given.get("feet_inwards", True)
    if "squeezed" not in given:
        assert np.linalg.norm(np.array(line.arc.centre) - CENTRE) < 60
    assert Proposal.from_json(made.to_json()) == made


def test_the_quad_of_an_arc_holds_its_boxes(tmp_path):
    ring(tmp_path / "ring.png", "AK47312X")
    (line,) = proposal(tmp_path / "ring.png").lines
    outline = np.asarray(line.quad, np.float32)
    for x, y in (corner for position in line.positions for corner in position.box):
        assert cv2.pointPolygonTest(outline, (x, y), True) > -1.0
    a, b, _, d = outline
    # Clockwise, from the top left of a text that stands on top of the ring.
    assert b[0] > a[0] and d[1] > a[1]


def test_a_region_round_the_ring_and_one_beside_it(tmp_path):
    quads = ring(tmp_path / "ring.png", "AK47312X")
    x0, y0 = quads.reshape(-1, 2).min(axis=0) - 15
    x1, y1 = quads.reshape(-1, 2).max(axis=0) + 15
    assert texts(proposal(tmp_path / "ring.png", region=(x0, y0, x1, y1))) == ["AK47312X"]
    assert "A" not in "".join(texts(proposal(tmp_path / "ring.png", region=(300, 500, 700, 900))))


def test_a_series_of_a_ring_is_read_as_one(tmp_path):
    ring(tmp_path / "0.png", "AK47312X")
    picture = cv2.imread(str(tmp_path / "0.png"))
    moved = cv2.getRotationMatrix2D((500, 500), 8, 0.96)
    cv2.imwrite(str(tmp_path / "1.png"), cv2.warpAffine(picture, moved, (SIDE, SIDE), borderValue=(128,) * 3))
    made = propose_series([tmp_path / "0.png", tmp_path / "1.png"], readers=["general"])
    assert texts(made) == ["AK47312X"]
    assert [photo.aligned for photo in made.photos] == [True, True]
    assert {index for p in made.lines[0].positions for index, _ in p.photos} == {0, 1}


def test_the_same_ring_gives_the_same_answer(tmp_path):
    ring(tmp_path / "ring.png", "AK47312X")
    first, second = (dataclasses.replace(proposal(tmp_path / "ring.png"), seconds=0) for _ in range(2))
    assert first == second


def test_a_straight_line_has_no_arc(tmp_path, struck):
    made = proposal(struck(tmp_path / "straight.png", "AK 4731"))
    assert [(line.best, line.arc) for line in made.lines] == [("AK4731", None)]


def band(radius: float, start: float, end: float, thickness: float = 20, centre=(400.0, 300.0)) -> Core:
    """The core of a line round a circle, from angle to angle in degrees."""
    angles, radii = np.meshgrid(
        np.radians(np.arange(start, end, 0.5)), radius + thickness * np.linspace(-0.5, 0.5, 5)
    )
    points = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1).reshape(-1, 2)
    return Core(points + centre, thickness)


def test_a_bent_core_gives_its_circle():
    (circle,) = circles([band(150, 200, 320)])
    assert np.allclose(circle.centre, (400, 300), atol=1) and abs(circle.radius - 150) < 1
    assert np.allclose(np.degrees([circle.start, circle.end]), (200, 320), atol=4)


def test_short_cores_give_the_circle_that_they_lie_on_together():
    (circle,) = circles([band(150, a, a + 16) for a in (340, 370, 400)])
    assert np.allclose(circle.centre, (400, 300), atol=4) and abs(circle.radius - 150) < 4
    assert np.allclose(np.degrees([circle.start, circle.end]), (340, 416), atol=4)


def test_straight_cores_give_no_circle():
    x, y = np.meshgrid(np.linspace(0, 400, 16), np.linspace(0, 20, 5))
    rows = [np.stack([x, y + offset], axis=-1).reshape(-1, 2) for offset in (0, 50, 100)]
    assert circles([Core(points, 20.0) for points in rows]) == []
    assert circles([]) == []


def test_a_band_shows_how_far_its_line_is_bent(tmp_path, struck):
    quads = ring(tmp_path / "ring.png", "AK47312X").reshape(-1, 2)
    (x0, y0), (x1, y1) = quads.min(axis=0), quads.max(axis=0)
    picture = cv2.imread(str(tmp_path / "ring.png"))
    circle = bent(picture, as_quad([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
    assert circle is not None and abs(circle.radius - 300) < 100
    closer = refined(circle, picture)
    assert abs(closer.radius - 300) < 30 and np.linalg.norm(np.array(closer.centre) - CENTRE) < 30
    straight = cv2.imread(str(struck(tmp_path / "straight.png", "AK 4731")))
    assert bent(straight, as_quad([(50, 190), (640, 190), (640, 310), (50, 310)])) is None


def test_points_on_a_circle_are_fitted_and_points_on_a_line_are_not():
    angles = np.radians([10, 35, 60, 80])
    centre, radius = fitted(np.stack([7 + 50 * np.cos(angles), -3 + 50 * np.sin(angles)], axis=1))
    assert np.allclose(centre, (7, -3)) and radius == pytest.approx(50)
    assert fitted(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (5.0, 5.0)])) is None


def test_an_interval_may_cross_the_angle_zero():
    start, end, covered = covers(np.radians(np.arange(-40, 41, 1.0)))
    assert np.allclose(np.degrees([start, end, covered]), (320, 402, 82), atol=4)


def test_the_strip_leads_back_to_the_photograph():
    unrolling = Unrolling((410.0, 290.0), 200.0, 260.0, 1.0, 7.5, 0.8, (1200, 100))
    photo = np.zeros((600, 800), np.float32)
    at = unrolling.to_photo(np.array([(300.0, 40.0)]))[0]
    cv2.circle(photo, (round(at[0] * 16), round(at[1] * 16)), 4 * 16, 1.0, -1, shift=4)
    strip = unrolling.sampled(photo, np.eye(3))
    assert strip.shape == (100, 1200)
    rows, columns = np.nonzero(strip[:, :900] > 0.5)
    assert np.allclose((columns.mean(), rows.mean()), (300, 40), atol=1)
    # A turn later the same place is there again.
    again = unrolling.to_photo(np.array([(300 + 2 * np.pi * 200 * 0.8, 40.0)]))[0]
    assert np.allclose(again, at)


def test_a_strip_keeps_small_shapes_at_every_radius():
    unrolling = Unrolling((410.0, 290.0), 200.0, 260.0, 1.0, 7.5, 0.8, (1200, 100))
    for y in (0.0, 50.0, 99.0):
        corner, right, down = unrolling.to_photo(np.array([(300.0, y), (300.1, y), (300.0, y + 0.1)]))
        across, inwards = right - corner, down - corner
        assert np.linalg.norm(across) == pytest.approx(np.linalg.norm(inwards), rel=1e-3)
        assert across @ inwards == pytest.approx(0, abs=1e-4)


def test_an_arc_says_where_its_band_lies():
    unrolling = Unrolling((410.0, 290.0), 200.0, 260.0, 1.0, 7.5, 0.8, (1200, 100))
    band = as_quad([(300, 20), (1100, 20), (1100, 60), (300, 60)])
    clockwise, anticlockwise = unrolling.arc(band), unrolling.arc(turned(band, 2))
    assert (clockwise.start, clockwise.end) == (anticlockwise.end, anticlockwise.start)
    assert 0 <= clockwise.start < 360 < clockwise.end
    for radius, y in zip(clockwise.radii, (60.0, 20.0), strict=True):
        angle = np.radians(clockwise.start)
        on = clockwise.centre + radius * np.array([np.cos(angle), np.sin(angle)])
        assert np.allclose(on, unrolling.to_photo(np.array([(300.0, y)]))[0])


def test_a_mirrored_arc_is_the_arc_of_the_mirrored_photograph():
    arc = Arc((100.0, 50.0), (40.0, 60.0), 10.0, 80.0)
    mirror = np.array([[-1.0, 0, 299], [0, 1, 0], [0, 0, 1]])
    assert mirrored(arc, mirror) == Arc((199.0, 50.0), (40.0, 60.0), 170.0, 100.0)
    assert mirrored(arc, np.eye(3)) == arc and mirrored(None, mirror) is None
