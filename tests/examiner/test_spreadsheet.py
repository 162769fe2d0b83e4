"""Cells of a spreadsheet: what goes in comes out, and nothing runs."""

from hypothesis import given
from hypothesis import strategies as st

from examiner.spreadsheet import cell_of, text_of


@given(st.text(st.sampled_from("=+-@\t\r'A1 "), max_size=6))
def test_a_text_comes_back_and_no_cell_begins_like_a_formula(text):
    assert text_of(cell_of(text)) == text
    assert not cell_of(text).startswith(("=", "+", "-", "@", "\t", "\r"))
