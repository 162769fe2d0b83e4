"""Which photographs of a series are searched, on a sample series with the general reader."""

from pathlib import Path

import pytest

from pipelines.errors import RegionError
from pipelines.photographs.photo import read_photo
from pipelines.reading.readers.general import GeneralReader
from pipelines.search.first_search import CLEAR_PHOTOS, MOST_SEARCHED, searched_in_turn
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
