"""What a court reads of a case with two examiners, two lines, over-striking and Cyrillic."""

from __future__ import annotations

import csv
import io

import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.examination.acts import DrawLine, Lock, Mode, Observe, Place
from examiner.examination.readings import CharacterReading, Layer, State
from examiner.exports.files import report_as_pdf
from examiner.exports.reading_csv import reading_csv
from examiner.exports.report import report_value
from examiner.tracing.trace import trace_text
from tests.examiner.drawn import box
from tests.examiner.exports.report.court_case import court_case, photograph

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def court(tmp_path_factory):
    """The case; tests write nothing into it."""
    room = tmp_path_factory.mktemp("court")
    with Casebook(room / "casebook") as casebook:
        yield casebook, court_case(casebook, room)


def test_the_report_tells_look_alikes_and_layers_apart_and_is_small(court):
    casebook, id = court
    value = report_value(casebook, id, shipped())
    result = value["result"]
    assert result["lines"] == ["А[Cyrillic A/Latin A]<4^6>[digit 0/Cyrillic O]", "О?"]
    assert result["labels"] == ["line 1", "line 2"]
    assert result["counts"] == (
        "6 positions: 3 definite, 2 with alternatives, 1 unreadable. At 1 of them two layers were read."
    )
    assert set(result["legend"]) == {"A", "[3/8]", "?", "<4^6>"}
    assert [compared["words"] for compared in value["comparisons"]] == [
        "Position 3, line 1, read as digit 4, definite, struck over it digit 6 "
        "beside “4” (digit 4) of the typeface sans",
        "Position 1, line 1, read as Cyrillic A, definite "
        "beside position 2, line 1, read as Cyrillic A / Latin A, with alternatives",
    ]
    assert value["result"]["scripts"][2] == "3: digit 4, struck over it digit 6"
    [difference] = value["differences"]
    assert (difference["number"], difference["final"], difference["second"]) == (
        4,
        "digit 0, probable",
        "Cyrillic O, definite",
    )
    assert [told["by"] for told in difference["why"]] == ["eva", "max"]
    positions = value["reading"]["positions"]
    assert [(p["line_label"], p["number"]) for p in positions][3:5] == [("line 1", 4), ("line 2", 5)]
    assert {row["kind"] for row in value["method"]} >= {"etched", "worn", "intact"}
    assert len(report_as_pdf(casebook, id, shipped())) < MOST_BYTES


def test_each_second_reading_has_its_own_time(court):
    casebook, id = court
    reading = report_value(casebook, id, shipped())["reading"]
    second = casebook.history(reading["second"]["examination"])
    made = {line.time for line in second if line.kind == "observe"}
    assert {position["second"]["made"]["at"] for position in reading["positions"]} == made
    assert reading["second"]["locked"]["at"] < reading["second"]["taken_in"]["at"]


def test_layers_are_traced_apart_and_the_request_has_plain_characters(court):
    casebook, id = court
    value = report_value(casebook, id, shipped())["trace"]
    first, _ = value["lines"]
    assert first["patterns"]["regex"] == "^А[АA]4[0О]$"
    assert first["over_stamped"]["regex"] == "^А[АA]6[0О]$"
    assert len(set(first["patterns"]["differing"].values())) == len(first["patterns"]["like"])
    request = {field["etrace"]: field["value"] for field in value["request"]}
    assert request["5a"] == "А?4?, О?"
    assert (request["5g"], request["5h"]) == ("Russia", "Waffen Muster GmbH")
    assert request["5i"] == "import mark DE 1994"
    text = trace_text(value)
    assert "struck over it" in text and "5c manufacturer [make]: Izhevsk" in text
    assert "line 1      А[Cyrillic A/Latin A]<4^6>[digit 0/Cyrillic O]" in text


def test_the_table_has_layer_script_and_both_readings(court):
    casebook, id = court
    rows = list(csv.DictReader(io.StringIO(reading_csv(casebook, id).lstrip("\ufeff"))))
    third, fourth = rows[2], rows[3]
    assert (third["final_over_stamp"], third["final_script"].lstrip("'")) == ("'6", "digit 4")
    assert third["final_features"] == "the bar of a 4 below the 6"
    assert (
        fourth["second_script"] == "Cyrillic O"
        and fourth["settled_script"].lstrip("'") == "digit 0 / Cyrillic O"
    )
    assert fourth["settled_reason"] == (
        "eva: the slash may be a scratch; max: no slash is seen under oblique light"
    )
    assert rows[5]["own_excluded"] == "'1 7"


def test_an_over_stamp_is_no_reading_of_what_lies_below(tmp_path):
    """Both examiners read the 6 on top and nothing of what it was struck over."""
    over = CharacterReading(State.DEFINITE, "6", layer=Layer.OVER_STAMP)
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.QUALITY_CONTROL, [photograph(tmp_path / "plate.png", 1)], "eva", "Exhibit 4")
        for examination, person in ((id, "eva"), (None, "max")):
            reading_of = examination or casebook.begin_second(id, person)
            casebook.act(reading_of, DrawLine(Place(0, box(150, 600, 210, 210)), 2), person)
            for position in (1, 2):
                casebook.act(reading_of, Observe(position, over), person)
            casebook.act(reading_of, Lock(), person)
        casebook.take_second(id, "eva")
        for person in ("eva", "max"):
            casebook.sign(id, person, None)
        value = report_value(casebook, id, shipped())
        rows = list(csv.DictReader(io.StringIO(reading_csv(casebook, id).lstrip("\ufeff"))))
    assert value["result"]["lines"] == ["^6^6"]
    assert value["result"]["counts"] == (
        "2 positions: 2 of the over-stamp only, what lies below is not read."
    )
    assert value["differences"] == [] and value["reading"]["positions"][0]["settled"] is None
    [line] = value["trace"]["lines"]
    assert (line["patterns"]["regex"], line["over_stamped"]["regex"]) == ("^..$", "^66$")
    assert value["trace"]["request"][0]["value"] == "??"
    assert (rows[0]["final_reading"], rows[0]["final_over_stamp"], rows[0]["settled_reading"]) == (
        "",
        "'6",
        "",
    )
