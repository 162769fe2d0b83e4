"""Cells of a spreadsheet: what goes in comes out, also after a spreadsheet has saved it; nothing runs."""

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.spreadsheet import cell_of, csv_text, text_of

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "янв", "мар")


def changed(cell: str) -> str:
    """What Excel and LibreOffice make of a cell of a CSV file that they open and save: a formula is worked
    out, a number or date is written in their own way, spaces round it go."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if text[:1] in ("=", "@", "+", "-") and not re.fullmatch(r"[-+]?[\d.,]+", text):
        return "#NAME?"
    if re.fullmatch(r"[-+]?[$€£]?[\d ,.]*\d[\d ,.]*%?|\([\d.,]+\)|[-+]?\d*\.?\d+[eE][-+]?\d+", text):
        digits = re.sub(r"[^\d.eE+-]", "", text)
        try:
            return f"{float(digits):.15G}"
        except (ValueError, OverflowError):
            return "#NUM!"
    if re.fullmatch(r"\d{1,4}[-/.:]\d{1,2}([-/.:]\d{1,4})?", text):
        return "2026-12-03"
    month = re.fullmatch(r"(?:\d{1,4}\W*)?([^\W\d_]{3,9})\W*\d{1,4}|\d{1,4}\W*([^\W\d_]{3,9})", text.lower())
    if month and (month[1] or month[2])[:3] in MONTHS:
        return "2026-12-01"
    return text.upper() if text.lower() in ("true", "false") else cell


MARKINGS = [
    *("0000017", "12E45", "3-12", "123456789012345678", "1/2", "00", "1e5", "+5", "-17", ".5", "5.", "1,5"),
    *("MAR12", "MAR-12", "12MAR", "SEPT 2", "DEC 5 2020", "мар12", "12:30", "2020-01-02", "10%", "$5"),
    *("(12)", "TRUE", "false", "=1+1", "@SUM(1)", "=HYPERLINK(1)", "'17", "''", "１２", "＝1+1", "\u221217"),
    *(" 17", "\t17", "\n=1+1", "a\n=1+1", "a\r\n@x", "a;=1+1", "a\t=1", 'a;"=1+1', "½", "٣", "\ufeff=1"),
    *("\u200b17", "＋1", "－1", "＠x", "a\n＝1"),
]

PLAIN = ["Q48271", "?827", "A", "", "series/0000017.png", '[{"path": "1"}]', "Вещдок 7 №", "read", "A-17"]


@pytest.mark.parametrize("text", MARKINGS)
def test_a_marking_is_the_same_after_a_spreadsheet_has_saved_it(text):
    assert cell_of(text) != text
    assert changed(cell_of(text)) == cell_of(text)
    assert text_of(cell_of(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_words_are_written_as_they_are(text):
    assert cell_of(text) == text
    assert changed(text) == text


@given(st.text(st.sampled_from("=+-@\t\r\n;\"'A1 ＝＋－＠\u2028"), max_size=8))
@settings(deadline=None)
def test_a_text_comes_back_and_no_piece_begins_like_a_formula(text):
    assert text_of(cell_of(text)) == text
    for piece in re.split(r"[\r\n;\t\u2028]", cell_of(text)):
        assert not piece.lstrip(' "').startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.text(max_size=12))
@settings(deadline=None)
def test_any_text_comes_back(text):
    assert text_of(cell_of(text)) == text


@pytest.mark.parametrize("dialect", [{"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL}])
def test_a_table_comes_back_from_a_spreadsheet(dialect):
    texts = [*MARKINGS, *PLAIN]
    written = csv_text(("text", "number"), [(text, 0.5) for text in texts])
    opened = list(csv.reader(io.StringIO(written, newline="")))
    saved = io.StringIO()
    csv.writer(saved, **dialect).writerows([[changed(cell) for cell in row] for row in opened])
    options = {key: value for key, value in dialect.items() if key == "delimiter"}
    again = list(csv.reader(io.StringIO(saved.getvalue(), newline=""), **options))[1:]
    assert [text_of(row[0]) for row in again] == texts
    assert {row[1] for row in again} == {"0.5"}
