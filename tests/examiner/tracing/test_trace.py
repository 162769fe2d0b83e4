"""A whole trace of an examination, and the makers' table."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.cli import application
from examiner.examination.acts import Decide, DrawLine, Lock, Mode, Observe, Place
from examiner.examination.readings import CharacterReading, State, reading_from_json
from examiner.exports.files import give_out
from examiner.tracing.maker_formats import MakerFormatError, fitting, maker_formats
from examiner.tracing.patterns import SEARCH_AID, Slot
from examiner.tracing.trace import DRAFT, NO_PROPOSAL, _counted, trace, trace_text
from tests.examiner.drawn import box, proposal
from tests.examiner.whole_case import decided, plate, whole_case


@pytest.fixture
def case(tmp_path):
    id, _ = whole_case(tmp_path / "casebook", tmp_path / "room")
    with Casebook(tmp_path / "casebook") as casebook:
        yield casebook, id


def test_a_trace_says_what_it_is_and_what_was_read(case):
    casebook, id = case
    found = trace(casebook, id)
    assert found["about"] == "search aid, not a finding"
    [line] = found["lines"]
    assert line["string"] and line["patterns"]["regex"].startswith("^")
    assert line["makers"] == []
    assert line["candidates"]["total"] >= len(line["candidates"]["shown"]) > 0
    text = trace_text(found)
    assert text.startswith("SEARCH AID, NOT A FINDING") and line["patterns"]["regex"] in text


def test_the_request_has_the_fields_of_the_case(case):
    casebook, id = case
    fields = {one["etrace"]: one["value"] for one in trace(casebook, id)["request"]}
    assert fields["5a"] == trace(casebook, id)["lines"][0]["string"]
    assert list(fields) == ["5a", "5b", "5c", "5d", "5e", "5f", "5g", "5h", "5i"]


def test_it_says_what_the_probabilities_are_and_whether_it_is_signed(case, tmp_path):
    casebook, id = case
    found = trace(casebook, id)
    assert found["signed"] and "no probability that a record is the item's" in found["probabilities"]
    assert all(line["about"] == SEARCH_AID for line in found["lines"])
    draft = decided(casebook, [plate(tmp_path / "plate.png")])
    assert trace_text(trace(casebook, draft)).splitlines()[:2] == [SEARCH_AID.upper(), DRAFT]
    alone = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 3")
    assert trace(casebook, alone)["probabilities"] == NO_PROPOSAL


def test_positions_that_share_evenly_are_named_as_they_are_numbered(tmp_path):
    row = [
        CharacterReading(State.NO_CHARACTER),
        CharacterReading(State.ALTERNATIVES, alternatives=("7", "1")),
        CharacterReading(State.ALTERNATIVES, alternatives=("A", "А")),
    ]
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        casebook.act(id, DrawLine(Place(0, box(0, 30)), 3), "eva")
        for position, one in enumerate(row, 1):
            casebook.act(id, Observe(position, one), "eva")
        casebook.act(id, Lock(), "eva")
        casebook.keep_proposal(id, proposal([box(0), box(10), box(20)]))
        casebook.reveal(id, "eva")
        for position, one in enumerate(row, 1):
            casebook.act(id, Decide(position, replace(one, reason="as first read")), "eva")
        [line] = trace(casebook, id)["lines"]
    assert list(line["candidates"]["equal"]) == [2, 3]
    assert line["notes"] == [
        "positions 2, 3: the proposal names none of the alternatives, they share evenly",
        "position 3: alternatives that look the same share their probability evenly",
    ]


def test_twins_stay_apart_from_the_reading_to_every_file_and_back(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = decided(casebook, [plate(tmp_path / "plate.png")], "АA")
        for name in ("reading.json", "report.json"):
            value = json.loads(give_out(casebook, id, name, "eva", shipped()))
            value = value.get("reading", value)
            back = [reading_from_json(position["final"]) for position in value["positions"]]
            assert [one.reading for one in back] == ["А", "A"]
        traced = json.loads(give_out(casebook, id, "trace.json", "eva", shipped()))
        pattern = re.compile(traced["lines"][0]["patterns"]["regex"])
        assert pattern.fullmatch("АA") and not pattern.fullmatch("AA") and not pattern.fullmatch("АА")
        table = give_out(casebook, id, "reading.csv", "eva", shipped()).decode()
        rows = list(csv.DictReader(io.StringIO(table)))
        assert [row["final_reading"] for row in rows] == ["А", "A"]
    assert [spelling["name"] for spelling in traced["lines"][0]["spellings"]][:1] == ["Latin look-alikes"]


def test_a_file_that_is_written_is_recorded_and_none_is_written_over(case, tmp_path):
    casebook, id = case
    path = tmp_path / "trace.json"
    arguments = ["trace", str(casebook.folder), id[:6], "--json", "-o", str(path)]
    assert CliRunner().invoke(application, arguments).exit_code == 0
    recorded = {line.value()["sha256"] for line in casebook.history(id) if line.kind == "export"}
    assert hashlib.sha256(path.read_bytes()).hexdigest() in recorded
    again = CliRunner().invoke(application, [*arguments, "--makers"])
    assert again.exit_code == 2 and "trace.json" in again.output
    assert len([line for line in casebook.history(id) if line.kind == "export"]) == len(recorded)


def test_the_command_gives_the_same_as_json(case):
    casebook, id = case
    result = CliRunner().invoke(application, ["trace", str(casebook.folder), id[:6], "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(trace(casebook, id)))


def test_makers_stand_beside_what_was_read_and_change_nothing_of_it(case, tmp_path):
    casebook, id = case
    table = tmp_path / "formats.toml"
    table.write_text("[[format]]\nmaker='Works'\npattern=['A9']\nmarks='m'\nknown='published'\nsource='s'\n")
    plain, beside = trace(casebook, id), trace(casebook, id, maker_formats(table))
    assert [row["maker"] for row in beside["lines"][0]["makers"]] == ["Works"]
    assert "by the form of the number alone: no evidence" in trace_text(beside)
    beside["lines"][0]["makers"] = []
    assert beside == plain


def test_an_id_that_nothing_begins_with_is_named(case):
    casebook, _ = case
    result = CliRunner().invoke(application, ["trace", str(casebook.folder), "zz"])
    assert result.exit_code != 0 and "'zz'" in result.output


@pytest.mark.parametrize(
    ("read", "maker"), [("AB123", "Glock"), ("ЖЯ1234", "Izhevsk, Makarov"), ("BER123456Z", "Beretta")]
)
def test_a_number_fits_formats_of_its_form(read, maker):
    names = [row.maker for row in fitting([Slot((c,)) for c in read], maker_formats())]
    assert maker in names


def test_a_latin_number_fits_no_cyrillic_format():
    assert "Izhevsk, Makarov" not in [
        row.maker for row in fitting([Slot((c,)) for c in "AB1234"], maker_formats())
    ]


def test_an_open_position_fits_what_the_format_has_there():
    slots = [Slot(("A", "4")), Slot(), Slot(excluded=("1",)), Slot(("2",)), Slot(("3",))]
    assert "Glock" in [row.maker for row in fitting(slots, maker_formats())]


def test_every_row_says_where_it_is_from():
    assert all(row.source and row.known == "published" for row in maker_formats())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[format]]\nmaker='x'\n",
        "[[format]]\nmaker=1\npattern=['A']\nmarks='m'\nknown='published'\nsource='s'\n",
        "no toml [",
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "formats.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MakerFormatError, match=r"formats\.toml"):
        maker_formats(path)


def test_positions_of_which_the_same_is_said_are_named_together():
    assert [_counted(numbers) for numbers in ([4], [1, 2], [1, 2, 3, 7], [2, 4, 5, 6])] == [
        "position 4",
        "positions 1, 2",
        "positions 1 to 3, 7",
        "positions 2, 4 to 6",
    ]
