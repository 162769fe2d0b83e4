"""JSON and CSV of an examination: exact, safe to open, and silent about the proposal until it is in view."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import canonical
from examiner.examination.acts import (
    Conditions,
    Decide,
    DeletePosition,
    DescribePhotos,
    DrawLine,
    Lock,
    Mode,
    Observe,
    OrderPhotos,
    PhotoOrder,
    Place,
    Sign,
    Undo,
)
from examiner.examination.notation import LEGEND, NO_CHARACTER, NOT_READ, reading_string
from examiner.examination.readings import CharacterReading, Layer, State, reading_from_json
from examiner.exports.reading_csv import photographs_csv, reading_csv
from examiner.exports.reading_json import limitation, reading_json
from pipelines.probability.calibration import calibration
from pipelines.types import PhotoEntry
from tests.examiner.drawn import SECRET, UNREADABLE, box, proposal, read, readings

PROBABLE_7 = CharacterReading(State.PROBABLE, "7")
THREE_OR_EIGHT = CharacterReading(State.ALTERNATIVES, "", ("3", "8"), "=closed below")
ROW = [read("А"), read("A"), CharacterReading(State.NO_CHARACTER), THREE_OR_EIGHT, UNREADABLE, PROBABLE_7]


@pytest.fixture
def locked(casebook, tmp_path):
    """An examination whose own reading is locked and whose proposal is kept."""
    photo = tmp_path / "=cmd.jpg"
    photo.write_bytes(b"photograph")
    examination_id = casebook.begin(Mode.CASEWORK, [photo], "eva", "@exhibit")
    examination = casebook.act(examination_id, DrawLine(Place(0, box(0, 60)), 6), "eva")
    for position, reading in zip(examination.positions, ROW, strict=True):
        casebook.act(examination_id, Observe(position.id, reading), "eva")
    casebook.act(examination_id, Lock(), "eva")
    (stored,) = casebook.photos(examination_id)
    photos = (PhotoEntry("a", stored.sha256),)
    casebook.keep_proposal(examination_id, proposal([box(10), box(60)], photos))
    return examination_id


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")  # So that a spreadsheet shows Cyrillic letters.
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize(
    ("reading", "sign"),
    [
        (read("A"), "A"),
        (read("Й"), "Й"),
        (read("10"), "(10)"),
        (PROBABLE_7, "[7]"),
        (THREE_OR_EIGHT, "[3/8]"),
        (CharacterReading(State.ALTERNATIVES, "", ("/", "-")), "[\\//-]"),
        (CharacterReading(State.TRACE_ONLY), "~"),
        (UNREADABLE, "?"),
        (CharacterReading(State.NO_CHARACTER), NO_CHARACTER),
        (CharacterReading(State.SYMBOL, "star"), "{star}"),
        (read("?"), "\\?"),
        (read("^"), "\\^"),
        (CharacterReading(State.PROBABLE, "6", layer=Layer.OVER_STAMP), "^[6]"),
        (None, NOT_READ),
    ],
)
def test_each_state_has_its_sign(reading, sign):
    assert reading_string([reading]) == sign


def test_what_was_struck_over_it_is_told_apart():
    over = CharacterReading(State.DEFINITE, "А", over_stamp="A")
    assert reading_string([over]) == "<А^A>"
    assert reading_string([over], apart=True) == "<Cyrillic A^Latin A>"
    assert reading_string([CharacterReading(State.DEFINITE, "4", over_stamp="6")], apart=True) == "<4^6>"


def test_a_row_of_signs():
    assert reading_string(ROW) == f"АA{NO_CHARACTER}[3/8]?[7]"
    assert {"~", "?", NO_CHARACTER, NOT_READ} <= set(LEGEND)


@given(st.lists(readings, max_size=3), st.lists(readings, max_size=3))
def test_rows_that_say_different_things_look_different(one, other):
    def said(row):
        return [(r.state, r.reading, r.alternatives, r.layer) for r in row]

    assert (reading_string(one) == reading_string(other)) == (said(one) == said(other))


def test_before_the_reveal_nothing_of_the_proposal_is_in_it(casebook, locked):
    value, text = reading_json(casebook, locked), reading_csv(casebook, locked)
    assert value["proposal"] is None
    assert all(position["proposed"] is None for position in value["positions"])
    assert len(value["positions"]) == 6
    assert SECRET not in canonical(value) + text
    assert "0.75" not in canonical(value) + text


def test_the_json_says_who_read_what_when(casebook, locked):
    value = reading_json(casebook, locked)
    assert json.loads(canonical(value)) == value
    assert (value["schema"], value["mode"], value["phase"]) == (3, "casework", "locked")
    assert value["photos"][0]["name"] == "=cmd.jpg"
    assert value["photos"][0]["sha256"] == casebook.photos(locked)[0].sha256
    assert value["own"] == [{"line": 0, "string": f"АA{NO_CHARACTER}[3/8]?[7]"}]
    assert value["final"] == [{"line": 0, "string": NOT_READ * 6}]
    assert [position["number"] for position in value["positions"]] == [1, 2, 3, 4, 5, 6]
    observed = [line for line in casebook.history(locked) if line.kind == "observe"]
    assert [position["own"]["made"] for position in value["positions"]] == [
        {"by": "eva", "at": line.time} for line in observed
    ]
    assert value["ledger"]["head"] == casebook.head()
    assert value["limitation"] == limitation()
    assert calibration().validated_on in value["limitation"]


def test_cyrillic_and_latin_twins_stay_apart_there_and_back(casebook, locked):
    value = json.loads(canonical(reading_json(casebook, locked)))
    back = [reading_from_json(position["own"]) for position in value["positions"]]
    assert back == ROW
    assert back[0] != back[1]
    table = rows(reading_csv(casebook, locked))
    assert [row["own_reading"] for row in table[:2]] == ["А", "A"]


def test_after_the_reveal_own_proposed_and_final_stand_side_by_side(casebook, locked):
    examination = casebook.reveal(locked, "eva")
    for position in examination.positions:
        casebook.act(locked, Decide(position.id, PROBABLE_7), "eva")
    casebook.act(locked, DeletePosition(1), "eva")
    casebook.act(locked, Undo(), "eva")
    casebook.act(locked, DeletePosition(2), "eva")
    casebook.act(locked, Sign(), "eva")
    value = reading_json(casebook, locked)
    assert value["signed"]["by"] == "eva"
    assert value["own"] == [{"line": 0, "string": f"АA{NO_CHARACTER}[3/8]?[7]"}]
    assert value["final"] == [{"line": 0, "string": "[7]" * 6}]
    assert [(p["id"], p["own"]["reading"]) for p in value["removed"]] == [(2, "A")]
    last = value["positions"][-1]
    assert last["own"] is None
    assert last["proposed"]["candidates"] == [{"glyph": "Q", "p": 0.75}, {"glyph": "", "p": 0.2}]
    assert last["final"]["made"]["by"] == "eva"
    assert value["proposal"]["lines"][0]["text"] == SECRET
    table = rows(reading_csv(casebook, locked))
    assert [row["changed"] for row in table] == ["yes", "yes", "yes", "yes", "no", ""]
    assert table[-1]["proposed_candidates"] == "Q:0.7500 :0.2000"


def test_no_cell_of_the_csv_is_a_formula(casebook, locked):
    casebook.reveal(locked, "eva")
    for position, character in zip(casebook.examination(locked).positions, "=+-@'", strict=False):
        casebook.act(locked, Decide(position.id, read(character)), "eva")
    text = reading_csv(casebook, locked)
    table = rows(text)
    assert [row["final_reading"] for row in table[:5]] == ["'=", "'+", "'-", "'@", "''"]
    assert (table[0]["title"], table[0]["photo"]) == ("'@exhibit", "'=cmd.jpg")
    assert table[3]["own_reason"] == "'=closed below"
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in table for cell in row.values())
    assert text.count("\r\n") == len(table) + 1


def test_the_same_state_gives_the_same_bytes(casebook, locked):
    with Casebook(casebook.folder) as again:
        assert canonical(reading_json(again, locked)) == canonical(reading_json(casebook, locked))
        assert reading_csv(again, locked) == reading_csv(casebook, locked)


def test_how_photographs_were_taken_is_in_every_export(casebook, locked):
    said = Conditions("etched", "=Fry's", "3", "NE", "wet")
    casebook.act(locked, DescribePhotos((0,), said), "eva")
    casebook.act(locked, OrderPhotos(PhotoOrder.OWN, (0,)), "eva")
    value = reading_json(casebook, locked)
    assert value["photos"][0]["conditions"] == {
        "method": "etched",
        "reagent": "=Fry's",
        "cycle": "3",
        "light": "NE",
        "note": "wet",
    }
    assert value["photo_order"] == {"by": "own", "own": [0]}
    (first, *_) = rows(reading_csv(casebook, locked))
    assert (first["photo_method"], first["photo_reagent"], first["photo_light"]) == (
        "etched",
        "'=Fry's",
        "NE",
    )
    (photo,) = rows(photographs_csv(casebook, locked))
    assert (photo["number"], photo["name"], photo["cycle"], photo["frame_time_s"]) == (
        "1",
        "'=cmd.jpg",
        "'3",
        "",
    )


def test_photographs_that_joined_later_are_exported_too(casebook, tmp_path):
    paths = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for path in paths:
        path.write_bytes(path.name.encode())
    begun = casebook.begin(Mode.CASEWORK, paths[:1], "eva", "")
    casebook.add_photos(begun, paths[1:], "eva")
    assert [photo["name"] for photo in reading_json(casebook, begun)["photos"]] == ["one.jpg", "two.jpg"]
    assert [row["name"] for row in rows(photographs_csv(casebook, begun))] == ["one.jpg", "two.jpg"]
