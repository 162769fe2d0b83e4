"""The four ways to read a band, and which of them a struck number stands in."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.probability.direction import AS_SHOWN, UPRIGHT, WAYS, Way
from pipelines.reading.lines import FOUND
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.hypotheses import read_in_full, top_to_bottom, trimmed
from pipelines.search.sheets import Panel, sheet
from pipelines.search.ways import NAMED, ReadWay, read_ways, seen_in, with_others
from pipelines.strip import straightened
from pipelines.types import as_quad
from tests.pipelines.search.test_hypotheses import box, weighed

HIGH = 200


def turned_over(image: np.ndarray, way: Way) -> np.ndarray:
    """The picture as it must be turned for what stands in it that way to stand upright."""
    image = image[::-1, ::-1] if way.turned else image
    return image[:, ::-1] if way.mirrored else image


@pytest.mark.parametrize("way", WAYS)
def test_a_band_seen_in_a_way_is_the_band_turned_over(way):
    image = np.random.default_rng(1).random((64, 160)).astype(np.float32)
    band = as_quad([(-0.5, -0.5), (159.5, -0.5), (159.5, 63.5), (-0.5, 63.5)])
    strip, _ = straightened(image, seen_in(band, way), 64)
    assert np.abs(strip - turned_over(image, way)).max() < 1e-3


@pytest.mark.parametrize("way", WAYS)
def test_lines_come_from_top_to_bottom_as_they_are_read(way):
    places = {"11": (0, 0), "22": (300, 3), "33": (0, 100)}
    lines = [weighed(seen_in(box(x, y, 200, 40), UPRIGHT), text) for text, (x, y) in places.items()]
    whole = np.array([500.0, 140.0])

    def placed(quad):
        corners = np.asarray(quad)
        x = whole[0] - corners[:, 0] if way.turned != way.mirrored else corners[:, 0]
        y = whole[1] - corners[:, 1] if way.turned else corners[:, 1]
        return as_quad(np.stack([x, y], axis=1))

    stood = [replace(line, quad=placed(line.quad)) for line in lines]
    assert [line.line.text for line in top_to_bottom(stood[::-1], way)] == ["11", "22", "33"]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel(GeneralReader(), MarksReader())


def ways_of(panel: Panel, picture: np.ndarray, prior=AS_SHOWN, spacing=FOUND) -> list[ReadWay]:
    """The ways of a number that fills most of the picture."""
    page = sheet(0, picture)
    height, width = picture.shape
    band = as_quad([(20, 60), (width - 20, 60), (width - 20, height - 60), (20, height - 60)])
    lines = [trimmed(h) for h in read_in_full(panel, [page], [band])]
    return read_ways(panel, [page], lines, (), prior, 0.5, spacing)


@pytest.fixture(scope="module")
def number(struck_strip) -> np.ndarray:
    return np.pad(struck_strip("A52907"), ((50, 50), (10, 10)), mode="symmetric")


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_read_the_way_that_it_stands(panel, number, way):
    ways = ways_of(panel, np.ascontiguousarray(turned_over(number, way)))
    assert ways[0].way == way and ways[0].p > 0.8
    assert sum(read.p for read in ways) == pytest.approx(1.0)
    assert with_others(ways)[0].line.text == "A52907"
    assert with_others(ways)[0].direction == ways[0].p


def test_what_reads_as_well_from_the_other_side_is_proposed_both_ways(panel, struck_strip):
    number = np.pad(struck_strip("M6089X"), ((50, 50), (10, 10)), mode="symmetric")
    turned = ways_of(panel, np.ascontiguousarray(number[::-1, ::-1]))
    p = {read.way: read.p for read in turned}
    assert max(p.values()) < 0.98
    first = with_others(turned)[0]
    texts = [first.line.text, *(other.line.text for other in first.others)]
    assert {"M6089X", "X6809W"} <= set(texts)
    assert all(NAMED <= other.direction <= first.direction for other in first.others)


def test_a_way_that_is_ruled_out_is_not_read(panel, number):
    said = {way: p if way == UPRIGHT else 0.0 for way, p in AS_SHOWN.items()}
    (only,) = ways_of(panel, np.ascontiguousarray(number[::-1, ::-1]), said)
    assert only.way == UPRIGHT and only.p == 1.0


def test_the_main_way_may_be_set(panel, number):
    ways = ways_of(panel, np.ascontiguousarray(number[::-1, ::-1]))
    (line,) = with_others([replace(read, lines=read.lines or ()) for read in ways])
    assert line.way == Way(turned=True)
