"""The report: all of the record in it, the same bytes for the same case, hostile text as text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import REPORT_PARTS, LaboratoryError, laboratory_from_json, shipped
from examiner.casebook.ledger import canonical
from examiner.cli import application
from examiner.examination.acts import (
    Amend,
    Decide,
    DrawLine,
    Lock,
    Mode,
    NothingSeen,
    Observe,
    OrderPhotos,
    PhotoOrder,
    Place,
)
from examiner.examination.mode_words import MODE_WORDS
from examiner.examination.readings import CharacterReading, State
from examiner.exports.files import HANDOVER, MAKERS, give_out, report_as_json, report_as_pdf
from examiner.exports.report import ReportError, report_pdf, report_value
from examiner.exports.report.content import MATERIAL
from examiner.exports.report.illustrations import KEPT, Illustrations, evenly
from examiner.exports.report.statements import UNFINISHED
from examiner.photographs.crops import read_kept
from examiner.typesetting.shown_text import _can_be_set, by_number, showable
from pipelines.fuse import FUSIONS
from pipelines.fuse.provenance import provenance
from pipelines.fuse.stack import stacked
from pipelines.probability.calibration import measured_held_out
from pipelines.types import Candidate, Position
from tests.examiner.drawn import SECRET, box, proposal, read
from tests.examiner.whole_case import decided, handover_wrong, looked_at, plate, read_alone, whole_case

HOSTILE = '#panic("x") $x$ *b* _i_ <b> \\ `r` #include "/etc/passwd" @x // 五 ٣ א 😀 A\u0335'


@pytest.fixture
def case(tmp_path):
    id, _ = whole_case(tmp_path / "casebook", tmp_path / "room")
    with Casebook(tmp_path / "casebook") as casebook:
        yield casebook, id


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """The same for tests that write nothing: casebook, id, the report's values, its pictures."""
    room = tmp_path_factory.mktemp("report")
    id, _ = whole_case(room / "casebook", room / "room")
    with Casebook(room / "casebook") as casebook:
        value = report_value(casebook, id, shipped())
        yield casebook, id, value, pictures(casebook, id, value)


def pictures(casebook, id, value):
    return Illustrations(casebook.photos(id), casebook.examination(id)).of(value)


def test_every_material_of_a_calibration_has_words():
    kinds = {row.kind for readers in ("marks", "general") for row in measured_held_out(readers)}
    assert kinds and kinds <= MATERIAL.keys()


def test_the_report_has_every_part_of_the_record(unchanged):
    _, _, value, _ = unchanged
    reading = value["reading"]
    assert [line["string"] for line in reading["agreed"]] == value["result"]["lines"] == ["A8"]
    assert reading["second"]["by"] == "max" and len(reading["signatures"]) == 4
    assert reading["amendments"][0]["reason"] == "the B is an 8"
    assert reading["case"]["case"]["reference"] == "2026/17" and reading["case"]["procedure"]
    [shown] = value["enhancements"]
    [step] = shown["steps"]
    assert step["title"] == "Even light" and step["parameters"] and step["lies"]
    assert "doi 10.1016/0146-664X" in step["reference"]
    assert value["verify"]["head"] == reading["ledger"]["head"]
    assert value["trace"]["about"] == "search aid, not a finding"
    assert value["mode"].startswith("Casework")


def test_the_same_case_gives_the_same_bytes_on_both_papers(unchanged):
    casebook, id, value, made = unchanged
    a4 = report_as_pdf(casebook, id, shipped())
    assert a4 == report_pdf(value, made)
    letter = report_pdf(value, made, "letter")
    assert a4 != letter == report_pdf(value, made, "letter")
    assert b"<pdfaid:part>2</pdfaid:part>" in a4 and b"<pdfaid:conformance>B</pdfaid:conformance>" in a4


def test_what_was_given_out_does_not_change_the_report(case):
    casebook, id = case
    before = report_value(casebook, id, shipped())
    give_out(casebook, id, "reading.json", "eva", shipped())
    assert report_value(casebook, id, shipped()) == before


def test_the_json_file_is_all_that_the_pdf_is_set_from(unchanged):
    casebook, id, value, made = unchanged
    back = json.loads(canonical(value))
    assert back == json.loads(report_as_json(casebook, id, shipped()))
    assert report_pdf(back, made) == report_pdf(value, made)


def test_pictures_come_from_the_originals(unchanged):
    _, _, _, made = unchanged
    assert set(made) == {
        *("photo-0.jpg", "photo-1.jpg", "crop-1.png", "crop-2.png", "enhanced-0.jpg"),
        *("row-0-0-0.png", "row-0-1-2.png"),
    }
    assert made["photo-0.jpg"] != made["enhanced-0.jpg"]


def test_a_picture_that_does_not_come_out_again_is_left_out_not_made_up(unchanged):
    casebook, id, value, _ = unchanged
    value = json.loads(canonical(value))
    value["enhancements"][0]["steps"][0]["output_sha256"] = "0" * 64
    made = pictures(casebook, id, value)
    assert "enhanced-0.jpg" not in made
    assert report_pdf(value, made).startswith(b"%PDF")


def test_nothing_that_people_write_is_code(tmp_path):
    words = {**shipped().to_json(), "name": HOSTILE}
    words["report"] = {part: [HOSTILE] for part in REPORT_PARTS}
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "#let x = 1 五.png")], HOSTILE, HOSTILE)
        casebook.act(id, NothingSeen(HOSTILE + "\n\t"), HOSTILE)
        casebook.act(id, Lock(), HOSTILE)
        hostile = report_as_pdf(casebook, id, laboratory_from_json(words))
        value = report_value(casebook, id, laboratory_from_json(words))
    assert hostile.startswith(b"%PDF") and value["reading"]["nothing_seen"] == HOSTILE + "\n\t"


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
            "labels": [],
            "legend": {},
            "counts": "",
            "scripts": [],
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
    assert value["result"]["lines"] == ["??"]


def test_what_is_not_revealed_is_not_in_the_report(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        read_alone(casebook, id, "eva", "AB")
        casebook.keep_proposal(id, proposal([box(0), box(10)]))
        value = report_value(casebook, id, shipped())
        assert SECRET not in canonical(value) and not value["result"]["signed"]
        casebook.reveal(id, "eva")
        assert SECRET in canonical(report_value(casebook, id, shipped()))


def test_a_paper_that_is_none_is_refused(unchanged):
    with pytest.raises(ReportError, match="a4 or letter"):
        report_pdf(unchanged[2], {}, "a3")


def test_the_handover_holds_every_file_and_verifies(case, tmp_path):
    casebook, id = case
    path = tmp_path / "given.zip"
    path.write_bytes(give_out(casebook, id, HANDOVER, "eva", shipped()))
    assert handover_wrong(path, report_value(casebook, id, shipped())["verify"]["head"]) == []
    given = {line.value()["name"] for line in casebook.history(id) if line.kind == "export"}
    assert given >= set(MAKERS)


def test_the_command_writes_and_records(case, tmp_path):
    casebook, id = case
    pdf, values = tmp_path / "r.pdf", tmp_path / "r.json"
    arguments = [
        "report",
        str(casebook.folder),
        id[:8],
        "-o",
        str(pdf),
        "-o",
        str(values),
        "--paper",
        "letter",
    ]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0, result.output
    recorded = {line.value()["sha256"] for line in casebook.history(id) if line.kind == "export"}
    for path in (pdf, values):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in recorded
    casebook.act(id, Amend("seen again"), "eva")
    again = CliRunner().invoke(application, arguments)
    assert again.exit_code == 2 and "r.pdf" in again.output
    assert {line.value()["sha256"] for line in casebook.history(id) if line.kind == "export"} == recorded


def test_a_report_that_cannot_be_made_leaves_no_file(case, tmp_path):
    casebook, id = case
    arguments = ["report", str(casebook.folder), id[:8], "-o", str(tmp_path / "r.pdf"), "--paper", "a3"]
    assert CliRunner().invoke(application, arguments).exit_code == 2
    assert not (tmp_path / "r.pdf").exists()


def test_the_laboratory_says_which_paper(unchanged):
    _, _, value, made = unchanged
    words = {**value["laboratory"], "report": {**value["laboratory"]["report"], "paper": "letter"}}
    letter = {**value, "laboratory": words}
    assert report_pdf(letter, made) == report_pdf(letter, made, "letter") != report_pdf(letter, made, "a4")
    with pytest.raises(LaboratoryError, match="a4 or letter"):
        laboratory_from_json({**words, "report": {"paper": "a3"}})


def test_candidate_set_and_likelihood_ratio_are_said_of_each_position(tmp_path):
    found = proposal([box(0)])
    [line] = found.lines
    position = replace(
        line.positions[0],
        candidates=(Candidate("8", 0.6), Candidate("3", 0.2)),
        candidate_set=("8", "3"),
        log10_likelihoods=(("8", 0.0), ("3", -1.0)),
    )
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        read_alone(casebook, id, "eva", "8")
        casebook.keep_proposal(id, replace(found, lines=(replace(line, positions=(position,)),)))
        casebook.reveal(id, "eva")
        value = report_value(casebook, id, shipped())
    [shown_of] = value["sets"].values()
    assert shown_of == "95 % candidate set: 3 or 8. Likelihood ratio 8 : 3 = 10."
    assert value["reading"]["positions"][0]["proposed"]["candidate_set"] == ["8", "3"]


def test_evidence_at_the_examiners_places_is_in_report_and_json_after_the_reveal(tmp_path):
    # The machine counts one character where the examiner marked two.
    found = proposal([box(0, 20)])
    at_places = tuple(
        Position(
            (Candidate("8", 0.62), Candidate("3", 0.31)),
            box(10 * i),
            "alternatives",
            candidate_set=("8", "3"),
            log10_likelihoods=(("8", 0.0), ("3", -1.08), ("", -4.0)),
        )
        for i in range(2)
    )
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        read_alone(casebook, id, "eva", "83")
        casebook.keep_proposal(id, replace(found, lines=(replace(found.lines[0], at_places=at_places),)))
        value = report_value(casebook, id, shipped())
        assert value["at_places"] == {}
        assert all(position["at_place"] is None for position in value["reading"]["positions"])
        casebook.reveal(id, "eva")
        first, second = casebook.examination(id).positions
        casebook.act(id, Decide(first.id, read("8")), "eva")
        casebook.act(id, Decide(second.id, read("8")), "eva")
        value = report_value(casebook, id, shipped())
        made = pictures(casebook, id, value)
    seen = "At this place: 8 (0.62), 3 (0.31). 95 % candidate set: 3 or 8."
    assert value["at_places"] == {
        str(first.id): f"{seen} The reading: likelihood ratio 8 : 3 = 12.",
        str(second.id): f"{seen} The reading: likelihood ratio 3 : 8 = 0.083."
        " The final reading: likelihood ratio 8 : 3 = 12.",
    }
    of_second = value["reading"]["positions"][1]["at_place"]
    assert of_second["log10_likelihoods"] == [["8", 0.0], ["3", -1.08], ["", -4.0]]
    assert of_second["likelihood_ratios"] == {
        "own": {"glyph": "3", "other": "8", "log10": -1.08},
        "final": {"glyph": "8", "other": "3", "log10": 1.08},
        "settled": None,
    }
    places = [position["at_place"] for position in value["reading"]["positions"]]
    assert [at["index"] for at in places] == [0, 1]
    assert [at["counted"] for at in places] == [{"line": 0, "index": 0}, None]
    assert [position["proposed"] is None for position in value["reading"]["positions"]] == [False, True]
    assert report_pdf(value, made).startswith(b"%PDF")


def test_what_the_second_examiner_looked_at_is_there_too(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = decided(casebook, [plate(tmp_path / "plate.png")])
        second = casebook.begin_second(id, "max")
        looked_at(casebook, second, "max", "quiet_metal")
        read_alone(casebook, second, "max", "AB")
        assert [one["by"] for one in report_value(casebook, id, shipped())["enhancements"]] == ["eva"]
        casebook.take_second(id, "eva")
        assert [one["by"] for one in report_value(casebook, id, shipped())["enhancements"]] == ["eva", "max"]


@pytest.mark.parametrize("mode", list(Mode))
def test_each_mode_is_named_and_says_in_which_order_was_read(mode):
    words = MODE_WORDS[mode]
    assert words.name.replace(" ", "_").startswith(mode.value)
    assert words.meaning and words.order.endswith(".")


def test_what_was_not_read_alone_is_not_said_to_be(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "Exhibit 1")
        assert report_value(casebook, id, shipped())["order"] == UNFINISHED
        read_alone(casebook, id, "eva", "A")
        assert report_value(casebook, id, shipped())["order"] == MODE_WORDS[Mode.CASEWORK].order
        casebook.keep_proposal(id, proposal([box(0), box(30)]))
        casebook.reveal(id, "eva")
        said = report_value(casebook, id, shipped())["order"]
    assert "Of 2 positions 1 were read alone first; 1 were added later." in said
    assert MODE_WORDS[Mode.CASEWORK].order not in said


def test_a_fused_picture_is_made_again_of_the_photographs_it_was_made_of(case):
    casebook, id = case
    photos = dict(enumerate(map(read_kept, casebook.photos(id))))
    stack = stacked(photos, {0: np.eye(3), 1: np.eye(3)}, 0, {})
    record = provenance(stack, "median", {}, FUSIONS["median"].run(stack), {})
    casebook.record_view(id, "eva", "fusion", record)
    value = report_value(casebook, id, shipped())
    made = pictures(casebook, id, value)
    assert value["fusions"][0]["record"] == json.loads(json.dumps(record)) and "fused-0.jpg" in made
    assert report_pdf(value, made).startswith(b"%PDF")


def test_only_what_stands_since_the_amendment_is_its_signatures(case):
    casebook, id = case
    value = report_value(casebook, id, shipped())
    assert [one["by"] for one in value["signatures"]] == ["max", "eva"]
    assert value["signatures"] == value["reading"]["signatures"][2:]
    casebook.act(id, Amend("seen again"), "eva")
    assert report_value(casebook, id, shipped())["signatures"] == []


def test_what_was_measured_and_noted_on_photographs_is_there_as_it_was_left(case):
    casebook, id = case
    [photo, *_] = casebook.photos(id)
    of = {"photo": 0, "sha256": photo.sha256}
    arrow = {"kind": "arrow", "tail": [1.0, 1.0], "head": [9.0, 9.0], "text": "open to the left"}
    note = {"kind": "note", "at": [4.0, 4.0], "text": "pit"}
    scale = {"mm_per_px": 0.05, "deviation": 0.01}
    measured = {"measured": "distance", "points": [[0, 0], [20, 0]]}
    for what, content in (
        ("annotations", {"annotations": [arrow]}),
        ("annotations", {"annotations": [arrow, note]}),
        ("measurement", {"measured": "scale", "points": [[0, 0], [20, 0]], "scale": scale}),
        ("measurement", {**measured, "distance": {"value": 1.0, "deviation": 0.05}}),
        (
            "comparison",
            {"position": 1, "one": {}, "other": {"typeface": "sans", "glyph": "A"}, "to_one": []}
            | {"inverted": False, "agreement": 0.5, "view": "overlay", "note": "foot"},
        ),
    ):
        casebook.record_view(id, "eva", what, {**of, **content})
    value = report_value(casebook, id, shipped())
    assert [one["annotations"] for one in value["annotations"]] == [[arrow, note]]
    assert [one["measured"] for one in value["measurements"]] == ["scale", "distance"]
    assert report_pdf(value, {}).startswith(b"%PDF")


@settings(max_examples=30)
@given(st.text(max_size=8))
def test_any_text_can_be_set(text):
    value, names = showable({"a": [text], text: 1})
    [[said], *_] = value.values()
    assert _can_be_set(tuple(said)) or not said
    for character in set(text):
        assert by_number(character) in names or character in said or character in "\t\r"


def test_what_cannot_be_shown_stands_by_its_number():
    value, names = showable(["五 A\u0308 Ж", "x\u202ey", "٣"])
    assert value == ["‹U+4E94› A\u0308 Ж", "x‹U+202E›y", "‹U+0663›"]
    assert names["‹U+0663›"] == "ARABIC-INDIC DIGIT THREE"


def test_few_photographs_are_in_memory_however_many_there_are(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        photos = [plate(tmp_path / f"{number}.png", number) for number in range(8)]
        id = casebook.begin(Mode.CASEWORK, photos, "eva", "Exhibit 1")
        made = Illustrations(casebook.photos(id), casebook.examination(id))
        assert len(made.of(report_value(casebook, id, shipped()))) == 8
        assert len(made._seen) == KEPT


def test_the_time_strip_is_in_the_examiners_order(case):
    casebook, id = case
    casebook.act(id, Amend("seen again"), "eva")
    casebook.act(id, OrderPhotos(PhotoOrder.OWN, (1, 0)), "eva")
    names = list(pictures(casebook, id, report_value(casebook, id, shipped())))
    assert [name for name in names if name.startswith("row")] == ["row-0-1-2.png", "row-0-0-0.png"]


def test_a_long_series_is_spread_evenly():
    assert evenly(range(5), 16) == [0, 1, 2, 3, 4]
    assert evenly(range(100), 4) == [0, 33, 66, 99]


def test_what_was_decided_with_reasons_is_there(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = decided(casebook, [plate(tmp_path / "plate.png")])
        first = report_value(casebook, id, shipped())["reading"]["positions"][0]
    assert first["final"]["reason"] == "as first read" and first["own"]["reading"] == read("A").reading
