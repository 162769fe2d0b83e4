"""The report: all of the record in it, the same bytes for the same case, hostile text as text."""

from __future__ import annotations

import hashlib
import json

import pytest
from drawn import SECRET, box, proposal, read
from typer.testing import CliRunner
from whole_case import decided, plate, read_alone, whole_case

from examiner.casebook import Casebook
from examiner.cli import application
from examiner.given_out import HANDOVER, MADE, give_out, report_as_pdf
from examiner.handover import handover_wrong
from examiner.laboratory import laboratory_from_json, shipped
from examiner.ledger import canonical
from examiner.readings import CharacterReading, State
from examiner.records import DrawLine, Lock, Mode, NothingSeen, Observe, Place
from examiner.report import ReportError, report_pdf, report_value
from examiner.report.illustrations import Illustrations

HOSTILE = '#panic("x") $x$ *b* _i_ <b> \\ `r` #include "/etc/passwd" @x //'


@pytest.fixture
def case(tmp_path):
    id, _ = whole_case(tmp_path / "casebook", tmp_path / "room")
    with Casebook(tmp_path / "casebook") as casebook:
        yield casebook, id


def pictures(casebook, id, value):
    return Illustrations(casebook.photos(id), casebook.examination(id)).of(value)


def test_the_report_has_every_part_of_the_record(case):
    casebook, id = case
    value = report_value(casebook, id, shipped())
    reading = value["reading"]
    assert [line["string"] for line in reading["agreed"]] == value["result"]["lines"] == ["A8"]
    assert reading["second"]["by"] == "max" and len(reading["signatures"]) == 4
    assert reading["amendments"][0]["reason"] == "the B is an 8"
    assert reading["case"]["case"]["reference"] == "2026/17" and reading["case"]["procedure"]
    [shown] = value["enhancements"]
    assert shown["steps"][0]["title"] == "Even light" and shown["steps"][0]["parameters"]
    assert value["verify"]["head"] == reading["ledger"]["head"]
    assert value["trace"]["about"] == "search aid, not a finding"
    assert value["mode"].startswith("Casework")


def test_the_same_case_gives_the_same_bytes_on_both_papers(case):
    casebook, id = case
    a4 = report_as_pdf(casebook, id, shipped())
    assert a4 == report_as_pdf(casebook, id, shipped())
    assert a4 != report_as_pdf(casebook, id, shipped(), "letter")
    assert b"<pdfaid:part>2</pdfaid:part>" in a4 and b"<pdfaid:conformance>B</pdfaid:conformance>" in a4


def test_what_was_given_out_does_not_change_the_report(case):
    casebook, id = case
    before = report_as_pdf(casebook, id, shipped())
    give_out(casebook, id, "reading.json", "eva", shipped())
    assert report_as_pdf(casebook, id, shipped()) == before


def test_the_json_file_is_all_that_the_pdf_is_set_from(case):
    casebook, id = case
    value = report_value(casebook, id, shipped())
    back = json.loads(canonical(value))
    made = pictures(casebook, id, value)
    assert back == json.loads(give_out(casebook, id, "report.json", "eva", shipped()))
    assert report_pdf(back, made) == report_pdf(value, made)


def test_pictures_come_from_the_originals(case):
    casebook, id = case
    made = pictures(casebook, id, report_value(casebook, id, shipped()))
    assert set(made) == {
        *("photo-0.png", "photo-1.png", "crop-1.png", "crop-2.png", "enhanced-0.png"),
        *("row-0.png", "row-1.png"),
    }
    assert made["photo-0.png"] != made["enhanced-0.png"]


def test_a_picture_that_does_not_come_out_again_is_left_out_not_made_up(case):
    casebook, id = case
    value = json.loads(canonical(report_value(casebook, id, shipped())))
    value["enhancements"][0]["steps"][0]["output_sha256"] = "0" * 64
    made = pictures(casebook, id, value)
    assert "enhanced-0.png" not in made
    assert report_pdf(value, made).startswith(b"%PDF")


def test_nothing_that_people_write_is_code(tmp_path):
    words = {**shipped().to_json(), "name": HOSTILE}
    words["report"] = {part: [HOSTILE] for part in words["report"]}
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "#let x = 1.png")], HOSTILE, HOSTILE)
        casebook.act(id, NothingSeen(HOSTILE), HOSTILE)
        casebook.act(id, Lock(), HOSTILE)
        hostile = report_as_pdf(casebook, id, laboratory_from_json(words))
        value = report_value(casebook, id, laboratory_from_json(words))
    assert hostile.startswith(b"%PDF") and value["reading"]["nothing_seen"] == HOSTILE


def test_nothing_seen_is_a_full_report(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.QUALITY_CONTROL, [plate(tmp_path / "plate.png")], "eva", "Exhibit 2")
        casebook.act(id, NothingSeen("whole slide, both sides"), "eva")
        casebook.act(id, Lock(), "eva")
        casebook.sign(id, "eva", None)
        value = report_value(casebook, id, shipped())
        assert value["result"] == {
            "lines": [],
            "none": "No result: no character was seen.",
            "signed": True,
        }
        assert report_as_pdf(casebook, id, shipped()).startswith(b"%PDF")


def test_a_marking_of_which_nothing_could_be_read_has_no_result(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.QUALITY_CONTROL, [plate(tmp_path / "plate.png")], "eva", "Exhibit 2")

        casebook.act(id, DrawLine(Place(0, box(0, 20)), 2), "eva")
        for position in (1, 2):
            casebook.act(id, Observe(position, CharacterReading(State.UNREADABLE)), "eva")
        casebook.act(id, Lock(), "eva")
        casebook.sign(id, "eva", None)
        value = report_value(casebook, id, shipped())
    assert value["result"]["none"] == "No result: no character of this marking could be read."
    assert value["result"]["lines"] == ["__"]


def test_what_is_not_revealed_is_not_in_the_report(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        read_alone(casebook, id, "eva", "AB")
        casebook.keep_proposal(id, proposal([box(0), box(10)]))
        value = report_value(casebook, id, shipped())
        assert SECRET not in canonical(value) and not value["result"]["signed"]
        casebook.reveal(id, "eva")
        assert SECRET in canonical(report_value(casebook, id, shipped()))


def test_a_paper_that_is_none_is_refused(case):
    casebook, id = case
    with pytest.raises(ReportError, match="a4 or letter"):
        report_pdf(report_value(casebook, id, shipped()), {}, "a3")


def test_the_handover_holds_every_file_and_verifies(case, tmp_path):
    casebook, id = case
    path = tmp_path / "given.zip"
    path.write_bytes(give_out(casebook, id, HANDOVER, "eva", shipped()))
    assert handover_wrong(path, report_value(casebook, id, shipped())["verify"]["head"]) == []
    given = {line.value()["name"] for line in casebook.history(id) if line.kind == "export"}
    assert given >= set(MADE)


def test_the_command_writes_and_records(case, tmp_path):
    casebook, id = case
    pdf, values = tmp_path / "r.pdf", tmp_path / "r.json"
    arguments = [
        "report",
        str(casebook.folder),
        id[:8],
        "-o",
        str(pdf),
        "--json",
        str(values),
        "--paper",
        "letter",
    ]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0, result.output
    recorded = {line.value()["sha256"] for line in casebook.history(id) if line.kind == "export"}
    for path in (pdf, values):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in recorded
    again = CliRunner().invoke(application, arguments)
    assert again.exit_code == 1 and "r.pdf" in again.output


def test_what_was_decided_with_reasons_is_there(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = decided(casebook, [plate(tmp_path / "plate.png")])
        first = report_value(casebook, id, shipped())["reading"]["positions"][0]
    assert first["final"]["reason"] == "as first read" and first["own"]["reading"] == read("A").reading
