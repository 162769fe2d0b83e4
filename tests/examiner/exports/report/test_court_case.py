"""What a court reads of a case with two examiners, two lines, over-striking and Cyrillic."""

from __future__ import annotations

import csv
import io

import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.exports.files import report_as_pdf
from examiner.exports.reading_csv import reading_csv
from examiner.exports.report import report_value
from examiner.tracing.trace import trace_text
from tests.examiner.exports.report.court_case import court_case

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
    assert "struck over it" in trace_text(value)


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
    assert rows[5]["own_excluded"] == "'1 7"
