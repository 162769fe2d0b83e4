"""Which photographs of a series are searched, on a sample series with the general reader."""

from pathlib import Path

import pytest

from pipelines.errors import RegionError
from pipelines.photographs.photo import read_photo
from pipelines.reading.readers.general import GeneralReader
from pipelines.search import hypotheses
from pipelines.search.first_search import (
    CLEAR_PHOTOS,
    ENLARGED,
    FIRST_SIDES,
    MOST_SEARCHED,
    search,
    searched_in_turn,
)
from pipelines.search.locators.general import heat_of
from pipelines.search.sheets import Panel
from pipelines.types import Mark

SAMPLES = Path(__file__).parents[3] / "sample_images"
NOTHING = Mark()


@pytest.fixture(scope="module")
def panel():
    return Panel(GeneralReader(), None)


def photos(sample: str) -> dict:
    return {i: read_photo(path) for i, path in enumerate(sorted((SAMPLES / sample).glob("*.jpg")))}


def test_of_a_clear_series_few_are_searched_and_all_are_kept(panel):
    series = photos("01_intact_stamped")
    searched = searched_in_turn(panel, series, dict.fromkeys(series, NOTHING), 2)
    assert searched[0].index == 2
    assert sorted(one.index for one in searched) == list(series)
    assert [bool(one.found) for one in searched] == [True] * CLEAR_PHOTOS + [False] * (4 - CLEAR_PHOTOS)


def test_of_one_that_leaves_doubt_more_are_searched(panel):
    series = photos("04_heavily_ground")
    searched = searched_in_turn(panel, series, dict.fromkeys(series, NOTHING), None)
    assert sum(one.direction is not None or bool(one.cores) for one in searched) == MOST_SEARCHED
    assert len(searched) == len(series)


@pytest.fixture
def sizes(monkeypatch):
    """The shorter sides at which the general locator looks."""
    seen: list[int] = []

    def counted(image, short_side):
        seen.append(short_side)
        return heat_of(image, short_side)

    monkeypatch.setattr(hypotheses, "heat_of", counted)
    return seen


def test_of_a_clear_photograph_the_locator_sees_the_smaller_size_only(panel, sizes):
    photo = photos("01_intact_stamped")[0]
    assert search(panel, 0, photo, None, 0.0).found
    smaller, larger = (min(side, ENLARGED * min(photo.pixels.shape[:2])) for side in FIRST_SIDES)
    assert sizes == [smaller, smaller]
    sizes.clear()
    height, width = photo.pixels.shape[:2]
    # In a region that a person marked nothing is left out.
    search(panel, 0, photo, (0, 0, width, height), 0.0)
    assert len(set(sizes)) == len({smaller, larger})
    assert len(sizes) == 2 * len({smaller, larger})


def test_where_the_smaller_size_leaves_doubt_the_larger_one_is_seen_too(panel, sizes):
    photo = photos("04_heavily_ground")[0]
    search(panel, 0, photo, None, 0.0)
    assert len(set(sizes)) == 2 and len(sizes) == 4


def test_a_photograph_with_a_marked_region_comes_first(panel):
    series = photos("01_intact_stamped")
    height, width = series[3].pixels.shape[:2]
    marked = dict.fromkeys(series, NOTHING) | {3: Mark((0, 0, width, height), 0.0)}
    assert searched_in_turn(panel, series, marked, None)[0].index == 3


def test_an_impossible_region_is_named_even_where_it_would_not_be_searched(panel):
    series = photos("01_intact_stamped")
    marked = dict.fromkeys(series, NOTHING) | {3: Mark((9000, 9000, 9100, 9100))}
    with pytest.raises(RegionError, match="frame_04"):
        searched_in_turn(panel, series, marked, 0)
