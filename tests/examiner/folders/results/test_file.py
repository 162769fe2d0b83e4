"""Results in every format: what goes in comes out, also after a file was cut off at any byte."""

import csv
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examiner.folders.results.file import SUFFIXES, results_to, rows_in
from examiner.folders.results.row import COLUMNS, SeriesResult, confidence, row_of
from pipelines.errors import ResultsError
from pipelines.types import Candidate, Failure, LineProposal, PhotoEntry, Position, Proposal, as_quad

QUAD = as_quad([(0, 0), (9, 0), (9, 5), (0, 5)])
NAMES = st.text(
    st.characters(exclude_categories=()).filter(lambda c: c != "\0" and not "\ud800" <= c < "\udc80"),
    min_size=1,
)


def result(name: str, key: str = "k", p: float = 0.5, best: str = "A1") -> SeriesResult:
    positions = tuple(Position((Candidate(glyph, p),), QUAD, "proposed") for glyph in best)
    line = LineProposal(best, best, 0, QUAD, positions, readings=((best, p),))
    photos = (
        PhotoEntry(name, "0" * 64),
        PhotoEntry(f"{name}2", None, Failure("truncated", f"{name}: is cut")),
    )
    return SeriesResult(Proposal(name, photos, (line,), {"marks": "ok"}, 1.25, validation="on 'these'"), key)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25)
@given(
    names=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    best=st.sampled_from(["A1", "=1+1", "-7|", "Ж"]),
)
def test_every_format_gives_back_what_it_was_given(tmp_path_factory, suffix, names, best):
    path = tmp_path_factory.mktemp("r") / f"r{suffix}"
    written = [result(name, f"key {n}", 1 / (n + 3), best) for n, name in enumerate(names)]
    with results_to(path, False) as results:
        for entry in written:
            results.write(entry)
    expected = {row.series: row for row in map(row_of, written)}
    assert {row.series: row for row in rows_in(path)} == expected
    with results_to(path, True) as results:
        assert dict(results.known) == {name: row.key for name, row in expected.items()}
    assert {row.series: row for row in rows_in(path)} == expected


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_series_that_is_read_anew_is_there_once_with_its_last_result(tmp_path, suffix):
    path = tmp_path / f"r{suffix}"
    with results_to(path, False) as results:
        for entry in (result("a", "1"), result("b", "1")):
            results.write(entry)
    with results_to(path, True) as results:
        results.write(result("a", "2"))
    assert sorted((row.series, row.key) for row in rows_in(path)) == [("a", "2"), ("b", "1")]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_cut_off_at_any_byte_whole_results_are_kept_and_the_rest_is_written_anew(tmp_path, suffix):
    whole = tmp_path / f"whole{suffix}"
    with results_to(whole, False) as results:
        for name in ("a", "b\nc", "Ж\udcff"):
            results.write(result(name))
    data = whole.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    for length in range(0, len(data), 7):
        cut.write_bytes(data[:length])
        known = list(rows_in(cut)) if length else []
        with results_to(cut, True) as results:
            assert len(results.known) == len(known) == max(0, data[:length].count(b"\n") - (suffix == ".csv"))
            results.write(result("more"))
        assert [row.series for row in rows_in(cut)] == [*(row.series for row in known), "more"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_result_is_there_before_the_next_is_read(tmp_path, suffix):
    """Seen through a second opening, without the first being closed."""
    path = tmp_path / f"r{suffix}"
    results = results_to(path, False)
    results.write(result("a"))
    if suffix == ".sqlite":
        assert sqlite3.connect(path).execute("SELECT series FROM results").fetchall() == [("a",)]
    else:
        journal = path.with_name("r.parquet.part.jsonl") if suffix == ".parquet" else path
        assert journal.read_bytes().count(b"\n") == 1 + (suffix == ".csv")
    results.close()


def test_a_line_in_the_middle_that_is_no_result_is_named(tmp_path):
    path = tmp_path / "r.jsonl"
    with results_to(path, False) as results:
        results.write(result("a"))
    path.write_bytes(b'{"schema": 1}\n' + path.read_bytes())
    with pytest.raises(ResultsError, match="line 1"):
        results_to(path, True)
    with pytest.raises(ResultsError, match="line 1"):
        list(rows_in(path))


def test_no_cell_of_the_csv_is_a_formula(tmp_path):
    path = tmp_path / "r.csv"
    with results_to(path, False) as results:
        results.write(result("=HYPERLINK()", best="-7"))
    header, row = csv.reader(path.open(encoding="utf-8-sig"))
    assert header == list(COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)


MARKINGS = (
    "0000017",
    "12E45",
    "3-12",
    "123456789012345678",
    "MAR12",
    "=1+1",
    "Q48271",
    "Вещдок 7",
    "a\nb; =1",
)


def saved_by_a_spreadsheet(path: Path, separator: str, encoding: str, decimal: str) -> None:
    """The file as a spreadsheet saves it: other separators, numbers in the way of the country, blank rows.

    What `cell_of` writes is text to a spreadsheet, which tests of `pipelines.spreadsheet` show.
    """
    rows = list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
    numbers = [COLUMNS.index(name) for name in ("confidence", "lines", "seconds")]
    for row in rows[1:]:
        for place in numbers:
            row[place] = f"{float(row[place]):g}".replace(".", decimal)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows([*rows, [""] * len(COLUMNS)])


@pytest.mark.parametrize(
    ("separator", "encoding", "decimal"),
    [(",", "utf-8", "."), (",", "utf-8-sig", "."), (";", "utf-8-sig", ","), ("\t", "utf-16", ",")],
)
def test_a_csv_that_a_spreadsheet_has_saved_is_read_and_continued(tmp_path, separator, encoding, decimal):
    path = tmp_path / "r.csv"
    written = [result(text, f"12e4{n}", 0.5, text.replace("\n", "")) for n, text in enumerate(MARKINGS)]
    with results_to(path, False) as results:
        for entry in written:
            results.write(entry)
    expected = {row.series: row for row in map(row_of, written)}
    saved_by_a_spreadsheet(path, separator, encoding, decimal)
    assert {row.series: row for row in rows_in(path)} == expected
    with results_to(path, True) as results:
        assert dict(results.known) == {name: row.key for name, row in expected.items()}
        results.write(result("one more"))
    assert path.read_bytes().startswith(b"\xef\xbb\xbfseries,")
    assert len({row.series for row in rows_in(path)}) == len(MARKINGS) + 1


def test_what_a_spreadsheet_has_spoiled_is_named(tmp_path):
    path = tmp_path / "r.csv"
    with results_to(path, False) as results:
        results.write(result("a"))
    saved_by_a_spreadsheet(path, ";", "utf-8-sig", ".")
    whole = path.read_text("utf-8-sig")
    path.write_text(whole.replace(";0.5;", ";500;"), "utf-8")
    with pytest.raises(ResultsError, match=r"row 2, column confidence: '500' is not what was written"):
        list(rows_in(path))
    path.write_text(whole.replace('"[{', '"[' + "x" * 40_000), "utf-8")
    with pytest.raises(ResultsError, match=r"column photographs: .* Excel keeps 32767 signs"):
        list(rows_in(path))


def test_force_removes_what_was_there_but_not_what_another_run_writes(tmp_path):
    path = tmp_path / "r.csv"
    with results_to(path, False) as results:
        results.write(result("a"))
        with pytest.raises(ResultsError, match="another run is writing"):
            results_to(path, False, force=True)
    with results_to(path, False, force=True) as results:
        results.write(result("b"))
    assert [row.series for row in rows_in(path)] == ["b"]


@pytest.mark.parametrize("name", ["r", "r.txt", "r.jpg"])
def test_another_suffix_is_refused_with_those_there_are(tmp_path, name):
    with pytest.raises(ResultsError, match=r"\.jsonl, \.csv, \.sqlite, \.parquet"):
        results_to(tmp_path / name, False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named():
    for suffix in SUFFIXES:
        with pytest.raises(ResultsError, match="nowhere"):
            results_to(Path(f"/nowhere/r{suffix}"), False)


def test_confidence_is_the_probability_that_all_lines_are_right():
    entry = result("a", p=0.5).proposal
    assert confidence(entry) == 0.5
    assert confidence(replace(entry, lines=entry.lines * 2)) == 0.25
    assert confidence(replace(entry, lines=())) == 0.0


def test_a_row_says_what_became_of_the_series():
    row = row_of(result("a"))
    assert (row.state, row.lines, row.best) == ("partly", 1, "A1")
    failed = row_of(SeriesResult(Proposal("a", (), (), {}, 0.0, Failure("no_photographs", "why")), ""))
    assert (failed.state, failed.confidence, failed.best) == ("failed", 0.0, "")
    assert "why" in failed.failures
    assert set(asdict(row)) == set(COLUMNS)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_a_disk_that_is_full_is_named_and_what_was_whole_stays(tmp_path, suffix):
    resource = pytest.importorskip("resource")
    path = tmp_path / f"r{suffix}"
    results = results_to(path, False)
    results.write(result("a"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, hard))
    try:
        with pytest.raises(ResultsError, match="cannot be written any more"):
            results.write(result("b"))
        results.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with results_to(path, True) as results:
        results.write(result("b"))
    assert [row.series for row in rows_in(path)] == ["a", "b"]
