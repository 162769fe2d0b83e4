"""regions.csv and --region: what is taken, and how a mistake is named."""

import unicodedata

import numpy as np
import pytest

from pipelines.errors import RegionError
from pipelines.photographs.regions import parse_band, parse_region, read_regions
from pipelines.types import DrawnBand, Mark

HEADER = "file,x0,y0,x1,y1,rotate_cw\n"


@pytest.fixture
def table(tmp_path):
    def write(content: str | bytes):
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (tmp_path / "regions.csv").write_bytes(data)
        for name in ("a.jpg", "b.jpg", "good.jpg", "снимок 1, левый.jpg", "левый.jpg"):
            (tmp_path / name).touch()
        return tmp_path

    return write


def test_a_row_gives_the_region_and_its_rotation(table):
    folder = table(HEADER + "a.jpg,10,20.5,300,400,-90\nb.jpg,0,0,1,1,12.5\n")
    assert read_regions(folder) == {
        "a.jpg": (Mark((10.0, 20.5, 300.0, 400.0), -90.0),),
        "b.jpg": (Mark((0.0, 0.0, 1.0, 1.0), 12.5),),
    }


def test_a_folder_without_a_table_has_no_regions(tmp_path):
    assert read_regions(tmp_path) == {}


def test_a_table_of_a_heading_only_has_no_regions(table):
    assert read_regions(table(HEADER)) == {}
    assert read_regions(table("")) == {}


@pytest.mark.parametrize("rotation", [",", ",  ", ""])
def test_an_empty_rotation_is_to_be_found_out(table, rotation):
    (marked,) = read_regions(table(HEADER + f"a.jpg,1,2,3,4{rotation}\n"))["a.jpg"]
    assert marked == Mark((1.0, 2.0, 3.0, 4.0), None)


def test_the_column_of_rotations_may_be_missing(table):
    (marked,) = read_regions(table("file,x0,y0,x1,y1\na.jpg,1,2,3,4\n"))["a.jpg"]
    assert marked.rotate_cw is None


def test_a_rotation_of_0_is_a_rotation(table):
    (marked,) = read_regions(table(HEADER + "a.jpg,1,2,3,4,0\n"))["a.jpg"]
    assert marked.rotate_cw == 0.0


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(table):
    folder = table(b"\xef\xbb\xbf" + HEADER.strip().encode() + b"\r\na.jpg,1,2,3,4,\r\n")
    assert list(read_regions(folder)) == ["a.jpg"]


def test_columns_may_stand_in_any_order_beside_others(table):
    folder = table("note,y1,x1,y0,x0,file\nleft side,4,3,2,1,a.jpg\n")
    assert read_regions(folder)["a.jpg"][0].region == (1.0, 2.0, 3.0, 4.0)


def test_several_rows_for_one_file_are_kept_in_their_order(table):
    folder = table(HEADER + "a.jpg,1,2,3,4,\nb.jpg,5,6,7,8,\na.jpg,9,10,11,12,90\n")
    first, second = read_regions(folder)["a.jpg"]
    assert (first.region, second.region) == ((1.0, 2.0, 3.0, 4.0), (9.0, 10.0, 11.0, 12.0))
    assert (first.rotate_cw, second.rotate_cw) == (None, 90.0)


def test_a_name_with_a_comma_and_cyrillic_letters_is_found(table):
    assert list(read_regions(table(HEADER + '" снимок 1, левый.jpg ",1,2,3,4,\n'))) == ["снимок 1, левый.jpg"]


def test_a_letter_written_as_two_signs_is_the_same_name(table):
    written = unicodedata.normalize("NFD", "левый.jpg")
    assert written != "левый.jpg"
    assert list(read_regions(table(HEADER + f"{written},1,2,3,4,\n"))) == ["левый.jpg"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.jpg,1,2,3", "no y1"),
        ("a.jpg,,2,3,4,", "no x0"),
        (" ,1,2,3,4,", "no file"),
        ("a.jpg,one,2,3,4,", "column x0: expected a number of pixels, got 'one'"),
        ("a.jpg,nan,2,3,4,", "column x0: expected a number"),
        ("a.jpg,1,2,inf,4,", "column x1: expected a number"),
        ("a.jpg,-inf,2,3,4,", "column x0: expected a number"),
        ("a.jpg,3,2,3,4,", "X0 < X1"),
        ("a.jpg,5,2,3,4,", "X0 < X1"),
        ("a.jpg,1,4,3,4,", "Y0 < Y1"),
        ("a.jpg,1,2,3,4,left", "rotate_cw"),
        ("a.jpg,1,2,3,4,nan", "rotate_cw"),
        ("a.jpg,1,2,3,4,inf", "rotate_cw"),
        ("a.jpg,1,5,2,5,30,5,40,5,", "cells for 6 columns"),
        ("a.jpeg,1,2,3,4,", "no file 'a.jpeg' in this folder"),
    ],
)
def test_a_mistake_is_named_with_file_and_row(table, row, said):
    folder = table(HEADER + "good.jpg,1,2,3,4,\n" + row + "\n")
    with pytest.raises(RegionError) as caught:
        read_regions(folder)
    message = str(caught.value)
    assert f"{folder / 'regions.csv'}, row 3:" in message
    assert said in message


def test_the_row_is_the_line_of_the_file_also_after_empty_lines(table):
    with pytest.raises(RegionError, match="row 5:"):
        read_regions(table(HEADER + "\n\na.jpg,1,2,3,4,\nb.jpg,1,2,3,x,\n"))


def test_a_heading_with_other_names_says_what_was_expected(table):
    said = (
        "row 1: no column file; .* must name file,x0,y0,x1,y1,rotate_cw or file,band.* it says: photo, left"
    )
    with pytest.raises(RegionError, match=said):
        read_regions(table("photo;left;top;right;bottom\na.jpg;1;2;3;4\n"))


def test_a_table_that_is_not_utf_8_is_named(table):
    folder = table(HEADER.encode() + "снимок.jpg,1,2,3,4,\n".encode("cp1251"))
    with pytest.raises(
        RegionError, match=r"regions\.csv, row 2: is not in UTF-8 or UTF-16 .* save it as CSV UTF-8"
    ):
        read_regions(folder)


def test_a_file_far_too_large_for_a_table_is_not_read(table):
    with pytest.raises(RegionError, match="larger than"):
        read_regions(table(b"\0" * 10_000_001))


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5", "", "a,b,c,d", "1;2;3;4", "1,2,3,"])
def test_anything_but_four_numbers_is_refused_with_its_origin_and_text(text):
    with pytest.raises(RegionError) as caught:
        parse_region(text.split(","), "--region")
    assert str(caught.value).startswith("--region: expected four numbers")
    assert repr(text) in str(caught.value)


def test_four_numbers_may_have_spaces_signs_and_fractions():
    assert parse_region([" -1", " 2.5", "3e2 ", "4"], "--region") == (-1.0, 2.5, 300.0, 4.0)


BANDS = "file,band,centres,edges\n"


def test_a_band_is_its_middle_line_and_its_height(table):
    (mark,) = read_regions(table(BANDS + "a.jpg,10 50 110 50 20,,\n"))["a.jpg"]
    assert mark.region is None and mark.rotate_cw is None
    assert mark.band == DrawnBand(((10, 40), (110, 40), (110, 60), (10, 60)))


def test_a_band_that_is_read_upwards_has_its_top_at_the_left():
    band = parse_band(["30", "90", "30", "10", "10"], [], [], "--band")
    assert np.allclose(band.quad, [(25, 90), (25, 10), (35, 10), (35, 90)])


def test_edges_are_where_positions_begin_and_end(table):
    (mark,) = read_regions(table(BANDS + "a.jpg,0 50 100 50 20,,0 20 60 100\n"))["a.jpg"]
    assert np.allclose(mark.band.places, [(0, 0.2), (0.2, 0.6), (0.6, 1)])


def test_between_centres_positions_meet_half_way():
    band = parse_band(["0", "0", "100", "0", "10"], ["20", "40", "70"], [], "--band")
    assert np.allclose(band.places, [(0.1, 0.3), (0.3, 0.55), (0.55, 0.85)])


def test_one_centre_has_the_whole_band():
    assert parse_band(["0", "0", "100", "0", "10"], ["20"], [], "--band").places == ((0.0, 1.0),)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.jpg,1 2 3,,", "expected five numbers"),
        ("a.jpg,1 2 3 4 x,,", "column band: expected five numbers"),
        ("a.jpg,1 2 1 2 9,,", "a pixel or more"),
        ("a.jpg,0 0 100 0 0,,", "a pixel or more"),
        ("a.jpg,0 0 100 0 10,20,10 30", "expected one of the two"),
        ("a.jpg,0 0 100 0 10,30 20,", "that grow"),
        ("a.jpg,0 0 100 0 10,20 130,", "its length of 100.0"),
        ("a.jpg,0 0 100 0 10,,50", "one edge alone"),
        ("a.jpg,,20 30,", "without a band"),
        ("a.jpg,0 0 100 0 10," + " ".join(map(str, range(1, 99))) + ",", "60 at most"),
    ],
)
def test_a_mistake_in_a_band_is_named_with_file_and_row(table, row, said):
    folder = table(BANDS + row + "\n")
    with pytest.raises(RegionError) as caught:
        read_regions(folder)
    assert f"{folder / 'regions.csv'}, row 2:" in str(caught.value)
    assert said in str(caught.value)


def test_a_row_with_region_and_band_is_refused(table):
    with pytest.raises(RegionError, match="a region and a band"):
        read_regions(table("file,x0,y0,x1,y1,band\na.jpg,1,2,3,4,0 0 100 0 10\n"))
