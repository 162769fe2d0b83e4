"""Rows where a person says that they are, on a sample plate and on bare metal, by our own reader."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.propose import Source, propose_series
from pipelines.types import DrawnBand, Proposal, as_quad

SAMPLE = Path(__file__).parents[3] / "sample_images" / "01_intact_stamped"


@pytest.fixture(scope="module")
def truth():
    """The text, and the corners of each character in the first photograph, (n, 4, 2)."""
    value = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    return value["text"].replace(" ", ""), np.array(value["frames"][0]["quads"], np.float64)


def band_of(quads: np.ndarray) -> DrawnBand:
    first, last = quads[0], quads[-1]
    quad = as_quad([first[0], last[1], last[2], first[3]])
    left = (first[0] + first[3]) / 2
    along = (last[1] + last[2]) / 2 - left
    ends = [((q[[0, 3]].mean(0) - left) @ along, (q[[1, 2]].mean(0) - left) @ along) for q in quads]
    return DrawnBand(quad, tuple((a / (along @ along), b / (along @ along)) for a, b in ends))


@pytest.fixture(scope="module")
def drawn(truth) -> Proposal:
    source = Source(SAMPLE / "frame_01.jpg", band=band_of(truth[1]))
    return propose_series([source], readers=["marks"])


def test_the_row_in_a_drawn_band_is_read(drawn, truth):
    (line,) = drawn.lines
    assert line.best == truth[0]


def test_each_place_of_the_person_has_its_candidates_and_its_ratios(drawn, truth):
    (line,) = drawn.lines
    assert [position.candidates[0].glyph for position in line.at_places] == list(truth[0])
    for position, quad in zip(line.at_places, truth[1], strict=True):
        height = np.ptp(quad[:, 1])
        assert np.abs(np.mean(position.box, axis=0) - quad.mean(axis=0)).max() < 0.15 * height
        assert len(position.log10_likelihoods) > 50
        assert position.log10_likelihoods[0][1] == 0.0


def test_evidence_at_places_goes_through_json_unchanged(drawn):
    value = json.loads(json.dumps(drawn.to_json()))
    assert Proposal.from_json(value).lines[0].at_places == drawn.lines[0].at_places


def test_places_of_half_the_row_are_read_as_they_are(truth):
    text, quads = truth
    source = Source(SAMPLE / "frame_01.jpg", band=band_of(quads[2:6]))
    (line,) = propose_series([source], readers=["marks"]).lines
    assert "".join(position.candidates[0].glyph for position in line.at_places) == text[2:6]


def test_a_band_that_is_read_downwards_is_read_so(tmp_path, truth):
    picture = cv2.imread(str(SAMPLE / "frame_01.jpg"))
    turned = np.ascontiguousarray(np.rot90(picture, -1))
    path = tmp_path / "turned.png"
    path.write_bytes(cv2.imencode(".png", turned)[1].tobytes())
    quads = truth[1]
    quads = np.stack([picture.shape[0] - 1 - quads[..., 1], quads[..., 0]], axis=-1)
    (line,) = propose_series([Source(path, band=band_of(quads))], readers=["marks"]).lines
    assert line.best == truth[0]


@pytest.mark.parametrize(("rotate_cw", "reads"), [(0, (1, 0)), (90, (0, -1)), (180, (-1, 0)), (270, (0, 1))])
def test_the_row_of_a_region_is_read_as_the_photograph_is_said_to_stand(tmp_path, rotate_cw, reads):
    grain = cv2.GaussianBlur(np.random.default_rng(5).normal(128, 60, (260, 260)), (0, 0), 1.2)
    path = tmp_path / "metal.png"
    cv2.imwrite(str(path), np.clip(grain, 0, 255).astype(np.uint8))
    region = (30, 90, 230, 150) if rotate_cw % 180 == 0 else (90, 30, 150, 230)
    proposal = propose_series([Source(path, region, rotate_cw, mirrored=False)], readers=("marks",))
    (line,) = proposal.lines
    (ax, ay), (bx, by), *_ = line.quad
    along = np.array([bx - ax, by - ay]) / np.hypot(bx - ax, by - ay)
    assert along @ reads > 0.95
