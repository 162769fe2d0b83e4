"""A laboratory's own validation: with a reader that says what it is told, and once with the real one."""

import csv
import json
import math
import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from examiner.cli import application
from examiner.validation.measure import (
    TruthRow,
    glyph_figures,
    groups,
    outcomes,
    read_truth,
    validated_rows,
    without_truth,
)
from examiner.validation.table import (
    NOT_VALIDATED,
    ValidatedRow,
    joined,
    read_table,
    statement,
    write_table,
)
from pipelines.errors import TruthError
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import FIGURES, Figure
from pipelines.types import Candidate, Failure, LineProposal, PhotoEntry, Position, Proposal, as_quad

BOX = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])


def said(text: str, p: float = 0.9) -> tuple[LineProposal, ...]:
    positions = tuple(Position((Candidate(c, p),), BOX, "proposed", (), (c,)) for c in text)
    return (LineProposal(text, text, 0, BOX, positions),) if text else ()


def reader_of(texts: dict[str, str], failing: tuple[str, ...] = ()):
    """Proposes what `texts` says for each series' folder; names in `failing` cannot be read."""

    def read(series, _options, _workers):
        for one in series:
            name = Path(one.name).name
            error = Failure("no_photographs", "all cut off") if name in failing else None
            photos = (PhotoEntry("a.jpg", "00"),)
            lines = () if error else said(texts[name])
            yield Proposal(one.name, photos, lines, {"general": "ok", "tesseract": "gone"}, 2.0, error)

    return read


@pytest.fixture
def plates(tmp_path) -> Path:
    for name in ("one", "two", "three", "blank", "bold"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").touch()
    return tmp_path


ROWS = [
    TruthRow("one", "4827", {"method": "Stamped", "metal": "steel"}),
    TruthRow("two", "48 | 27", {"method": "stamped ", "metal": "steel"}),
    TruthRow("three", "АВ8", {"method": "engraved", "metal": "brass"}),
    TruthRow("blank", "", {"method": "stamped", "metal": "steel"}),
    TruthRow("bold", "", {"method": "engraved", "metal": ""}),
]
READ = {"one": "4827", "two": "4337", "three": "AB8", "blank": "", "bold": "1"}


def sample(series: str, number: int) -> Path:
    return Path(str(files("sample_images") / series / f"frame_{number:02d}.jpg"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def test_every_series_is_judged_in_the_order_of_the_table(plates):
    found = list(outcomes(plates, ROWS, None, 1, reader_of(READ)))
    assert [one.row.series for one in found] == ["one", "two", "three", "blank", "bold"]
    assert [one.judged.edits for one in found] == [0, 2, 0, 0, 1]
    assert [one.problem for one in found] == [""] * 5


def test_figures_are_broken_down_by_each_column(plates):
    made, passed_over = groups(list(outcomes(plates, ROWS, None, 1, reader_of(READ))))
    by_name = {(group.column, group.value): group for group in made}
    assert passed_over == []
    assert by_name["", "all"].counts == {"series": 5, "characters": 11, "positions": 12, "blanks": 2}
    assert by_name["", "all"].figures["cer"].value == pytest.approx(2 / 11)
    assert by_name["", "all"].figures["false_alarms"].value == 0.5
    assert by_name["metal", "brass"].figures["exact"].value == 1.0
    assert by_name["metal", "(empty)"].figures["false_alarms"].value == 1.0
    assert math.isnan(by_name["metal", "(empty)"].figures["cer"].value)


def test_a_column_that_names_plates_is_not_broken_down(plates):
    rows = [TruthRow(name, "4827", {"plate": f"{name} {n}"}) for n in range(4) for name in READ]
    found = [next(outcomes(plates, [row], None, 1, reader_of(READ))) for row in rows]
    made, passed_over = groups(found)
    assert [group.column for group in made] == [""]
    assert passed_over == ["plate: 20 different values"]


def test_glyphs_tell_what_they_are_taken_for(plates):
    found = list(outcomes(plates, ROWS, None, 1, reader_of(READ)))
    by_glyph = {one.glyph: one for one in glyph_figures(found)}
    assert (by_glyph["8"].struck, by_glyph["8"].found.value) == (3, pytest.approx(2 / 3))
    assert by_glyph["8"].taken_for == (("3", 1),)
    assert (by_glyph["3"].struck, by_glyph["3"].wrongly_read) == (0, 2)
    assert math.isnan(by_glyph["3"].found.value)
    assert by_glyph["1"].wrongly_read == 1
    assert by_glyph["A"].struck == 1


def test_a_character_without_a_position_was_taken_for_nothing(plates):
    found = list(outcomes(plates, ROWS[:1], None, 1, reader_of({"one": "427"})))
    assert {one.glyph: one.taken_for for one in glyph_figures(found)}["8"] == (("", 1),)


def test_one_bad_series_loses_nothing_of_the_rest(plates):
    (plates / "empty").mkdir()
    (plates / "nested" / "inside").mkdir(parents=True)
    (plates / "nested" / "inside" / "a.jpg").touch()
    rows = [
        *(TruthRow(name, "1") for name in ("missing", "empty", "nested", "../elsewhere")),
        *ROWS[:2],
    ]
    found = list(outcomes(plates, rows, None, 1, reader_of({**READ, "empty": ""}, failing=("empty", "two"))))
    assert [one.judged is not None for one in found] == [False] * 4 + [True, False]
    problems = [one.problem for one in found]
    assert problems[0].startswith("missing: no such folder")
    assert problems[1] == "empty: all cut off"
    assert problems[2] == "nested: no photograph in this folder, only folders"
    assert "lies outside" in problems[3]
    assert (problems[4], problems[5]) == ("", "two: all cut off")
    assert groups(found)[0][0].counts["series"] == 1


def test_a_series_below_a_series_is_one_of_its_own(plates):
    (plates / "one" / "detail").mkdir()
    (plates / "one" / "detail" / "a.jpg").touch()
    rows = [TruthRow("one", "4827"), TruthRow("one/detail", "7")]
    found = list(outcomes(plates, rows, None, 1, reader_of({**READ, "detail": "7"})))
    assert [one.judged.edits for one in found] == [0, 0]
    assert without_truth(plates, rows) == ["blank", "bold", "three", "two"]


def test_the_table_of_truths_is_read_with_any_columns(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text('\ufeffseries, text ,method,note\na/,АВ | 1,stamped,"x, y"\nb\\c,,engraved,\n\n', "utf-8")
    rows, problems = read_truth(path)
    assert problems == []
    assert rows == [
        TruthRow("a", "АВ | 1", {"method": "stamped", "note": "x, y"}),
        TruthRow("b/c", "", {"method": "engraved", "note": ""}),
    ]


def test_each_bad_row_is_named_and_the_others_stay(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("series,text\na,1\n,2\na,3\nb,1,2\nc\nd,\n", "utf-8")
    rows, problems = read_truth(path)
    assert [row.series for row in rows] == ["a", "d"]
    assert [problem.split(", ", 1)[1] for problem in problems] == [
        "row 3: names no series; write its folder into the column series",
        "row 4: a stands in the table already; the first row counts",
        "row 5: 3 cells for 2 columns; put a text or number that holds the separator in quotes, or save the "
        "table with semicolons",
        "row 6: c has no cell for the text; a blank plate has an empty one",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "no column series and no column text"),
        (b"serial;text\na;b\n", "row 1: no column series; .* it says: serial, text"),
        (b"series,text\n", "no row names a series"),
        (b"series,text\n\xff\xfe,1\n", "row 2: is not in UTF-8 .* save it as CSV UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path, content, message):
    path = tmp_path / "truth.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TruthError, match=message):
        read_truth(path)
    assert run("validate", tmp_path, "--truth", path).exit_code == 2


def test_what_was_validated_joins_the_table_and_is_found_again(plates, tmp_path):
    found = list(outcomes(plates, ROWS, None, 1, reader_of(READ)))
    rows = validated_rows(found, date(2026, 1, 2))
    assert [(row.readers, row.method, row.counts["series"]) for row in rows] == [
        ("general", "engraved", 2),
        ("general", "stamped", 3),
    ]
    path = tmp_path / "validated_for.toml"
    write_table(path, rows)
    again = read_table(path)
    assert [row.combination for row in again] == [row.combination for row in rows]
    assert again[1].figures["cer"].value == pytest.approx(2 / 8)
    status = {"general": "ok", "tesseract": "not asked"}
    told = statement(again, status, " Stamped")
    assert told.startswith("validated on 3 plates of this laboratory, method stamped (8 characters, 1 blank")
    assert "character error rate 0.250" in told
    assert (
        statement(again, status, "laser") == f"{NOT_VALIDATED}: readers general of this version, method laser"
    )
    assert statement(again, {**status, "tesseract": "ok"}, "stamped").startswith(NOT_VALIDATED)
    assert statement(again, status, "").startswith(NOT_VALIDATED)
    assert statement(None, status, "").startswith("validated on simulated plates")


def test_other_weights_are_not_validated():
    row = ValidatedRow("general", "0" * 64, "stamped", dict.fromkeys(FIGURES, 0), {}, "2026-01-02")
    assert row.weights != fingerprint()
    assert statement([row], {"general": "ok"}, "stamped").startswith(NOT_VALIDATED)


def test_a_new_row_takes_the_place_of_the_old_one_of_its_combination():
    counts = dict.fromkeys(("series", "characters", "positions", "blanks"), 1)
    figure = Figure(0.5, math.nan, math.nan)
    old = [ValidatedRow("a", "w", method, counts, {"cer": figure}, "2025-01-01") for method in ("x", "y")]
    new = [ValidatedRow("a", "w", "y", counts, {"cer": figure}, "2026-01-01")]
    assert [(row.method, row.made[:4]) for row in joined(old, new)] == [("x", "2025"), ("y", "2026")]


def test_any_text_survives_the_table(tmp_path):
    counts = dict.fromkeys(("series", "characters", "positions", "blanks"), 1)
    method = 'dot "peen"\\ штамп\x7f\t\n'
    row = ValidatedRow("a", "w", method, counts, {"cer": Figure(0.5, 0.1, 0.9)}, "2025-01-01")
    write_table(tmp_path / "t.toml", [row])
    assert read_table(tmp_path / "t.toml") == [row]


@pytest.mark.parametrize(
    "content", ["schema = 2\n", "[[validated", "schema = 1\n[[validated]]\nmethod = 1\n"]
)
def test_a_table_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "t.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(TruthError, match="no table of what was validated"):
        read_table(path)
    assert run("read", tmp_path, "--validated", path).exit_code == 2


def test_a_method_without_a_table_is_wrong_usage(tmp_path):
    assert run("read", tmp_path, "--method", "stamped").exit_code == 2


@pytest.fixture(scope="module")
def validated(tmp_path_factory) -> tuple[Result, Path, Path]:
    """Two sample series, one of them with a photograph cut off, and one that is not there; really read."""
    folder = tmp_path_factory.mktemp("lab") / "plates"
    for name in ("01_intact_stamped", "03_worn"):
        (folder / name).mkdir(parents=True)
        shutil.copy(sample(name, 1), folder / name)
    (folder / "03_worn" / "cut.jpg").write_bytes(sample("03_worn", 2).read_bytes()[:9000])
    (folder / "truth.csv").write_text(
        "series,text,method\n01_intact_stamped,QX48271,stamped\n03_worn,B70392K,stamped\ngone,1,stamped\n",
        encoding="utf-8",
    )
    out = folder.parent / "results"
    result = run(
        *("validate", folder, "--truth", folder / "truth.csv", "--out", out),
        *("--readers", "general", "--workers", 1),
    )
    return result, folder, out


def test_the_command_reads_judges_prints_and_writes(validated):
    result, _, out = validated
    assert result.exit_code == 3, result.stderr
    assert "gone: no such folder" in result.stderr and "cut.jpg" in result.stderr
    assert "CER" in result.stdout and "method: stamped" in result.stdout
    value = json.loads((out / "validation.json").read_text("utf-8"))
    assert value["groups"][0]["counts"]["characters"] == 14
    assert value["groups"][0]["figures"]["cer"]["value"] <= 1
    assert [one["judged"] is not None for one in value["series"]] == [True, True, False]
    assert value["series"][0]["judged"]["read"] == "QX48271"
    with (out / "figures.csv").open(encoding="utf-8-sig") as table:
        rows = list(csv.DictReader(table))
    assert {row["figure"] for row in rows} >= set(FIGURES)
    assert len((out / "proposals.jsonl").read_text("utf-8").splitlines()) == 2
    assert not (out / "validated_for.toml").exists(), "without a plan nothing is validated"
    assert not (out / "dossier.pdf").exists()


def test_reading_says_what_it_was_validated_for(validated, tmp_path):
    _, folder, out = validated
    value = json.loads((out / "validation.json").read_text("utf-8"))["groups"][0]
    figures = {
        name: Figure(*(math.nan if end is None else end for end in ends.values()))
        for name, ends in value["figures"].items()
    }
    row = ValidatedRow("general", fingerprint(), "stamped", value["counts"], figures, "2026-01-02")
    write_table(tmp_path / "validated_for.toml", [row])
    arguments = ("read", folder / "01_intact_stamped", "--readers", "general", "--workers", 1)
    table = ("--validated", tmp_path / "validated_for.toml")
    told = [
        json.loads(run(*arguments, *more).stdout)["validation"]
        for more in ((), (*table, "--method", "stamped"), (*table, "--method", "laser"))
    ]
    assert told[0].startswith("validated on simulated plates")
    assert told[1].startswith("validated on 2 plates of this laboratory, method stamped")
    assert told[2].startswith(NOT_VALIDATED)
